#include "map_replica.h"

#include <array>
#include <atomic>
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
/// Of all streams together: some hundred changes of "kept".
constexpr std::size_t kHistoryBytes = 128 * 1024;
constexpr std::array<const char*, 3> kChannels{"kept:a", "tight:a", "live:a"};

}  // namespace

/// Maps while everybody changes, reads and follows them at once.
class MapConcurrencyTest : public QObject {
    Q_OBJECT

    SystemClock clock_;
    capture::Recorder recorder_{clock_};

    /// "kept" has a stream long enough for all, but now and then gives it up for those of all maps together; "tight"
    /// has a short one and keys that expire, "live" none.
    void apply(engine::NodeRegistry& registry) {
        auto project = std::make_shared<engine::ProjectConfig>();
        project->id = "proj_A";
        auth::VerifierOptions options;
        options.keys = auth::VerificationKeys::hs256(auth::Secret(kSecret));
        options.requireExpiry = false;
        project->tokenVerifier = std::make_shared<const auth::TokenVerifier>(clock_, options);
        project->client.pingInterval = Milliseconds(0);
        project->maps.historyBytesTotal = kHistoryBytes;
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
            case 0: return {"kept:a", Encoding::Json, false, false, user};
            case 1: return {"kept:a", Encoding::Protobuf, true, false, user};
            case 2: return {"kept:a", Encoding::Protobuf, true, true, user};
            case 3: return {"tight:a", Encoding::Protobuf, false, false, user};
            case 4: return {"tight:a", Encoding::Protobuf, true, false, user};
            case 5: return {"tight:a", Encoding::Json, false, true, user};
            case 6: return {"live:a", Encoding::Json, false, false, user};
            default: return {"live:a", Encoding::Protobuf, false, true, user};
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
        bool gaveUpChanges = false;
        for (int round = 1; round <= kRounds; ++round) {
            everythingAtOnce();
            const auto changes = *node->mapReadStream("kept:a", {{}, -1, false});
            gaveUpChanges = gaveUpChanges || changes.entries.size() < changes.offset;
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
        QVERIFY(gaveUpChanges);
        QVERIFY(node->maps().historyBytes() <= kHistoryBytes);
        QCOMPARE(node->info().numSubscriptions, std::size_t(0));
        QCOMPARE(node->info().numClients, std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(MapConcurrencyTest)
#include "tst_map_concurrency.moc"
