#include "map_test.h"
#include "server/engine/compared_text.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

using Limits = engine::MapLimits;

std::uint32_t set(EngineFixture& engine, const std::string& channel, const std::string& key,
                  const std::string& data = "1", const engine::MapPublishOptions& options = {}) {
    const auto result = engine.node().mapPublish(channel, key, SharedBytes(data), options);
    return result ? 0U : result.error().code;
}

std::uint32_t take(EngineFixture& engine, const std::string& channel, const std::string& key) {
    const auto result = engine.node().mapRemove(channel, key);
    return result ? 0U : result.error().code;
}

std::size_t changesIn(EngineFixture& engine, const std::string& channel) {
    return engine.node().mapReadStream(channel, {{}, -1, false})->entries.size();
}

engine::MapPublishOptions withTags(std::size_t bytes) {
    engine::MapPublishOptions options;
    options.tags = {{"t", std::string(bytes, 'v')}};
    return options;
}

engine::MapPublishOptions withInfo(std::size_t connInfo, std::size_t chanInfo, const std::string& user = "42") {
    engine::MapPublishOptions options;
    options.info.emplace();
    options.info->user = user;
    options.info->client = "c";
    if (connInfo > 0)
        options.info->connInfo = SharedBytes('"' + std::string(connInfo - 2, 'i') + '"');
    if (chanInfo > 0)
        options.info->chanInfo = SharedBytes('"' + std::string(chanInfo - 2, 'i') + '"');
    return options;
}

/// What one key is counted with.
std::size_t costOf(const std::string& key, const std::string& data, const engine::MapPublishOptions& options = {}) {
    EngineFixture engine;
    useMaps(engine);
    return set(engine, "kept:a", key, data, options) == 0 ? engine.node().maps().stateBytes() : 0;
}

}  // namespace

/// engine::MapLimits, each one below, at and above it.
class MapLimitsTest : public QObject {
    Q_OBJECT

    static std::string rowName(const std::string& what, int more) {
        return what + (more < 0 ? " n-1" : more == 0 ? " n" : " n+1");
    }
    static void aroundTheLimit() {
        QTest::addColumn<int>("more");
        QTest::newRow("n-1") << -1;
        QTest::newRow("n") << 0;
        QTest::newRow("n+1") << 1;
    }

private Q_SLOTS:
    void keysPerChannel_data() { aroundTheLimit(); }
    void keysPerChannel() {
        QFETCH(int, more);
        Limits limits;
        limits.keysPerChannel = 3;
        EngineFixture engine;
        useMaps(engine, {}, limits);
        for (const char* channel : {"live:a", "kept:a"}) {
            const int count = 3 + more;
            for (int i = 1; i < count; ++i)
                QCOMPARE(set(engine, channel, std::to_string(i)), 0U);
            QCOMPARE(set(engine, channel, std::to_string(count)), more > 0 ? 106U : 0U);
            QCOMPARE(*engine.node().mapStats(channel), std::size_t(std::min(count, 3)));
            // A full map takes other values, and another key where one went.
            QCOMPARE(set(engine, channel, "1", "2"), 0U);
            QCOMPARE(take(engine, channel, "1"), 0U);
            QCOMPARE(set(engine, channel, "other"), 0U);
        }
    }

