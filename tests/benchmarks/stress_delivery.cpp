// Subscribe, publish, recover and disconnect all at once, on several loops, with slow and flapping clients, in both
// encodings, with deltas and filters: whether every subscriber of a channel sees the one order without loss, and
// whether a client that comes back is gapless or told that it isn't. Ends with 1 on the first fault.

#include "server/protocol/fossil_delta.h"
#include "server/protocol/reply_decoder.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/loop_thread.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace xshathra;
using namespace xshathra::test;

namespace {

constexpr int kLoops = 3;
constexpr int kPublishers = 2;
constexpr int kChannels = 4;
/// Publications that a channel has room for in the log.
constexpr std::size_t kMaxPublications = 2'000'000;

[[noreturn]] void fault(const std::string& what) {
    std::fprintf(stderr, "FAULT: %s\n", what.c_str());
    std::_Exit(1);
}

/// What stands at each offset of a channel: the first reader says it, the others must have seen the same.
class Log {
public:
    void check(std::uint64_t offset, std::string_view data) {
        if (offset >= hashes_.size())
            fault("more publications than the log has room for");
        const std::uint64_t hash = std::hash<std::string_view>{}(data) | 1;
        std::uint64_t seen = 0;
        if (!hashes_[offset].compare_exchange_strong(seen, hash, std::memory_order_relaxed) && seen != hash)
            fault("two clients saw different publications at offset " + std::to_string(offset));
    }

private:
    std::vector<std::atomic<std::uint64_t>> hashes_ = std::vector<std::atomic<std::uint64_t>>(kMaxPublications);
};

struct Channel {
    std::string name;
    Log log;
    /// Published with the tag that filtered clients want.
    std::atomic<std::uint64_t> wanted{0};
};

struct Totals {
    std::atomic<std::uint64_t> deliveries{0};
    std::atomic<std::uint64_t> patches{0};
    std::atomic<std::uint64_t> recovered{0};
    std::atomic<std::uint64_t> unrecovered{0};
    std::atomic<std::uint64_t> cutForSlowness{0};
    std::atomic<std::uint64_t> lostState{0};
    std::atomic<std::uint64_t> payloads{0};
};

std::string payload(Totals& totals, int author) {
    const auto number = totals.payloads.fetch_add(1, std::memory_order_relaxed);
    return "{\"text\":\"the same in every publication of this program\",\"author\":" + std::to_string(author) +
           ",\"number\":" + std::to_string(number) + "}";
}

/// A JSON string's text; only what the payloads and patches of this program need.
std::string unquoted(std::string_view json) {
    std::string text;
    for (std::size_t i = 1; i + 1 < json.size(); ++i) {
        if (json[i] != '\\') {
            text += json[i];
            continue;
        }
        const char kind = json[++i];
        if (kind == 'u') {
            text += char(std::strtol(std::string(json.substr(i + 1, 4)).c_str(), nullptr, 16));
            i += 4;
        } else {
            text += kind == 'n' ? '\n' : kind;
        }
    }
    return text;
}

/// Decodes each message once for all clients of a loop that get it.
class SharedDecoder {
public:
    const std::vector<protocol::Reply>& decode(protocol::Encoding encoding, const protocol::Frame& frame) {
        auto& last = last_[encoding == protocol::Encoding::Json ? 0 : 1];
        if (last.frame.empty() || last.frame.framed().data() != frame.framed().data()) {
            last.frame = frame;
            last.replies = protocol::decodeReplies(encoding, frame.message()).replies;
        }
        return last.replies;
    }

private:
    struct Entry {
        protocol::Frame frame;
        std::vector<protocol::Reply> replies;
    };
    Entry last_[2];
};

struct Kind {
    protocol::Encoding encoding = protocol::Encoding::Json;
    bool delta = false;
    bool filtered = false;
    bool flapping = false;
    bool slow = false;
};

/// One subscriber that checks what it gets. Lives on its loop's thread.
class Actor final : public engine::Transport {
public:
    Actor(engine::NodeRegistry& registry, engine::Loop& loop, SharedDecoder& decoder, Channel& channel, Totals& totals,
          Kind kind, int number)
        : registry_(registry),
          loop_(loop),
          decoder_(decoder),
          channel_(channel),
          totals_(totals),
          kind_(kind),
          number_(number),
          random_(std::uint32_t(number)) {
        info_.encoding = kind.encoding;
        connect();
    }

