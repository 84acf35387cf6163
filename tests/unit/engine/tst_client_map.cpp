#include "map_test.h"
#include "server/protocol/fossil_delta.h"

using namespace xshathra;
using namespace xshathra::test;

class ClientMapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void smallMapGoesLiveAtOnce_data() { bothEncodings(); }
    void smallMapGoesLiveAtOnce() {
        QFETCH(bool, binary);
        EngineFixture engine;
        useMaps(engine);
        engine.node().mapPublish("kept:a", "x", SharedBytes("1")).value();
        engine.node().mapPublish("live:a", "x", SharedBytes("1")).value();
        auto peer = connectAs(engine, "42", binary);
        auto result = subscribeMap(*peer, mapRequest("kept:a"));
        QCOMPARE(result.type, 1);
        QCOMPARE(result.phase, 0);
        QCOMPARE(keysOf(result.state), std::string("x=1"));
        QCOMPARE(result.state[0].epoch, result.epoch);
        QCOMPARE(result.offset, std::uint64_t(1));
        QVERIFY(!result.epoch.empty());
        QVERIFY(result.recoverable);
        QVERIFY(!result.positioned);
        QVERIFY(!result.wasRecovering);
        result = subscribeMap(*peer, mapRequest("live:a"));
        QCOMPARE(keysOf(result.state), std::string("x=1"));
        QVERIFY(!result.recoverable);
        QCOMPARE(result.offset, std::uint64_t(0));
        QVERIFY(!result.epoch.empty());
        engine.node().mapPublish("kept:a", "y", SharedBytes("2")).value();
        engine.node().mapRemove("kept:a", "x").value();
        engine.node().mapPublish("live:a", "y", SharedBytes("3")).value();
        engine.turn();
        const auto changes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(changes.size(), std::size_t(3));
        QCOMPARE(changes[0].second.offset, std::uint64_t(2));
        QVERIFY(changes[0].second.epoch.empty());
        QCOMPARE(changes[1].second.offset, std::uint64_t(3));
        QVERIFY(changes[1].second.removed);
        QCOMPARE(changes[2].first, std::string("live:a"));
        QCOMPARE(changes[2].second.offset, std::uint64_t(0));
    }

    void pagesThenStreamThenLive_data() { bothEncodings(); }
    void pagesThenStreamThenLive() {
        QFETCH(bool, binary);
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces)
                ns.options.map.streamSize = ns.name == "kept" ? 1000 : ns.options.map.streamSize;
        });
        setMany(engine, "kept:a", 250);
        auto peer = connectAs(engine, "42", binary);
        auto request = mapRequest("kept:a");
        request.limit = 100;
        auto page = subscribeMap(*peer, request);
        QCOMPARE(page.phase, 2);
        QCOMPARE(page.state.size(), std::size_t(100));
        QCOMPARE(page.cursor, std::string("k0099"));
        QCOMPARE(page.offset, std::uint64_t(250));
        // While the client reads, the map goes on.
        setMany(engine, "kept:a", 220, 50);
        request.cursor = page.cursor;
        request.offset = page.offset;
        request.epoch = page.epoch;
        page = subscribeMap(*peer, request);
        QCOMPARE(page.phase, 2);
        // Keys that have changed since come by the stream.
        QCOMPARE(page.state.size(), std::size_t(0));
        QCOMPARE(page.offset, std::uint64_t(250));
        request.cursor = page.cursor;
        page = subscribeMap(*peer, request);
        QCOMPARE(page.phase, 2);
        QVERIFY(page.cursor.empty());
        request.cursor.clear();
        request.phase = 1;
        page = subscribeMap(*peer, request);
        QCOMPARE(page.phase, 1);
        QCOMPARE(page.publications.size(), std::size_t(100));
        QCOMPARE(page.offset, std::uint64_t(350));
        request.offset = page.offset;
        page = subscribeMap(*peer, request);
        QCOMPARE(page.offset, std::uint64_t(450));
        setMany(engine, "kept:a", 1, 300);
        request.offset = page.offset;
        page = subscribeMap(*peer, request);
        QCOMPARE(page.phase, 0);
        QCOMPARE(page.publications.size(), std::size_t(21));
        QCOMPARE(page.offset, std::uint64_t(471));
        setMany(engine, "kept:a", 1, 301);
        engine.turn();
        QCOMPARE(changesOf(*peer), std::string("k0301=301"));
    }

    void pageSizesAreBounded() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            auto small = mapNamespace("paged", engine::MapMode::Ephemeral);
            small.options.map.minPageSize = 2;
            small.options.map.defaultPageSize = 3;
            small.options.map.maxPageSize = 4;
            layout.namespaces.push_back(small);
        });
        setMany(engine, "paged:a", 10);
        setMany(engine, "live:a", 1200);
        const auto sizeOf = [&](const char* channel, int limit) {
            auto peer = engine.connect("42");
            auto request = mapRequest(channel);
            request.limit = limit;
            return subscribeMap(*peer, request).state.size();
        };
        QCOMPARE(sizeOf("paged:a", 0), std::size_t(3));
        QCOMPARE(sizeOf("paged:a", 1), std::size_t(2));
        QCOMPARE(sizeOf("paged:a", 4), std::size_t(4));
        QCOMPARE(sizeOf("paged:a", 5), std::size_t(4));
        QCOMPARE(sizeOf("paged:a", -1), std::size_t(3));
        QCOMPARE(sizeOf("live:a", 0), std::size_t(100));
        QCOMPARE(sizeOf("live:a", 99), std::size_t(100));
        QCOMPARE(sizeOf("live:a", 101), std::size_t(101));
        QCOMPARE(sizeOf("live:a", 1001), std::size_t(1000));
    }

    void ephemeralMapLosesNothingOnItsLastPage() {
        EngineFixture engine;
        useMaps(engine);
        setMany(engine, "live:a", 150);
        auto peer = engine.connect("42");
        auto request = mapRequest("live:a");
        auto page = subscribeMap(*peer, request);
        request.cursor = page.cursor;
        request.offset = page.offset;
        request.epoch = page.epoch;
        // More keys than fit one page any more: the last page takes them all.
        setMany(engine, "live:a", 3, 200);
        page = subscribeMap(*peer, request);
        QCOMPARE(page.phase, 0);
        QCOMPARE(page.state.size(), std::size_t(53));
        QCOMPARE(page.epoch, request.epoch);
    }

    void recovers_data() { bothEncodings(); }
    void recovers() {
        QFETCH(bool, binary);
        EngineFixture engine;
        useMaps(engine);
        const auto first = engine.node().mapPublish("kept:a", "x", SharedBytes("1")).value();
        engine.node().mapPublish("kept:a", "y", SharedBytes("2")).value();
        engine.node().mapRemove("kept:a", "x").value();
        for (const int phase : {1, 0}) {
            auto peer = connectAs(engine, "42", binary);
            auto request = mapRequest("kept:a", phase);
            request.recover = true;
            request.offset = first.offset;
            request.epoch = first.epoch;
            const auto result = subscribeMap(*peer, request);
            QCOMPARE(result.phase, 0);
            QVERIFY(result.wasRecovering);
            QVERIFY(result.recovered);
            QCOMPARE(keysOf(result.publications), std::string("y=2 -x"));
            QCOMPARE(result.offset, std::uint64_t(3));
            QCOMPARE(result.state.size(), std::size_t(0));
        }
    }

    void unrecoverablePositions() {
        EngineFixture engine;
        useMaps(engine);
        const auto first = engine.node().mapPublish("small:a", "x", SharedBytes("1")).value();
        for (int i = 0; i < 3; ++i)
            engine.node().mapPublish("small:a", "y", SharedBytes("2")).value();
        const auto codeOf = [&](std::uint64_t offset, const std::string& epoch, const char* channel = "small:a") {
            auto peer = engine.connect("42");
            auto request = mapRequest(channel, 1);
            request.recover = true;
            request.offset = offset;
            request.epoch = epoch;
            const auto code = errorOf(ask(*peer, request));
            // A client that starts anew gets in.
            const bool works = code == 0 || subscribeMap(*peer, mapRequest(channel)).type == 1;
            return works ? code : 1U;
        };
        QCOMPARE(codeOf(1, first.epoch), 112U);
        QCOMPARE(codeOf(2, first.epoch), 0U);
        QCOMPARE(codeOf(4, first.epoch), 0U);
        QCOMPARE(codeOf(4, "other"), 112U);
        QCOMPARE(codeOf(4, ""), 112U);
        // Nothing is left of the stream, but something was missed.
        engine.clock.advance(Seconds(61));
        QCOMPARE(codeOf(4, first.epoch), 0U);
        QCOMPARE(codeOf(3, first.epoch), 112U);
        QCOMPARE(codeOf(0, first.epoch), 112U);
    }

    void tooFarBehind() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            auto ns = mapNamespace("far", engine::MapMode::Persistent);
            ns.options.map.liveTransitionMaxPublicationLimit = 5;
            layout.namespaces.push_back(ns);
        });
        setMany(engine, "far:a", 7);
        const auto epoch = engine.node().mapReadStream("far:a", {})->epoch;
        for (const auto& [offset, error] : {std::pair{2, 0U}, {1, 112U}}) {
            auto peer = engine.connect("42");
            auto request = mapRequest("far:a", 0);
            request.recover = true;
            request.offset = std::uint64_t(offset);
            request.epoch = epoch;
            QCOMPARE(errorOf(ask(*peer, request)), error);
        }
    }

    void refusesByTheTable_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("phase");
        QTest::addColumn<QString>("cursor");
        QTest::addColumn<uint>("error");
        QTest::newRow("stream of a map") << "kept:a" << 0 << 0 << "" << 103U;
        QTest::newRow("clients of a map") << "kept:a" << 2 << 2 << "" << 103U;
        QTest::newRow("shared poll of a map") << "kept:a" << 4 << 0 << "" << 108U;
        QTest::newRow("map of a stream") << "public:a" << 1 << 2 << "" << 103U;
        QTest::newRow("unknown namespace") << "nowhere:a" << 1 << 2 << "" << 102U;
        QTest::newRow("unknown phase") << "kept:a" << 1 << 3 << "" << 107U;
        QTest::newRow("type that doesn't exist") << "kept:a" << 5 << 2 << "" << 103U;
        QTest::newRow("stream phase at first") << "kept:a" << 1 << 1 << "" << 103U;
        QTest::newRow("stream phase without stream") << "live:a" << 1 << 1 << "" << 107U;
        QTest::newRow("cursor at first") << "kept:a" << 1 << 2 << "x" << 103U;
        QTest::newRow("live without a position") << "kept:a" << 1 << 0 << "" << 112U;
        QTest::newRow("live of an ephemeral map") << "live:a" << 1 << 0 << "" << 0U;
        QTest::newRow("state") << "kept:a" << 1 << 2 << "" << 0U;
    }
    void refusesByTheTable() {
        QFETCH(QString, channel);
        QFETCH(int, type);
        QFETCH(int, phase);
        QFETCH(QString, cursor);
        QFETCH(uint, error);
        for (const bool binary : {false, true}) {
            EngineFixture engine;
            useMaps(engine);
            auto peer = connectAs(engine, "42", binary);
            auto request = mapRequest(channel.toStdString(), phase);
            request.type = type;
            request.cursor = cursor.toStdString();
            QCOMPARE(errorOf(ask(*peer, request)), std::uint32_t(error));
            QCOMPARE(peer->closeCode(), 0U);
        }
    }

    void oneSubscriptionForEachChannel() {
        EngineFixture engine;
        useMaps(engine);
        setMany(engine, "live:a", 150);
        auto peer = engine.connect("42");
        const auto page = subscribeMap(*peer, mapRequest("live:a"));
        QCOMPARE(page.phase, 2);
        QCOMPARE(errorOf(ask(*peer, mapRequest("live:a"))), 105U);
        auto request = mapRequest("live:a");
        request.cursor = page.cursor;
        QCOMPARE(subscribeMap(*peer, request).phase, 0);
        QCOMPARE(errorOf(ask(*peer, mapRequest("live:a"))), 105U);
        QCOMPARE(errorOf(ask(*peer, request)), 105U);
        // An unfinished one can be given up.
        setMany(engine, "live:b", 150);
        QCOMPARE(subscribeMap(*peer, mapRequest("live:b")).phase, 2);
        protocol::UnsubscribeRequest unsubscribe;
        unsubscribe.channel = "live:b";
        QCOMPARE(errorOf(ask(*peer, unsubscribe)), 0U);
        QCOMPARE(subscribeMap(*peer, mapRequest("live:b")).phase, 2);
    }

    void unfinishedSubscriptionsCountForTheChannelLimit() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            layout.namespaces.push_back(mapNamespace("live", engine::MapMode::Ephemeral));
            project.client.channelLimit = 2;
        });
        setMany(engine, "live:a", 150);
        auto peer = engine.connect("42");
        QCOMPARE(subscribeMap(*peer, mapRequest("live:a")).phase, 2);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), 0U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:b"))), 106U);
        QCOMPARE(errorOf(ask(*peer, mapRequest("live:b"))), 106U);
    }

    void catchUpHasFiveSeconds() {
        EngineFixture engine;
        useMaps(engine);
        setMany(engine, "live:a", 250);
        for (const bool late : {false, true}) {
            auto peer = engine.connect("42");
            auto request = mapRequest("live:a");
            request.cursor = subscribeMap(*peer, request).cursor;
            engine.advance(Seconds(5) + Nanoseconds(late ? 1 : 0));
            ask(*peer, request);
            QCOMPARE(peer->closeCode(), late ? 3008U : 0U);
        }
    }

    void filterHoldsInEveryPhase() {
        EngineFixture engine;
        useMaps(engine, allowFilter);
        engine::MapPublishOptions a;
        a.tags = {{"team", "a"}};
        engine::MapPublishOptions b;
        b.tags = {{"team", "b"}};
        const auto first = engine.node().mapPublish("kept:a", "x", SharedBytes("1"), a).value();
        engine.node().mapPublish("kept:a", "y", SharedBytes("2"), b).value();
        engine.node().mapPublish("kept:a", "z", SharedBytes("3"), a).value();
        auto peer = engine.connect("42");
        auto request = mapRequest("kept:a");
        request.tf = teamIs("a");
        QCOMPARE(keysOf(subscribeMap(*peer, request).state), std::string("x=1 z=3"));
        engine.node().mapPublish("kept:a", "y", SharedBytes("4"), b).value();
        engine.node().mapPublish("kept:a", "x", SharedBytes("5"), a).value();
        engine.node().mapRemove("kept:a", "y").value();
        engine.node().mapRemove("kept:a", "z").value();
        engine.turn();
        QCOMPARE(changesOf(*peer), std::string("x=5 -z"));
        auto other = engine.connect("43");
        request.phase = 1;
        request.recover = true;
        request.offset = first.offset;
        request.epoch = first.epoch;
        const auto result = subscribeMap(*other, request);
        QCOMPARE(keysOf(result.publications), std::string("z=3 x=5 -z"));
        QCOMPARE(result.offset, std::uint64_t(7));
    }

    void filterAndDeltasGiveWholeValues() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces) {
                ns.options.allowTagsFilter = true;
                ns.options.allowedDeltaTypes = {engine::DeltaType::Fossil};
                ns.options.deltaPublish = true;
            }
        });
        engine::MapPublishOptions a;
        a.tags = {{"team", "a"}};
        engine::MapPublishOptions b;
        b.tags = {{"team", "b"}};
        const std::string filler(100, '1');
        engine.node().mapPublish("kept:a", "x", SharedBytes(filler), b).value();
        auto peer = engine.connectProtobuf("42");
        auto request = mapRequest("kept:a");
        request.tf = teamIs("a");
        request.delta = "fossil";
        const auto result = subscribeMap(*peer, request);
        QVERIFY(result.delta);
        QVERIFY(result.state.empty());
        engine.node().mapPublish("kept:a", "x", SharedBytes(filler + "2"), a).value();
        engine.node().mapPublish("kept:a", "x", SharedBytes(filler + "3"), b).value();
        engine.node().mapPublish("kept:a", "x", SharedBytes(filler + "4"), a).value();
        engine.turn();
        const auto changes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(changes.size(), std::size_t(2));
        QVERIFY(!changes[0].second.delta && !changes[1].second.delta);
        QCOMPARE(changes[1].second.data.view(), std::string_view(filler + "4"));
    }

    void filterIsCheckedFirst() {
        EngineFixture engine;
        useMaps(engine);
        auto peer = engine.connect("42");
        auto request = mapRequest("kept:a");
        request.tf = teamIs("a");
        QCOMPARE(errorOf(ask(*peer, request)), 107U);
        useMaps(engine, allowFilter);
        request.tf->cmp = "nonsense";
        QCOMPARE(errorOf(ask(*peer, request)), 107U);
        request.tf->cmp = "eq";
        QCOMPARE(errorOf(ask(*peer, request)), 0U);
    }

    void deltasAreMadeKeyByKey_data() { bothEncodings(); }
    void deltasAreMadeKeyByKey() {
        QFETCH(bool, binary);
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces) {
                ns.options.allowedDeltaTypes = {engine::DeltaType::Fossil};
                ns.options.deltaPublish = true;
            }
        });
        const std::string filler(200, 'a');
        const auto value = [&filler](int n) { return "{\"n\":" + std::to_string(n) + ",\"f\":\"" + filler + "\"}"; };
        const auto textOf = [binary](const protocol::Publication& publication) {
            const std::string text(publication.data.view());
            if (binary)
                return text;
            // JSON connections get a string: here without anything that is escaped but quotes.
            std::string raw;
            for (std::size_t i = 1; i + 1 < text.size(); ++i) {
                if (text[i] == '\\' && text[i + 1] == 'n')
                    raw += '\n', ++i;
                else if (text[i] == '\\')
                    raw += text[++i];
                else
                    raw += text[i];
            }
            return raw;
        };
        const auto first = engine.node().mapPublish("kept:a", "x", SharedBytes(value(1))).value();
        auto peer = connectAs(engine, "42", binary);
        auto request = mapRequest("kept:a");
        request.delta = "fossil";
        const auto result = subscribeMap(*peer, request);
        QVERIFY(result.delta);
        QCOMPARE(textOf(result.state[0]), value(1));
        engine.node().mapPublish("kept:a", "y", SharedBytes(value(2))).value();
        engine.node().mapPublish("kept:a", "x", SharedBytes(value(3))).value();
        engine.node().mapPublish("kept:a", "y", SharedBytes(value(4))).value();
        engine.turn();
        const auto changes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(changes.size(), std::size_t(3));
        QVERIFY(!changes[0].second.delta);
        QCOMPARE(textOf(changes[0].second), value(2));
        QVERIFY(changes[1].second.delta);
        QCOMPARE(protocol::applyFossilDelta(value(1), textOf(changes[1].second)).value(), value(3));
        QVERIFY(changes[2].second.delta);
        QCOMPARE(protocol::applyFossilDelta(value(2), textOf(changes[2].second)).value(), value(4));
        // What was missed comes as a chain for each key.
        auto other = connectAs(engine, "43", binary);
        request.phase = 1;
        request.recover = true;
        request.offset = first.offset;
        request.epoch = first.epoch;
        const auto missed = subscribeMap(*other, request).publications;
        QCOMPARE(missed.size(), std::size_t(3));
        QVERIFY(!missed[0].delta && !missed[1].delta && missed[2].delta);
        QCOMPARE(textOf(missed[1]), value(3));
        QCOMPARE(protocol::applyFossilDelta(value(2), textOf(missed[2])).value(), value(4));
    }

    void expiredKeysAreTold() {
        EngineFixture engine;
        useMaps(engine);
        auto peer = engine.connect("42");
        subscribeMap(*peer, mapRequest("live:a"));
        engine.node().mapPublish("live:a", "x", SharedBytes("1")).value();
        engine.turn();
        peer->take();
        engine.clock.advance(Seconds(60));
        sweep(engine);
        QCOMPARE(changesOf(*peer), std::string("-x"));
    }

    void clearedMapIsToldAsLostState() {
        EngineFixture engine;
        useMaps(engine);
        engine.node().mapPublish("kept:a", "x", SharedBytes("1")).value();
        auto peer = engine.connect("42");
        subscribeMap(*peer, mapRequest("kept:a"));
        QVERIFY(engine.node().mapClear("kept:a").has_value());
        engine.node().mapPublish("kept:a", "x", SharedBytes("2")).value();
        engine.turn();
        const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.code, 2500U);
    }

    void idleSubscribersKeepThePlaceOfTheirMap() {
        EngineFixture engine;
        useMaps(engine);
        engine.node().mapPublish("back:a", "x", SharedBytes("1")).value();
        auto peer = engine.connect("42");
        subscribeMap(*peer, mapRequest("back:a"));
        const auto live = [&engine] { return engine.node().maps().mapCount(); };
        // Past the end of the key, and then past meta_ttl.
        for (int i = 0; i < 30; ++i) {
            stayAlive(engine, *peer, Seconds(50));
            sweep(engine);
        }
        QCOMPARE(changesOf(*peer), std::string("-x"));
        QCOMPARE(peer->closeCode(), 0U);
        engine.node().mapPublish("back:a", "y", SharedBytes("2")).value();
        engine.turn();
        QCOMPARE(changesOf(*peer), std::string("y=2"));
        // Without them it ends.
        peer.reset();
        engine.clock.advance(Seconds(60));
        sweep(engine);
        QCOMPARE(live(), std::size_t(1));
        engine.clock.advance(Seconds(600));
        sweep(engine);
        QCOMPARE(live(), std::size_t(0));
    }

    void keysThatEndWithThePlaceOfTheirMapAreTold_data() {
        QTest::addColumn<QString>("by");
        for (const char* by : {"sweep", "state", "stream", "publish", "remove", "subscription"})
            QTest::newRow(by) << by;
    }
    void keysThatEndWithThePlaceOfTheirMapAreTold() {
        QFETCH(QString, by);
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces) {
                if (ns.options.map.mode == engine::MapMode::Recoverable)
                    ns.options.map.metaTtl = ns.options.map.keyTtl;
            }
            QVERIFY(layout.validate().empty());
        });
        auto& node = engine.node();
        const auto epoch = node.mapPublish("back:a", "x", SharedBytes("1")).value().epoch;
        auto peer = engine.connect("42");
        auto other = engine.connect("43");
        subscribeMap(*peer, mapRequest("back:a"));
        engine.clock.advance(Seconds(60));
        if (by == QLatin1String("sweep"))
            sweep(engine);
        else if (by == QLatin1String("state"))
            QCOMPARE(node.mapReadState("back:a", {}).value().epoch, epoch);
        else if (by == QLatin1String("stream"))
            QCOMPARE(node.mapReadStream("back:a", {}).value().epoch, epoch);
        else if (by == QLatin1String("publish"))
            QCOMPARE(node.mapPublish("back:a", "y", SharedBytes("2")).value().epoch, epoch);
        else if (by == QLatin1String("remove"))
            QCOMPARE(node.mapRemove("back:a", "x").value().epoch, epoch);
        else
            QCOMPARE(subscribeMap(*other, mapRequest("back:a")).epoch, epoch);
        engine.turn();
        QCOMPARE(changesOf(*peer), std::string(by == QLatin1String("publish") ? "-x y=2" : "-x"));
        // With nobody's key left it ends like any other.
        peer.reset();
        other.reset();
        engine.clock.advance(Seconds(120));
        sweep(engine);
        engine.clock.advance(Seconds(120));
        sweep(engine);
        QCOMPARE(node.maps().mapCount(), std::size_t(0));
    }

    void positionIsChecked() {
        EngineFixture engine;
        useMaps(engine);
        engine.node().mapPublish("kept:a", "x", SharedBytes("1")).value();
        auto peer = engine.connect("42");
        subscribeMap(*peer, mapRequest("kept:a"));
        QVERIFY(engine.node().mapClear("kept:a").has_value());
        stayAlive(engine, *peer, Seconds(90));
        const auto lost = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(lost.size(), std::size_t(1));
        QCOMPARE(lost[0].second.code, 2500U);
    }

    void binaryValuesCloseJsonClients() {
        EngineFixture engine;
        useMaps(engine);
        auto json = engine.connect("42");
        auto binary = engine.connectProtobuf("42");
        subscribeMap(*json, mapRequest("kept:a"));
        subscribeMap(*binary, mapRequest("kept:a"));
        engine.node().mapPublish("kept:a", "x", SharedBytes("\x01\x02")).value();
        engine.turn();
        QCOMPARE(json->closeCode(), 3506U);
        QCOMPARE(changesOf(*binary), std::string("x=\x01\x02"));
        auto later = engine.connect("42");
        ask(*later, mapRequest("kept:a"));
        QCOMPARE(later->closeCode(), 3506U);
    }
};

QTEST_GUILESS_MAIN(ClientMapTest)
#include "tst_client_map.moc"
