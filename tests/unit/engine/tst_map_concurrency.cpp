#include "map_test.h"
#include "remote_client.h"
#include "server/protocol/fossil_delta.h"

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

using namespace xshathra;
using namespace xshathra::test;

namespace {

constexpr int kLoops = 3;
constexpr int kPublishers = 2;
constexpr int kReplicasPerLoop = 8;
/// Each ends with a comparison of all replicas.
constexpr int kRounds = 20;
constexpr int kSteps = 120;
constexpr int kKeys = 40;
/// Changes that the publishers may be ahead by, so that a subscriber finds some between any two of its steps.
constexpr int kAhead = 40;
constexpr std::array<const char*, 3> kChannels{"kept:a", "tight:a", "live:a"};

using Random = std::mt19937;
using State = std::map<std::string, std::string>;

int below(Random& random, int limit) {
    return int(random() % std::uint32_t(limit));
}

std::string keyName(int number) {
    return "k" + std::to_string(100 + number);
}

/// The team goes with the key, so that what a filter lets pass stays a part of the map.
std::map<std::string, std::string> tagsOf(int key) {
    return {{"team", key % 2 == 0 ? "a" : "b"}};
}

std::string valueOf(int number) {
    return q("{'the same in all values':'so that differences are short','n':" + std::to_string(number) + "}");
}

int numberOf(std::string_view value) {
    return std::atoi(std::string(value.substr(value.rfind(':') + 1)).c_str());
}

/// What each place of each stream holds, as everybody tells it: all have to agree. Thread-safe.
class Ledger {
public:
    void note(const std::string& channel, const std::string& epoch, std::uint64_t offset, const std::string& key,
              const std::optional<std::string>& value) {
        const std::lock_guard lock(mutex_);
        const auto [at, isNew] = streams_[channel + "/" + epoch].emplace(offset, Change{key, value});
        if (!isNew && (at->second.key != key || at->second.value != value))
            failLocked(channel + ": two changes have the offset " + std::to_string(offset));
    }
    /// What a replica had when it went live, for verify().
    void noteState(const std::string& channel, const std::string& epoch, std::uint64_t offset, State state) {
        const std::lock_guard lock(mutex_);
        states_[channel + "/" + epoch].emplace_back(offset, std::move(state));
    }
    void fail(const std::string& what) {
        const std::lock_guard lock(mutex_);
        failLocked(what);
    }
    /// Plays the changes of each stream anew, and compares with the states that were noted.
    void verify() {
        const std::lock_guard lock(mutex_);
        for (auto& [stream, states] : states_) {
            std::stable_sort(states.begin(), states.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            State truth;
            std::uint64_t offset = 0;
            for (const auto& [wanted, state] : states) {
                for (; offset < wanted; ++offset) {
                    const auto found = streams_[stream].find(offset + 1);
                    if (found == streams_[stream].end())
                        return failLocked(stream + ": nobody made " + std::to_string(offset + 1));
                    if (found->second.value)
                        truth[found->second.key] = *found->second.value;
                    else
                        truth.erase(found->second.key);
                }
                if (state != truth)
                    failLocked(stream + ": another state than the map had at " + std::to_string(wanted));
                ++verified_;
            }
        }
    }
    int verified() const { return verified_; }
    std::string faults() const {
        const std::lock_guard lock(mutex_);
        return faults_;
    }

private:
    struct Change {
        std::string key;
        std::optional<std::string> value;
    };
    void failLocked(const std::string& what) {
        if (faults_.size() < 2000)
            faults_ += what + "\n";
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::uint64_t, Change>> streams_;
    std::map<std::string, std::vector<std::pair<std::uint64_t, State>>> states_;
    std::string faults_;
    int verified_ = 0;
};

/// How often what came to pass, over all replicas.
struct Tally {
    std::atomic<int> statePages{0};
    std::atomic<int> streamPages{0};
    std::atomic<int> fromState{0};
    std::atomic<int> recovered{0};
    std::atomic<int> unrecoverable{0};
    std::atomic<int> lost{0};
    std::atomic<int> patches{0};
    std::atomic<int> pushes{0};
};

/// A map as one client has it, by the rules of the SDKs; on its loop's thread only.
class Replica {
public:
    struct Kind {
        const char* channel;
        protocol::Encoding encoding = protocol::Encoding::Json;
        bool delta = false;
        bool filtered = false;
        /// Of the connection, for the server's operations.
        std::string user;
    };

    Replica(engine::NodeRegistry& registry, engine::Loop& loop, Ledger& ledger, Tally& tally, Kind kind)
        : registry_(registry), loop_(loop), ledger_(ledger), tally_(tally), kind_(std::move(kind)) {
        open();
    }

    /// One step of a client that comes, goes and comes back as chance will have it.
    void step(Random& random) {
        drain();
        const int chance = below(random, 100);
        if (phase_ == Phase::Live) {
            if (chance < 20)
                leave();
            else if (chance < 35)
                reconnect();
            else if (chance < 45 && !isKept())
                change(random);
        } else if (chance < 5) {
            leave();
        } else if (chance < 8) {
            reconnect();
        } else if (phase_ == Phase::Away && chance < 20) {
            phase_ = Phase::Nothing;
        } else {
            goOn(chance % 2);
        }
        drain();
    }
    /// Goes on until it is live. False when that takes too long.
    bool becomeLive() {
        drain();
        for (int i = 0; i < 200 && phase_ != Phase::Live; ++i) {
            goOn(i % 2);
            drain();
        }
        return phase_ == Phase::Live;
    }
    void drain() {
        for (const auto& reply : remote_->transport.takeReplies())
            take(reply);
        if (remote_->transport.closed)
            open();
    }
    bool isLive() const { return phase_ == Phase::Live; }
    const State& state() const { return state_; }
    const Kind& kind() const { return kind_; }

private:
    enum class Phase : std::uint8_t { Nothing, Pages, Stream, Live, Away };

    bool hasStream() const { return std::string_view(kind_.channel) != "live:a"; }
    bool isKept() const { return std::string_view(kind_.channel) == "kept:a"; }
    void fail(const std::string& what) {
        ledger_.fail(std::string(kind_.channel) + (kind_.delta ? " delta" : "") + (kind_.filtered ? " filtered" : "") +
                     " at " + std::to_string(offset_) + ": " + what);
    }

    void open() {
        remote_ = connected(registry_, loop_, kind_.user, kind_.encoding);
        becomeAway();
    }
    void reconnect() {
        remote_->client.transportClosed("test");
        open();
    }
    void leave() {
        remote_->send(command(3, protocol::UnsubscribeRequest{kind_.channel}));
        becomeAway();
    }
    /// A position within the stream can be gone on from, one within the pages of the state can't.
    void becomeAway() {
        phase_ = hasStream() && (phase_ == Phase::Live || phase_ == Phase::Stream || phase_ == Phase::Away)
                     ? Phase::Away
                     : Phase::Nothing;
    }
    /// Clients can't give tags, so they have keys of their own, which no filter lets pass.
    void change(Random& random) {
        const auto key = "own" + std::to_string(below(random, 5));
        auto request = below(random, 3) == 0 ? removeKey(kind_.channel, key)
                                             : setKey(kind_.channel, key, valueOf(below(random, 1000)));
        remote_->send(command(4, std::move(request)));
    }

    void goOn(int recoveryPhase) {
        auto request = mapRequest(kind_.channel);
        if (kind_.delta)
            request.delta = "fossil";
        if (kind_.filtered)
            request.tf = teamIs("a");
        switch (phase_) {
            case Phase::Live:
                return;
            case Phase::Nothing:
                state_.clear();
                numbers_.clear();
                cursor_.clear();
                offset_ = 0;
                epoch_.clear();
                break;
            case Phase::Pages:
                request.cursor = cursor_;
                request.offset = offset_;
                request.epoch = epoch_;
                break;
            case Phase::Away:
                request.recover = true;
                [[fallthrough]];
            case Phase::Stream:
                request.phase = phase_ == Phase::Away ? recoveryPhase : 1;
                request.offset = offset_;
                request.epoch = epoch_;
                break;
        }
        remote_->send(command(2, std::move(request)));
    }

    void take(const protocol::Reply& reply) {
        if (const auto* push = std::get_if<protocol::Push>(&reply.result)) {
            // The server's unsubscribe tells every connection of the user.
            if (push->channel != kind_.channel)
                return;
            if (const auto* publication = std::get_if<protocol::Publication>(&push->message))
                takePush(*publication);
            else if (const auto* end = std::get_if<protocol::Unsubscribe>(&push->message))
                takeEnd(end->code);
        } else if (const auto* result = std::get_if<protocol::SubscribeResult>(&reply.result)) {
            takeResult(*result);
        } else if (reply.error) {
            if (reply.error->code != 112)
                return fail("error " + std::to_string(reply.error->code));
            ++tally_.unrecoverable;
            phase_ = Phase::Nothing;
        }
    }
    void takeEnd(std::uint32_t code) {
        if (code == 2500)
            ++tally_.lost;
        else if (code != 2000)
            fail("unsubscribed with " + std::to_string(code));
        becomeAway();
    }
    void takePush(const protocol::Publication& publication) {
        ++tally_.pushes;
        if (phase_ != Phase::Live)
            return fail("a push while not subscribed");
        apply(publication);
    }
    void takeResult(const protocol::SubscribeResult& result) {
        const bool first = phase_ == Phase::Nothing;
        const bool recovers = phase_ == Phase::Away;
        if (!first && hasStream() && result.epoch != epoch_)
            fail("another epoch");
        epoch_ = result.epoch;
        for (const auto& entry : result.state) {
            state_[entry.key] = std::string(entry.data.view());
            numbers_[entry.key] = numberOf(entry.data.view());
        }
        if (result.phase == 2) {
            ++tally_.statePages;
            if (!first && result.offset != offset_)
                fail("another page has another position");
            offset_ = result.offset;
            cursor_ = result.cursor;
            phase_ = cursor_.empty() ? Phase::Stream : Phase::Pages;
            for (const auto& entry : result.state) {
                if (entry.offset > offset_)
                    fail("the state is ahead of its position");
            }
            return;
        }
        // A state that fits one page brings what came after it along, without a word about where it ended.
        if (first && hasStream())
            offset_ = result.publications.empty() ? result.offset : result.publications.front().offset - 1;
        for (const auto& publication : result.publications)
            apply(publication);
        if (hasStream() && (kind_.filtered ? result.offset < offset_ : result.offset != offset_))
            fail("the changes end elsewhere than at " + std::to_string(result.offset));
        offset_ = result.offset;
        if (result.phase == 1) {
            ++tally_.streamPages;
            phase_ = Phase::Stream;
            return;
        }
        if (recovers && !result.recovered)
            fail("not recovered");
        ++(recovers ? tally_.recovered : tally_.fromState);
        phase_ = Phase::Live;
        if (isKept() && !kind_.filtered)
            ledger_.noteState(kind_.channel, epoch_, offset_, state_);
    }
    void apply(const protocol::Publication& publication) {
        if (hasStream()) {
            if (kind_.filtered ? publication.offset <= offset_ : publication.offset != offset_ + 1)
                fail("the change at " + std::to_string(publication.offset) + " is not the next one");
            offset_ = publication.offset;
        }
        std::optional<std::string> value;
        if (publication.removed) {
            state_.erase(publication.key);
        } else {
            value = std::string(publication.data.view());
            if (publication.delta) {
                ++tally_.patches;
                value = protocol::applyFossilDelta(state_[publication.key], *value);
                if (!value)
                    return fail("a patch that doesn't fit");
            }
            state_[publication.key] = *value;
            // Without offsets, the values tell whether one comes twice or late: each key has one publisher there.
            if (!hasStream() && publication.key.front() == 'k') {
                auto [last, isNew] = numbers_.emplace(publication.key, -1);
                if (last->second >= numberOf(*value))
                    fail("an old value of " + publication.key);
                last->second = numberOf(*value);
            }
        }
        if (hasStream())
            ledger_.note(kind_.channel, epoch_, publication.offset, publication.key, value);
    }

    engine::NodeRegistry& registry_;
    engine::Loop& loop_;
    Ledger& ledger_;
    Tally& tally_;
    const Kind kind_;
    std::unique_ptr<Remote> remote_;
    Phase phase_ = Phase::Nothing;
    State state_;
    std::map<std::string, int> numbers_;
    std::string cursor_;
    std::uint64_t offset_ = 0;
    std::string epoch_;
};

}  // namespace

/// Maps while everybody changes, reads and follows them at once.
class MapConcurrencyTest : public QObject {
    Q_OBJECT