    std::size_t send(const protocol::Frame& frame) override {
        if (!frozen_) {
            read(frame);
            return 0;
        }
        held_.push_back(frame);
        pending_ += frame.framed().size();
        return pending_;
    }
    std::size_t pendingBytes() const override { return pending_; }
    void close(const protocol::Disconnect& disconnect) override {
        closed_ = true;
        if (disconnect.code == std::uint32_t(protocol::DisconnectCode::Slow))
            ++totals_.cutForSlowness;
        else if (disconnect.code != std::uint32_t(protocol::DisconnectCode::ForceDisconnect))
            fault("closed with " + std::to_string(disconnect.code));
    }
    void sendNativePing() override {}
    const engine::TransportInfo& info() const override { return info_; }

    /// Does something at random: leaves, comes back, stops reading, publishes.
    void act() {
        if (closed_ || !subscribed_) {
            comeBack();
            return;
        }
        const auto choice = random_() % 8;
        if (kind_.slow) {
            if (choice == 0 && !frozen_)
                frozen_ = true;
            else if (choice == 1)
                thaw();
        }
        if (!kind_.flapping || frozen_)
            return;
        if (choice == 2) {
            client_->transportClosed("flapping");
            closed_ = true;
        } else if (choice == 3) {
            command(protocol::UnsubscribeRequest{channel_.name});
            subscribed_ = false;
        } else if (choice == 4) {
            protocol::PublishRequest request;
            request.channel = channel_.name;
            request.data = SharedBytes(payload(totals_, number_));
            command(std::move(request));
        } else if (choice == 5) {
            const auto node = registry_.find("proj_A");
            static_cast<void>(node->disconnect({client_->user(), client_->id(), {}}));
        }
    }

    /// Reads what waits and is subscribed again.
    void settle() {
        thaw();
        if (closed_ || !subscribed_)
            comeBack();
    }
    void checkEnd(std::uint64_t top) const {
        if (!kind_.filtered && position_ != top)
            fault(name() + " ended at " + std::to_string(position_) + " of " + std::to_string(top));
        if (kind_.filtered && !kind_.flapping && taken_ != channel_.wanted)
            fault(name() + " got " + std::to_string(taken_) + " of " + std::to_string(channel_.wanted.load()));
    }

private:
    std::string name() const { return "client " + std::to_string(number_) + " in " + channel_.name; }

    void connect() {
        closed_ = false;
        frozen_ = false;
        held_.clear();
        pending_ = 0;
        client_ = std::make_unique<engine::Client>(registry_, loop_, *this);
        protocol::ConnectRequest request;
        request.token = connectToken("{\"sub\":\"u" + std::to_string(number_ % 5) + "\"}");
        command(std::move(request));
        subscribe();
    }
    void comeBack() {
        if (closed_)
            connect();
        else
            subscribe();
    }
    void subscribe() {
        protocol::SubscribeRequest request;
        request.channel = channel_.name;
        request.recover = known_;
        request.offset = position_;
        request.epoch = epoch_;
        if (kind_.delta)
            request.delta = "fossil";
        if (kind_.filtered) {
            request.tf.emplace();
            request.tf->key = "wanted";
            request.tf->cmp = "ex";
        }
        command(std::move(request));
    }
    template <typename Request>
    void command(Request request) {
        protocol::Command command;
        command.id = ++lastId_;
        command.request = std::move(request);
        client_->handleFrame(protocol::encodeCommand(kind_.encoding, command));
    }
    void thaw() {
        frozen_ = false;
        pending_ = 0;
        for (const auto& frame : std::exchange(held_, {})) {
            if (!closed_)
                read(frame);
        }
    }

