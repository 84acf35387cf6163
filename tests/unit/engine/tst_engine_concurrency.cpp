#include "remote_client.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace xshathra;
using namespace xshathra::test;

namespace {

constexpr int kLoops = 3;
constexpr int kPublishers = 2;
constexpr int kPublications = 1500;
constexpr auto kChannel = "chat:a";

/// Offsets and data of what came through pushes and recovered lists, in order.
std::vector<std::pair<std::uint64_t, std::string>> received(FakeTransport& transport) {
    std::vector<std::pair<std::uint64_t, std::string>> all;
    for (const auto& reply : transport.takeReplies()) {
        if (const auto* push = std::get_if<protocol::Push>(&reply.result)) {
            if (const auto* publication = std::get_if<protocol::Publication>(&push->message))
                all.emplace_back(publication->offset, std::string(publication->data.view()));
        } else if (const auto* result = std::get_if<protocol::SubscribeResult>(&reply.result)) {
            for (const auto& publication : result->publications)
                all.emplace_back(publication.offset, std::string(publication.data.view()));
        }
    }
    return all;
}

}  // namespace

class EngineConcurrencyTest : public QObject {
    Q_OBJECT

    SystemClock clock_;
    capture::Recorder recorder_{clock_};

    std::unique_ptr<engine::NodeRegistry> makeRegistry(std::int64_t historySize) {
        auto registry = std::make_unique<engine::NodeRegistry>(clock_, recorder_);
        apply(*registry, historySize, true);
        return registry;
    }
    void apply(engine::NodeRegistry& registry, std::int64_t historySize, bool second) {
        auto config = std::make_shared<engine::EngineConfig>();
        for (const auto* id : {"proj_A", "proj_B"}) {
            if (!second && std::string_view(id) == "proj_B")
                continue;
            auto project = std::make_shared<engine::ProjectConfig>();
            project->id = id;
            auth::VerifierOptions options;
            options.keys = auth::VerificationKeys::hs256(auth::Secret(kSecret));
            options.requireExpiry = false;
            project->tokenVerifier = std::make_shared<const auth::TokenVerifier>(clock_, options);
            auto layout = usualLayout();
            layout.namespaces[1].options.historySize = historySize;
            project->client.recoveryMaxPublicationLimit = 100'000;
            project->history.bytesPerChannel = std::size_t{64} << 20;
            project->channels = std::make_shared<const engine::NamespaceRegistry>(layout);
            config->projects.push_back(project);
        }
        config->defaultProject = "proj_A";
        registry.apply(config);
    }

private Q_SLOTS:
    /// Steady subscribers on every loop, others that come and go with recovery, publishers on threads of their own and
    /// on the loops, the capture on: each subscriber sees every publication after its position once, in the one order.
    void everySubscriberSeesTheSameOrderWithoutLoss() {
        auto registry = makeRegistry(100'000);
        recorder_.setActive(true);
        std::vector<std::unique_ptr<LoopThread>> threads;
        for (int i = 0; i < kLoops; ++i)
            threads.push_back(std::make_unique<LoopThread>(*registry, clock_));
        std::vector<std::unique_ptr<Remote>> steady(kLoops * 4);
        std::vector<std::unique_ptr<Remote>> moving(kLoops);
        for (int i = 0; i < kLoops; ++i) {
            threads[std::size_t(i)]->call([&, i] {
                auto& loop = threads[std::size_t(i)]->loop();
                for (int j = 0; j < 4; ++j) {
                    auto& remote = steady[std::size_t(i * 4 + j)];
                    remote = connected(*registry, loop, "s",
                                       j % 2 == 0 ? protocol::Encoding::Json : protocol::Encoding::Protobuf);
                    remote->send(command(2, subscribeTo(kChannel)));
                }
                moving[std::size_t(i)] = connected(*registry, loop, "m", protocol::Encoding::Json);
            });
        }
        const auto node = registry->find("proj_A");
        std::atomic<int> running{kPublishers + kLoops};
        std::vector<std::thread> workers;
        for (int p = 0; p < kPublishers; ++p) {
            workers.emplace_back([&, p] {
                for (int n = 0; n < kPublications; ++n) {
                    engine::PublishOptions options;
                    options.knownJson = true;
                    if (!node->publish(kChannel, SharedBytes(std::to_string(p * 1'000'000 + n)), options))
                        std::abort();
                }
                --running;
            });
        }
        // The moving subscribers leave and come back from where they were, again and again; they publish too.
        std::vector<std::vector<std::pair<std::uint64_t, std::string>>> seen(kLoops);
        std::vector<std::uint64_t> position(kLoops, 0);
        for (int i = 0; i < kLoops; ++i) {
            workers.emplace_back([&, i] {
                const auto at = std::size_t(i);
                for (int round = 0; round < 60; ++round) {
                    threads[at]->call([&] {
                        auto request = subscribeTo(kChannel);
                        request.recover = true;
                        request.offset = position[at];
                        moving[at]->send(command(3, request));
                        moving[at]->send(command(4, publishTo(kChannel, std::to_string(9'000'000 + i * 1000 + round))));
                    });
                    threads[at]->call([&] {
                        for (auto& one : received(moving[at]->transport)) {
                            position[at] = one.first;
                            seen[at].push_back(std::move(one));
                        }
                        moving[at]->send(command(5, protocol::UnsubscribeRequest{kChannel}));
                    });
                }
                --running;
            });
        }
        for (auto& worker : workers)
            worker.join();
        QCOMPARE(running.load(), 0);
        const auto total = std::uint64_t(kPublishers * kPublications + kLoops * 60);
        QCOMPARE(node->history(kChannel, {})->offset, total);
        std::vector<std::pair<std::uint64_t, std::string>> first;
        for (int i = 0; i < kLoops; ++i) {
            const auto at = std::size_t(i);
            threads[at]->call([&] {});  // what was published is delivered before this
            threads[at]->call([&] {
                for (int j = 0; j < 4; ++j) {
                    auto all = received(steady[at * 4 + std::size_t(j)]->transport);
                    if (first.empty())
                        first = all;
                    if (all != first || all.size() != total)
                        std::abort();
                    steady[at * 4 + std::size_t(j)].reset();
                }
                for (const auto& [offset, data] : seen[at]) {
                    if (data != first[offset - 1].second)
                        std::abort();
                }
                // Gapless: every offset from 1 to where it stopped, once.
                for (std::size_t n = 0; n < seen[at].size(); ++n) {
                    if (seen[at][n].first != n + 1)
                        std::abort();
                }
                if (seen[at].size() < 60)
                    std::abort();
                moving[at].reset();
            });
        }
        std::uint64_t offset = 0;
        for (const auto& one : first)
            QCOMPARE(one.first, ++offset);
        recorder_.setActive(false);
        std::vector<capture::Event> events;
        while (recorder_.drain(events, 10'000) > 0) {
        }
        const auto counters = recorder_.counters();
        QCOMPARE(counters.total, counters.kept + counters.evicted);
        // Loops with all subscribers gone leave nothing behind.
        QCOMPARE(node->info().numSubscriptions, std::size_t(0));
        QCOMPARE(node->info().numClients, std::size_t(0));
    }

    /// Everything at once, for the sanitizers: connects, disconnects, server operations, listings, configuration.
    void everythingAtOnce() {
        auto registry = makeRegistry(20);
        std::vector<std::unique_ptr<LoopThread>> threads;
        for (int i = 0; i < kLoops; ++i)
            threads.push_back(std::make_unique<LoopThread>(*registry, clock_));
        std::vector<std::thread> workers;
        for (int i = 0; i < kLoops; ++i) {
            workers.emplace_back([&, i] {
                auto& thread = *threads[std::size_t(i)];
                std::vector<std::unique_ptr<Remote>> remotes(4);
                for (int round = 0; round < 120; ++round) {
                    thread.call([&] {
                        auto& remote = remotes[std::size_t(round) % remotes.size()];
                        remote = connected(*registry, thread.loop(), "u" + std::to_string(round % 3),
                                           round % 2 == 0 ? protocol::Encoding::Json : protocol::Encoding::Protobuf);
                        auto request = subscribeTo("public:a");
                        request.joinLeave = true;
                        remote->send(command(2, request));
                        remote->send(command(3, subscribeTo(kChannel)));
                        remote->send(command(4, publishTo("public:a")));
                        remote->send(command(5, protocol::PresenceRequest{"public:a"}));
                        if (round % 5 == 0)
                            remote->client.transportClosed("test");
                    });
                }
                thread.call([&] { remotes.clear(); });
            });
        }
        workers.emplace_back([&] {
            const auto node = registry->find("proj_A");
            for (int round = 0; round < 150; ++round) {
                const engine::UserTarget target{"u" + std::to_string(round % 3), {}, {}};
                const auto ok =
                    node->publish(kChannel, bytes("1")).has_value() && node->subscribe(target, "match:1").has_value() &&
                    node->unsubscribe(target, round % 2 == 0 ? "match:1" : "").has_value() &&
                    node->refresh(target, std::nullopt).has_value() &&
                    (round % 10 != 0 || node->disconnect(target).has_value()) &&
                    node->presence("public:a").has_value() && node->history(kChannel, {-1, {}, false}).has_value() &&
                    node->historyRemove(kChannel).has_value();
                if (!ok)
                    std::abort();
                static_cast<void>(node->channels());
                static_cast<void>(node->connections());
                static_cast<void>(registry->counters());
                node->sweep();
            }
        });
        workers.emplace_back([&] {
            for (int round = 0; round < 60; ++round)
                apply(*registry, 20 + round % 2, round % 2 == 0);
        });
        for (auto& worker : workers)
            worker.join();
        for (auto& thread : threads) {
            thread->call([] {});
            thread->call([] {});
        }
        const auto node = registry->find("proj_A");
        QCOMPARE(node->info().numClients, std::size_t(0));
        QCOMPARE(node->info().numSubscriptions, std::size_t(0));
        QCOMPARE(node->presenceStats("public:a")->numClients, 0U);
        QCOMPARE(registry->counters().connections, std::uint64_t(0));
    }
};

QTEST_GUILESS_MAIN(EngineConcurrencyTest)
#include "tst_engine_concurrency.moc"