    SystemClock clock_;
    capture::Recorder recorder_{clock_};

    /// "kept" has a stream long enough for all, "tight" a short one and keys that expire, "live" none.
    void apply(engine::NodeRegistry& registry) {
        auto project = std::make_shared<engine::ProjectConfig>();
        project->id = "proj_A";
        auth::VerifierOptions options;
        options.keys = auth::VerificationKeys::hs256(auth::Secret(kSecret));
        options.requireExpiry = false;
        project->tokenVerifier = std::make_shared<const auth::TokenVerifier>(clock_, options);
        project->client.pingInterval = Milliseconds(0);
        auto layout = usualLayout();
        layout.namespaces.push_back(mapNamespace("kept", engine::MapMode::Persistent));
        layout.namespaces.back().options.map.streamSize = 100'000;
        layout.namespaces.back().options.map.liveTransitionMaxPublicationLimit = 40;
        layout.namespaces.push_back(mapNamespace("tight", engine::MapMode::Recoverable));
        layout.namespaces.back().options.map.streamSize = 60;
        layout.namespaces.back().options.map.keyTtl = Milliseconds(5);
        layout.namespaces.back().options.map.metaTtl = Seconds(600);
        layout.namespaces.push_back(mapNamespace("live", engine::MapMode::Ephemeral));
        for (auto& ns : layout.namespaces) {
            ns.options.allowTagsFilter = true;
            ns.options.allowedDeltaTypes = {engine::DeltaType::Fossil};
            if (ns.name == "kept" || ns.name == "tight") {
                ns.options.map.minPageSize = 1;
                ns.options.map.defaultPageSize = 10;
            }
        }
        project->channels = std::make_shared<const engine::NamespaceRegistry>(layout);
        auto config = std::make_shared<engine::EngineConfig>();
        config->projects.push_back(project);
        config->defaultProject = "proj_A";
        registry.apply(config);
    }