    void read(const protocol::Frame& frame) {
        for (const auto& reply : decoder_.decode(kind_.encoding, frame)) {
            if (reply.error)
                fault(name() + " was refused with " + std::to_string(reply.error->code));
            if (const auto* result = std::get_if<protocol::SubscribeResult>(&reply.result))
                start(*result);
            else if (const auto* push = std::get_if<protocol::Push>(&reply.result))
                take(*push);
        }
    }
    void start(const protocol::SubscribeResult& result) {
        subscribed_ = true;
        if (result.wasRecovering != known_)
            fault(name() + " was told of a recovery that it didn't ask for, or not told");
        if (result.recovered) {
            ++totals_.recovered;
            if (result.offset != position_)
                fault(name() + " recovered from another offset");
            for (const auto& publication : result.publications)
                take(publication);
            if (kind_.filtered)
                position_ = std::max(position_, result.offset);
        } else {
            totals_.unrecovered += known_ ? 1 : 0;
            if (!result.publications.empty())
                fault(name() + " got publications without being recovered");
            position_ = result.offset;
        }
        known_ = true;
        epoch_ = result.epoch;
    }
    void take(const protocol::Push& push) {
        if (const auto* publication = std::get_if<protocol::Publication>(&push.message)) {
            take(*publication);
        } else if (const auto* end = std::get_if<protocol::Unsubscribe>(&push.message)) {
            if (end->code != std::uint32_t(protocol::UnsubscribeCode::InsufficientState))
                fault(name() + " was unsubscribed with " + std::to_string(end->code));
            ++totals_.lostState;
            subscribed_ = false;
        }
    }
    void take(const protocol::Publication& publication) {
        if (!subscribed_)
            fault(name() + " got a publication without being subscribed");
        if (kind_.filtered ? publication.offset <= position_ : publication.offset != position_ + 1)
            fault(name() + " got offset " + std::to_string(publication.offset) + " after " + std::to_string(position_));
        if (kind_.filtered && publication.tags.count("wanted") == 0)
            fault(name() + " got what its filter leaves out");
        position_ = publication.offset;
        ++taken_;
        totals_.deliveries.fetch_add(1, std::memory_order_relaxed);
        if (!kind_.delta) {
            channel_.log.check(publication.offset, publication.data.view());
            return;
        }
        auto text = kind_.encoding == protocol::Encoding::Json ? unquoted(publication.data.view())
                                                               : std::string(publication.data.view());
        if (publication.delta) {
            totals_.patches.fetch_add(1, std::memory_order_relaxed);
            auto made = protocol::applyFossilDelta(base_, text);
            if (!made)
                fault(name() + " got a patch that doesn't fit");
            text = std::move(*made);
        }
        channel_.log.check(publication.offset, text);
        base_ = std::move(text);
    }