    void keysPerChannelHoldForClients() {
        Limits limits;
        limits.keysPerChannel = 1;
        EngineFixture engine;
        useMaps(engine, {}, limits);
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, setKey("kept:a", "1"))), 0U);
        QCOMPARE(errorOf(ask(*peer, setKey("kept:a", "2"))), 106U);
        QCOMPARE(errorOf(ask(*peer, setKey("kept:b", "2"))), 0U);
    }

    void keyLength_data() { aroundTheLimit(); }
    void keyLength() {
        QFETCH(int, more);
        Limits limits;
        limits.keyLength = 5;
        const std::string key(std::size_t(5 + more), 'k');
        const auto error = more > 0 ? 107U : 0U;
        EngineFixture engine;
        useMaps(engine, {}, limits);
        for (const char* channel : {"live:a", "kept:a"}) {
            QCOMPARE(set(engine, channel, key), error);
            QCOMPARE(take(engine, channel, key), error);
            auto peer = engine.connect("42");
            QCOMPARE(errorOf(ask(*peer, setKey(channel, key))), error);
            QCOMPARE(errorOf(ask(*peer, removeKey(channel, key))), error);
        }
    }

    void bytesTotal_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("more");
        for (const char* what : {"data", "key", "tags", "connection info", "channel info", "user"}) {
            for (const int more : {-1, 0, 1})
                QTest::newRow(rowName(what, more).c_str()) << what << more;
        }
    }
    void bytesTotal() {
        QFETCH(QString, what);
        QFETCH(int, more);
        // One byte more of each part costs at least one byte.
        const auto grown = std::size_t(100 + more);
        std::string key = "x";
        std::string data = "1";
        engine::MapPublishOptions exact;
        engine::MapPublishOptions options;
        std::size_t room = 0;
        if (what == QLatin1String("data")) {
            room = costOf(key, std::string(100, '1'));
            data = std::string(grown, '1');
        } else if (what == QLatin1String("key")) {
            room = costOf(std::string(100, 'k'), data);
            key = std::string(grown, 'k');
        } else if (what == QLatin1String("tags")) {
            room = costOf(key, data, withTags(100));
            options = withTags(grown);
        } else if (what == QLatin1String("connection info")) {
            room = costOf(key, data, withInfo(100, 0));
            options = withInfo(grown, 0);
        } else if (what == QLatin1String("channel info")) {
            room = costOf(key, data, withInfo(0, 100));
            options = withInfo(0, grown);
        } else {
            room = costOf(key, data, withInfo(0, 0, std::string(100, 'u')));
            options = withInfo(0, 0, std::string(grown, 'u'));
        }
        Limits limits;
        limits.bytesTotal = room;
        EngineFixture engine;
        useMaps(engine, {}, limits);
        QCOMPARE(set(engine, "kept:a", key, data, options), more > 0 ? 106U : 0U);
        // In place of another value it has the same room.
        QVERIFY(engine.node().mapClear("kept:a").has_value());
        QCOMPARE(set(engine, "kept:a", key.substr(0, 100), ""), 0U);
        if (key.size() <= 100)
            QCOMPARE(set(engine, "kept:a", key, data, options), more > 0 ? 106U : 0U);
        QVERIFY(engine.node().maps().stateBytes() <= room);
        QVERIFY(engine.node().mapClear("kept:a").has_value());
        QCOMPARE(engine.node().maps().stateBytes(), std::size_t(0));
    }

    void bytesTotalIsOfAllMaps() {
        Limits limits;
        limits.bytesTotal = 2 * costOf("x", "1");
        EngineFixture engine;
        useMaps(engine, {}, limits);
        QCOMPARE(set(engine, "kept:a", "x"), 0U);
        QCOMPARE(set(engine, "live:b", "x"), 0U);
        QCOMPARE(set(engine, "back:c", "x"), 106U);
        QCOMPARE(take(engine, "live:b", "x"), 0U);
        QCOMPARE(set(engine, "back:c", "x"), 0U);
        // What expires makes room too.
        engine.clock.advance(Seconds(60));
        sweep(engine);
        QCOMPARE(set(engine, "kept:a", "y"), 0U);
    }

    void bytesTotalIsOfVersionEpochsToo() {
        engine::MapPublishOptions options;
        options.version = 1;
        const auto without = costOf("x", "1", options);
        for (const auto length : {engine::kMaxComparedBytes - 1, engine::kMaxComparedBytes,
                                  engine::kMaxComparedBytes + 1, std::size_t(100'000)}) {
            options.versionEpoch = std::string(length, 'e');
            QCOMPARE(costOf("x", "1", options), without + std::min(length, engine::kMaxComparedBytes + 1));
            EngineFixture engine;
            useMaps(engine);
            QCOMPARE(set(engine, "kept:a", "x", "1", options), 0U);
            // The same one counts on, of any length; another starts anew.
            QCOMPARE(set(engine, "kept:a", "x", "2", options), 0U);
            QCOMPARE(changesIn(engine, "kept:a"), std::size_t(1));
            options.versionEpoch.back() = 'f';
            QCOMPARE(set(engine, "kept:a", "x", "3", options), 0U);
            QCOMPARE(changesIn(engine, "kept:a"), std::size_t(2));
        }
    }

    void historyBytesTotal_data() {
        QTest::addColumn<bool>("stream");
        QTest::addColumn<int>("more");
        for (const bool stream : {true, false}) {
            for (const int more : {-1, 0, 1})
                QTest::newRow(rowName(stream ? "streams" : "idempotency keys", more).c_str()) << stream << more;
        }
    }
    /// Changes in streams, and idempotency keys where there is no stream, are taken from the maps used least recently.
    void historyBytesTotal() {
        QFETCH(bool, stream);
        QFETCH(int, more);
        const auto channel = [stream](int number) { return (stream ? "kept:" : "live:") + std::to_string(number); };
        const auto once = [&](EngineFixture& engine, int number) {
            engine.clock.advance(Nanoseconds(1));
            engine::MapPublishOptions options;
            if (!stream)
                options.idempotencyKey = "once";
            return engine.node().mapPublish(channel(number), "x", SharedBytes(std::string("1")), options)->suppressed;
        };
        Limits limits;
        {
            EngineFixture engine;
            useMaps(engine);
            QVERIFY(once(engine, 1) == engine::MapSuppressed::No);
            limits.historyBytesTotal = 16 * engine.node().maps().historyBytes();
        }
        const auto one = limits.historyBytesTotal / 16;
        QVERIFY(one > 0);
        EngineFixture engine;
        useMaps(engine, {}, limits);
        auto& maps = engine.node().maps();
        for (int i = 1; i <= 16 + more; ++i)
            QVERIFY(once(engine, i) == engine::MapSuppressed::No);
        // An eighth is free afterwards.
        QCOMPARE(maps.historyBytes(), more > 0 ? 14 * one : std::size_t(16 + more) * one);
        const int taken = more > 0 ? 3 : 0;
        for (int i = 1; i <= 16 + more; ++i) {
            if (stream)
                QCOMPARE(changesIn(engine, channel(i)), std::size_t(i > taken ? 1 : 0));
            else if (i > taken)
                QVERIFY(once(engine, i) == engine::MapSuppressed::Idempotency);
            // The state stays.
            QCOMPARE(*engine.node().mapStats(channel(i)), std::size_t(1));
        }
        if (!stream && taken > 0)
            QVERIFY(once(engine, 1) == engine::MapSuppressed::No);
        for (int i = 1; i <= 16 + more; ++i)
            QVERIFY(engine.node().mapClear(channel(i)).has_value());
        QCOMPARE(maps.historyBytes(), std::size_t(0));
    }

    void historyBytesTotalIsOfStreamsAndKeysTogether() {
        EngineFixture engine;
        useMaps(engine);
        const auto& maps = engine.node().maps();
        engine::MapPublishOptions options;
        QCOMPARE(set(engine, "kept:a", "x", "1", options), 0U);
        const auto ofStream = maps.historyBytes();
        options.idempotencyKey = "once";
        QCOMPARE(set(engine, "live:a", "x", "1", options), 0U);
        const auto ofKey = maps.historyBytes() - ofStream;
        QVERIFY(ofKey > 0);
        QCOMPARE(set(engine, "kept:b", "x", "1", options), 0U);
        QCOMPARE(maps.historyBytes(), 2 * (ofStream + ofKey));
        // Keys are forgotten in time, changes with their stream.
        engine.clock.advance(Seconds(300));
        sweep(engine);
        QCOMPARE(maps.historyBytes(), std::size_t(0));
    }

    void streamBytesPerChannel_data() { aroundTheLimit(); }
    void streamBytesPerChannel() {
        QFETCH(int, more);
        const std::string data(1000, '1');
        // The largest limit that leaves a stream empty is one less than what its change is counted with.
        const auto kept = [&data](std::size_t bytes, int changes) {
            Limits limits;
            limits.streamBytesPerChannel = bytes;
            EngineFixture engine;
            useMaps(engine, {}, limits);
            for (int i = 0; i < changes; ++i)
                set(engine, "kept:a", "x", data);
            return changesIn(engine, "kept:a");
        };
        std::size_t cost = data.size();
        while (kept(cost, 1) == 0)
            ++cost;
        QCOMPARE(kept(2 * cost + std::size_t(more), 4), std::size_t(more < 0 ? 1 : 2));
    }

    void changesWithoutRoomAreNoGap_data() {
        QTest::addColumn<bool>("together");
        QTest::newRow("in their stream") << false;
        QTest::newRow("in all streams together") << true;
    }
    /// A client that was away learns that what it missed is gone.
    void changesWithoutRoomAreNoGap() {
        QFETCH(bool, together);
        Limits limits;
        (together ? limits.historyBytesTotal : limits.streamBytesPerChannel) = 1;
        EngineFixture engine;
        useMaps(engine, {}, limits);
        QCOMPARE(set(engine, "kept:a", "x"), 0U);
        auto peer = engine.connect("42");
        const auto live = subscribeMap(*peer, mapRequest("kept:a"));
        QCOMPARE(keysOf(live.state), std::string("x=1"));
        peer->take();
        QCOMPARE(set(engine, "kept:a", "y"), 0U);
        engine.turn();
        QCOMPARE(changesOf(*peer), std::string("y=1"));
        for (const auto& [offset, error] : {std::pair{1, 112U}, {2, 0U}}) {
            auto late = engine.connect("43");
            auto request = mapRequest("kept:a", 0);
            request.recover = true;
            request.offset = std::uint64_t(offset);
            request.epoch = live.epoch;
            QCOMPARE(errorOf(ask(*late, request)), error);
        }
    }

    void channels_data() {
        QTest::addColumn<QString>("by");
        QTest::addColumn<int>("more");
        for (const char* by : {"publish", "client's publish", "state", "stream", "subscription", "recovery"}) {
            for (const int more : {-1, 0, 1})
                QTest::newRow(rowName(by, more).c_str()) << by << more;
        }
    }
    /// Whoever asks for a map that there isn't makes one: its epoch has to be the same the next time.
    void channels() {
        QFETCH(QString, by);
        QFETCH(int, more);
        Limits limits;
        limits.channels = 3;
        EngineFixture engine;
        useMaps(engine, {}, limits);
        const auto count = 3 + more;
        for (int i = 1; i < count; ++i)
            QCOMPARE(set(engine, "kept:" + std::to_string(i), "x"), 0U);
        auto& node = engine.node();
        auto peer = engine.connect("42");
        const auto reach = [&](const std::string& channel) {
            if (by == QLatin1String("publish"))
                return set(engine, channel, "x");
            if (by == QLatin1String("client's publish"))
                return errorOf(ask(*peer, setKey(channel, "x")));
            if (by == QLatin1String("subscription"))
                return errorOf(ask(*peer, mapRequest(channel)));
            if (by == QLatin1String("state")) {
                const auto page = node.mapReadState(channel, {});
                return page ? 0U : page.error().code;
            }
            if (by == QLatin1String("stream")) {
                const auto page = node.mapReadStream(channel, {});
                return page ? 0U : page.error().code;
            }
            // A recovered position must be of the map's epoch, which nobody can know of a new one.
            auto error = 0U;
            for (const int phase : {0, 1}) {
                auto request = mapRequest(channel, phase);
                request.recover = true;
                request.offset = 1;
                request.epoch = "other";
                error = errorOf(ask(*peer, request));
                if (error != 112U)
                    return error;
            }
            return 0U;
        };
        QCOMPARE(reach("kept:last"), more > 0 ? 106U : 0U);
        QCOMPARE(node.maps().mapCount(), std::size_t(std::min(count, 3)));
        // What there is stays in reach.
        if (by != QLatin1String("recovery"))
            QCOMPARE(reach("kept:1"), 0U);
        QVERIFY(node.mapClear("kept:1").has_value());
        QCOMPARE(reach("kept:other"), 0U);
        QCOMPARE(peer->closeCode(), 0U);
    }

    void idleTime_data() { aroundTheLimit(); }
    void idleTime() {
        QFETCH(int, more);
        Limits limits;
        limits.idleTime = Milliseconds(7'000);
        EngineFixture engine;
        useMaps(engine, {}, limits);
        auto& node = engine.node();
        // Looked at only, or without keys and changes: "live:gone", "live:seen" and "kept:seen" hold nothing.
        QCOMPARE(set(engine, "live:gone", "x"), 0U);
        QCOMPARE(take(engine, "live:gone", "x"), 0U);
        QVERIFY(node.mapReadState("live:seen", {}).has_value());
        QVERIFY(node.mapReadStream("kept:seen", {}).has_value());
        QCOMPARE(set(engine, "live:key", "x"), 0U);
        QCOMPARE(set(engine, "kept:change", "x"), 0U);
        QCOMPARE(take(engine, "kept:change", "x"), 0U);
        engine.clock.advance(Milliseconds(7'000) + Nanoseconds(more));
        sweep(engine);
        QCOMPARE(node.maps().mapCount(), std::size_t(more < 0 ? 5 : 2));
        // Whoever looks again makes the time start anew.
        QVERIFY(node.mapReadState("live:key", {}).has_value());
        QVERIFY(node.mapReadState("live:seen", {}).has_value());
        engine.clock.advance(Milliseconds(7'000) - Nanoseconds(1));
        sweep(engine);
        QCOMPARE(node.maps().mapCount(), std::size_t(3));
    }

    void defaults() {
        const Limits limits;
        QCOMPARE(limits.keysPerChannel, std::size_t(100'000));
        QCOMPARE(limits.bytesTotal, std::size_t{256} << 20);
        QCOMPARE(limits.streamBytesPerChannel, std::size_t{1} << 20);
        QCOMPARE(limits.historyBytesTotal, std::size_t{256} << 20);
        QCOMPARE(limits.channels, std::size_t(100'000));
        QCOMPARE(limits.keyLength, std::size_t(1'024));
        QVERIFY(limits.idleTime == Seconds(300));
    }
};

QTEST_GUILESS_MAIN(MapLimitsTest)
#include "tst_map_limits.moc"