    static Replica::Kind kindOf(int loop, int number) {
        using protocol::Encoding;
        const std::string user = "u" + std::to_string(loop);
        switch (number) {
            case 0:
                return {"kept:a", Encoding::Json, false, false, user};
            case 1:
                return {"kept:a", Encoding::Protobuf, true, false, user};
            case 2:
                return {"kept:a", Encoding::Protobuf, true, true, user};
            case 3:
                return {"tight:a", Encoding::Protobuf, false, false, user};
            case 4:
                return {"tight:a", Encoding::Protobuf, true, false, user};
            case 5:
                return {"tight:a", Encoding::Json, false, true, user};
            case 6:
                return {"live:a", Encoding::Json, false, false, user};
            default:
                return {"live:a", Encoding::Protobuf, false, true, user};
        }
    }

    /// One operation of the server's, by one of the publishers; `number` grows.
    static void operate(engine::Node& node, Random& random, Ledger& ledger, int publisher, int number) {
        const std::string channel = kChannels[std::size_t(below(random, int(kChannels.size())))];
        auto keyNumber = below(random, kKeys);
        if (channel == "live:a")
            keyNumber = keyNumber / kPublishers * kPublishers + publisher;
        const auto key = keyName(keyNumber);
        const auto chance = below(random, 1000);
        bool ok = true;
        if (chance < 700) {
            engine::MapPublishOptions options;
            options.tags = tagsOf(keyNumber);
            options.delta = chance % 2 == 0;
            if (chance < 50) {
                options.keyMode = engine::MapKeyMode::IfNew;
                options.refreshTtl = true;
            } else if (chance < 100) {
                options.idempotencyKey = std::to_string(number / 10);
            }
            const auto value = valueOf(number);
            const auto result = node.mapPublish(channel, key, SharedBytes(value), options);
            ok = result.has_value();
            if (ok && result->suppressed == engine::MapSuppressed::No && result->offset > 0)
                ledger.note(channel, result->epoch, result->offset, key, value);
        } else if (chance < 880) {
            const auto result = node.mapRemove(channel, key);
            ok = result.has_value();
            if (ok && result->suppressed == engine::MapSuppressed::No && result->offset > 0)
                ledger.note(channel, result->epoch, result->offset, key, std::nullopt);
        } else if (chance < 940) {
            const auto page = node.mapReadState(channel, {key, 1 + below(random, 20), {}, {}});
            ok = page.has_value();
            for (std::size_t i = 0; ok && i < page->entries.size(); ++i)
                ok = page->entries[i].publication.offset <= page->offset && page->entries[i].publication.key > key;
        } else if (chance < 990) {
            const auto page = node.mapReadStream(channel, {{}, 1 + below(random, 20), true});
            ok = page.has_value();
            // Gapless and from the top, whatever goes on.
            for (std::size_t i = 0; ok && i < page->entries.size(); ++i)
                ok = page->entries[i].publication.offset == page->offset - i;
        } else if (chance < 993 && channel != "live:a") {
            ok = node.mapClear(channel).has_value();
        } else {
            const engine::UserTarget target{"u" + std::to_string(below(random, kLoops)), {}, {}};
            ok = node.mapStats(channel).has_value() && node.unsubscribe(target, channel).has_value();
        }
        if (!ok)
            ledger.fail("an operation on " + channel + " went wrong");
    }