    engine::NodeRegistry& registry_;
    engine::Loop& loop_;
    SharedDecoder& decoder_;
    Channel& channel_;
    Totals& totals_;
    const Kind kind_;
    const int number_;
    std::mt19937 random_;
    engine::TransportInfo info_;
    std::vector<protocol::Frame> held_;
    std::size_t pending_ = 0;
    bool frozen_ = false;
    bool closed_ = false;
    bool subscribed_ = false;
    /// It has been subscribed, so it has a position to recover from.
    bool known_ = false;
    std::uint64_t position_ = 0;
    std::uint64_t taken_ = 0;
    std::string epoch_;
    std::string base_;
    std::uint32_t lastId_ = 0;
    std::unique_ptr<engine::Client> client_;
};

void configure(engine::NodeRegistry& registry, const Clock& clock) {
    auto project = std::make_shared<engine::ProjectConfig>();
    project->id = "proj_A";
    auth::VerifierOptions verifier;
    verifier.keys = auth::VerificationKeys::hs256(auth::Secret(kSecret));
    verifier.requireExpiry = false;
    project->tokenVerifier = std::make_shared<const auth::TokenVerifier>(clock, verifier);
    project->client.pingInterval = Milliseconds(0);
    project->client.queueMaxSize = 32 * 1024;
    engine::ChannelLayout layout;
    engine::NamespaceOptions stress;
    stress.name = "stress";
    // Short enough that a client that is away for long can't be recovered.
    stress.options.historySize = 150;
    stress.options.historyTtl = Seconds(3600);
    stress.options.forceRecovery = true;
    stress.options.allowSubscribeForClient = true;
    stress.options.allowPublishForClient = true;
    stress.options.allowedDeltaTypes = {engine::DeltaType::Fossil};
    stress.options.deltaPublish = true;
    stress.options.allowTagsFilter = true;
    layout.namespaces.push_back(stress);
    project->channels = std::make_shared<const engine::NamespaceRegistry>(layout);
    auto config = std::make_shared<engine::EngineConfig>();
    config->projects = {project};
    config->defaultProject = "proj_A";
    registry.apply(config);
}

std::vector<Kind> kinds() {
    using protocol::Encoding;
    std::vector<Kind> all;
    for (const auto encoding : {Encoding::Json, Encoding::Protobuf}) {
        for (const bool delta : {false, true}) {
            all.push_back({encoding, delta, false, false, false});
            all.push_back({encoding, delta, false, true, false});
            all.push_back({encoding, delta, false, true, true});
        }
        all.push_back({encoding, false, true, false, false});
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t wanted = 10'000'000;
    CLI::App app("Order, loss and recovery under concurrency; ends with 1 on the first fault");
    app.add_option("--deliveries", wanted, "publications to deliver, all clients together");
    CLI11_PARSE(app, argc, argv);

    const auto startedAt = std::chrono::steady_clock::now();
    SystemClock clock;
    capture::Recorder recorder(clock);
    engine::NodeRegistry registry(clock, recorder);
    configure(registry, clock);
    Totals totals;
    std::vector<std::unique_ptr<Channel>> channels;
    for (int i = 0; i < kChannels; ++i) {
        channels.push_back(std::make_unique<Channel>());
        channels.back()->name = "stress:" + std::to_string(i);
    }
    std::vector<std::unique_ptr<LoopThread>> threads;
    std::vector<SharedDecoder> decoders(kLoops);
    std::vector<std::vector<std::unique_ptr<Actor>>> actors(kLoops);
    for (int i = 0; i < kLoops; ++i)
        threads.push_back(std::make_unique<LoopThread>(registry, clock));
    int number = 0;
    for (std::size_t i = 0; i < kLoops; ++i) {
        threads[i]->call([&] {
            for (const auto& channel : channels) {
                for (const auto& kind : kinds())
                    actors[i].push_back(std::make_unique<Actor>(registry, threads[i]->loop(), decoders[i], *channel,
                                                                totals, kind, ++number));
            }
        });
    }

    const auto node = registry.find("proj_A");
    std::atomic<int> publishing{kPublishers};
    std::vector<std::thread> workers;
    for (int author = 0; author < kPublishers; ++author) {
        workers.emplace_back([&, author] {
            std::mt19937 random{std::uint32_t(author)};
            while (totals.deliveries.load(std::memory_order_relaxed) < wanted) {
                for (int n = 0; n < 40; ++n) {
                    auto& channel = *channels[random() % kChannels];
                    engine::PublishOptions options;
                    options.knownJson = true;
                    if (random() % 2 == 0) {
                        options.tags = {{"wanted", "yes"}};
                        ++channel.wanted;
                    }
                    if (!node->publish(channel.name, SharedBytes(payload(totals, author)), options))
                        fault("a publish was refused");
                    if (random() % 20'000 == 0 && !node->historyRemove(channel.name))
                        fault("history couldn't be removed");
                }
                // Publishers mustn't run away from the loops, or memory would grow without end.
                for (const auto& thread : threads)
                    thread->call([] {});
            }
            --publishing;
        });
    }
    for (std::size_t i = 0; i < kLoops; ++i) {
        workers.emplace_back([&, i] {
            while (publishing > 0) {
                threads[i]->call([&] {
                    for (const auto& actor : actors[i])
                        actor->act();
                });
            }
        });
    }
    for (auto& worker : workers)
        worker.join();

    // Clients that publish cause more deliveries, so some rounds until nothing is under way.
    for (int round = 0; round < 4; ++round) {
        for (std::size_t i = 0; i < kLoops; ++i) {
            threads[i]->call([&] {
                for (const auto& actor : actors[i])
                    actor->settle();
            });
        }
    }
    for (std::size_t i = 0; i < kLoops; ++i) {
        threads[i]->call([&] {
            std::size_t at = 0;
            for (const auto& channel : channels) {
                const auto top = node->history(channel->name, {})->offset;
                for (std::size_t n = 0; n < kinds().size(); ++n)
                    actors[i][at++]->checkEnd(top);
            }
        });
    }
    for (std::size_t i = 0; i < kLoops; ++i)
        threads[i]->call([&] { actors[i].clear(); });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - startedAt;
    const auto of = [](const std::atomic<std::uint64_t>& figure) {
        return static_cast<unsigned long long>(figure.load());
    };
    std::printf(
        "%llu deliveries (%llu as patches) of %llu publications in %.1f s; recovered %llu, told that they "
        "can't be %llu, cut for slowness %llu, resubscribed after lost state %llu\n",
        of(totals.deliveries), of(totals.patches), of(totals.payloads), took.count(), of(totals.recovered),
        of(totals.unrecovered), of(totals.cutForSlowness), of(totals.lostState));
    if (totals.recovered == 0 || totals.patches == 0)
        fault("nothing was recovered or patched: the run proves too little");
    return 0;
}