    static State brokerState(engine::Node& node, const std::string& channel, bool filtered) {
        State state;
        const auto page = *node.mapReadState(channel, {{}, -1, {}, {}});
        for (const auto& entry : page.entries) {
            const auto& publication = entry.publication;
            const auto team = publication.tags.find("team");
            if (!filtered || (team != publication.tags.end() && team->second == "a"))
                state[publication.key] = std::string(publication.data.view());
        }
        return state;
    }

private Q_SLOTS:
    void everyReplicaBecomesTheMap() {
        auto registry = std::make_unique<engine::NodeRegistry>(clock_, recorder_);
        apply(*registry);
        const auto node = registry->find("proj_A");
        Ledger ledger;
        Tally tally;
        std::vector<std::unique_ptr<LoopThread>> threads;
        std::vector<std::vector<std::unique_ptr<Replica>>> replicas(kLoops);
        for (int i = 0; i < kLoops; ++i) {
            threads.push_back(std::make_unique<LoopThread>(*registry, clock_));
            threads.back()->call([&] {
                for (int j = 0; j < kReplicasPerLoop; ++j)
                    replicas[std::size_t(i)].push_back(std::make_unique<Replica>(
                        *registry, threads[std::size_t(i)]->loop(), ledger, tally, kindOf(i, j)));
            });
        }
        std::vector<Random> randoms;
        std::vector<int> numbers(kPublishers, 1);
        for (int i = 0; i < kPublishers + kLoops; ++i)
            randoms.emplace_back(std::uint32_t(i));
        const auto everythingAtOnce = [&] {
            std::atomic<int> steps{0};
            std::atomic<int> running{kLoops};
            std::vector<std::thread> workers;
            for (int p = 0; p < kPublishers; ++p) {
                workers.emplace_back([&, p] {
                    for (int n = 0; running > 0; ++n) {
                        operate(*node, randoms[std::size_t(p)], ledger, p, ++numbers[std::size_t(p)]);
                        while (n > steps + kAhead && running > 0)
                            std::this_thread::yield();
                    }
                });
            }
            workers.emplace_back([&] {
                for (int n = 0; running > 0; ++n) {
                    node->sweep();
                    if (n % 100 == 0)
                        apply(*registry);
                    std::this_thread::yield();
                }
            });
            for (int i = 0; i < kLoops; ++i) {
                workers.emplace_back([&, i] {
                    auto& random = randoms[std::size_t(kPublishers + i)];
                    auto& mine = replicas[std::size_t(i)];
                    for (int n = 0; n < kSteps; ++n) {
                        threads[std::size_t(i)]->call([&] { mine[random() % mine.size()]->step(random); });
                        ++steps;
                    }
                    --running;
                });
            }
            for (auto& worker : workers)
                worker.join();
        };
        const auto everywhere = [&](auto action) {
            for (std::size_t i = 0; i < threads.size(); ++i) {
                threads[i]->call([] {});  // what was published is delivered before this
                threads[i]->call([&] {
                    for (auto& replica : replicas[i])
                        action(*replica);
                });
            }
        };
        const auto settle = [&](int number) {
            for (const char* channel : kChannels) {
                engine::MapPublishOptions options;
                options.tags = tagsOf(0);
                const auto value = valueOf(number);
                const auto result = node->mapPublish(channel, "end", SharedBytes(value), options);
                if (!result)
                    ledger.fail("the last change went wrong");
                else if (result->offset > 0)
                    ledger.note(channel, result->epoch, result->offset, "end", value);
            }
            everywhere([&](Replica& replica) {
                if (!replica.becomeLive())
                    ledger.fail("a replica never goes live");
            });
        };
        const auto compare = [&] {
            everywhere([&](Replica& replica) {
                replica.drain();
                const auto& kind = replica.kind();
                if (!replica.isLive() || replica.state() != brokerState(*node, kind.channel, kind.filtered))
                    ledger.fail(std::string(kind.channel) + ": a replica isn't the map at the end");
            });
        };
        for (int round = 1; round <= kRounds; ++round) {
            everythingAtOnce();
            for (const char* channel : {"kept:a", "tight:a"})
                QVERIFY(round % 5 != 0 || node->mapClear(channel).has_value());
            // The first change tells those who follow a map that was cleared, and the second all the others.
            settle(2 * round);
            settle(2 * round + 1);
            compare();
        }
        ledger.verify();
        everywhere([](Replica& replica) { replica.drain(); });
        for (std::size_t i = 0; i < threads.size(); ++i)
            threads[i]->call([&] { replicas[i].clear(); });
        const auto faults = ledger.faults();
        QVERIFY2(faults.empty(), faults.c_str());
        QVERIFY(tally.statePages > 0);
        QVERIFY(tally.streamPages > 0);
        QVERIFY(tally.fromState > 0);
        QVERIFY(tally.recovered > 0);
        QVERIFY(tally.unrecoverable > 0);
        QVERIFY(tally.lost > 0);
        QVERIFY(tally.patches > 0);
        QVERIFY(ledger.verified() > 0);
        qInfo(
            "%d state pages, %d stream pages, %d from the state, %d recovered, %d unrecoverable, %d lost, %d patches, "
            "%d pushes, %d states",
            tally.statePages.load(), tally.streamPages.load(), tally.fromState.load(), tally.recovered.load(),
            tally.unrecoverable.load(), tally.lost.load(), tally.patches.load(), tally.pushes.load(),
            ledger.verified());
        QCOMPARE(node->info().numSubscriptions, std::size_t(0));
        QCOMPARE(node->info().numClients, std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(MapConcurrencyTest)
#include "tst_map_concurrency.moc"
