#include "map_test.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

using engine::MapKeyMode;
using engine::MapSuppressed;

engine::MapUpdateResult set(EngineFixture& engine, const std::string& channel, const std::string& key,
                            const std::string& data, const engine::MapPublishOptions& options = {}) {
    return *engine.node().mapPublish(channel, key, SharedBytes(data), options);
}

std::string stateOf(EngineFixture& engine, const std::string& channel, engine::MapStateQuery query = {}) {
    if (query.limit == 0)
        query.limit = -1;
    const auto page = engine.node().mapReadState(channel, query);
    std::vector<protocol::Publication> publications;
    for (const auto& entry : page->entries)
        publications.push_back(entry.publication);
    return keysOf(publications);
}

std::string streamOf(EngineFixture& engine, const std::string& channel, engine::MapStreamQuery query = {}) {
    if (query.limit == 0)
        query.limit = -1;
    const auto page = engine.node().mapReadStream(channel, query);
    if (!page)
        return std::to_string(page.error().code);
    std::vector<protocol::Publication> publications;
    for (const auto& entry : page->entries)
        publications.push_back(entry.publication);
    return keysOf(publications);
}

}  // namespace

class MapBrokerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsTheLatestValueOfEachKey() {
        EngineFixture engine;
        useMaps(engine);
        const auto first = set(engine, "kept:a", "y", "1");
        QCOMPARE(first.offset, std::uint64_t(1));
        set(engine, "kept:a", "x", "2");
        const auto last = set(engine, "kept:a", "y", "3");
        QCOMPARE(last.offset, std::uint64_t(3));
        QCOMPARE(last.epoch, first.epoch);
        QCOMPARE(stateOf(engine, "kept:a"), std::string("x=2 y=3"));
        QCOMPARE(streamOf(engine, "kept:a"), std::string("y=1 x=2 y=3"));
        QCOMPARE(*engine.node().mapStats("kept:a"), std::size_t(2));
        const auto page = engine.node().mapReadState("kept:a", {{}, -1, {}, {}});
        QCOMPARE(page->entries[0].time,
                 std::int64_t(std::chrono::duration_cast<Milliseconds>(engine.clock.wall()).count()));
        // An ephemeral map has keys, but no changes.
        QCOMPARE(set(engine, "live:a", "x", "1").offset, std::uint64_t(0));
        QCOMPARE(stateOf(engine, "live:a"), std::string("x=1"));
        QCOMPARE(streamOf(engine, "live:a"), std::string());
    }

    void removesKeysAndTheirTagsStay() {
        EngineFixture engine;
        useMaps(engine);
        engine::MapPublishOptions options;
        options.tags = {{"team", "a"}};
        set(engine, "kept:a", "x", "1", options);
        const auto removed = engine.node().mapRemove("kept:a", "x");
        QCOMPARE(removed->offset, std::uint64_t(2));
        QCOMPARE(toString(removed->suppressed), std::string_view(""));
        QCOMPARE(stateOf(engine, "kept:a"), std::string());
        QCOMPARE(streamOf(engine, "kept:a"), std::string("x=1 -x"));
        QCOMPARE(engine.node().mapReadStream("kept:a", {{}, -1, false})->entries[1].publication.tags, options.tags);
        QCOMPARE(toString(engine.node().mapRemove("kept:a", "x")->suppressed), std::string_view("key_not_found"));
        QCOMPARE(toString(engine.node().mapRemove("kept:none", "x")->suppressed), std::string_view("key_not_found"));
    }

    void suppresses() {
        EngineFixture engine;
        useMaps(engine);
        engine::MapPublishOptions options;
        options.keyMode = MapKeyMode::IfExists;
        QVERIFY(set(engine, "kept:a", "x", "1", options).suppressed == MapSuppressed::KeyNotFound);
        options.keyMode = MapKeyMode::IfNew;
        QVERIFY(set(engine, "kept:a", "x", "1", options).suppressed == MapSuppressed::No);
        QVERIFY(set(engine, "kept:a", "x", "2", options).suppressed == MapSuppressed::KeyExists);
        options = {};
        options.version = 5;
        QVERIFY(set(engine, "kept:a", "x", "3", options).suppressed == MapSuppressed::No);
        QVERIFY(set(engine, "kept:a", "x", "4", options).suppressed == MapSuppressed::Version);
        options.versionEpoch = "other";
        QVERIFY(set(engine, "kept:a", "x", "5", options).suppressed == MapSuppressed::No);
        // A publish without version keeps the version that there is.
        QVERIFY(set(engine, "kept:a", "x", "6").suppressed == MapSuppressed::No);
        QVERIFY(set(engine, "kept:a", "x", "7", options).suppressed == MapSuppressed::Version);
        options = {};
        options.idempotencyKey = "once";
        const auto first = set(engine, "kept:a", "x", "8", options);
        const auto again = set(engine, "kept:a", "x", "9", options);
        QVERIFY(again.suppressed == MapSuppressed::Idempotency);
        QCOMPARE(again.offset, first.offset);
        options = {};
        options.expected = protocol::StreamPosition{first.offset, first.epoch};
        QVERIFY(set(engine, "kept:a", "x", "10", options).suppressed == MapSuppressed::No);
        QVERIFY(set(engine, "kept:a", "x", "11", options).suppressed == MapSuppressed::PositionMismatch);
        engine::MapRemoveOptions remove;
        remove.expected = options.expected;
        QVERIFY(engine.node().mapRemove("kept:a", "x", remove)->suppressed == MapSuppressed::PositionMismatch);
        QCOMPARE(stateOf(engine, "kept:a"), std::string("x=10"));
    }

    void refusesByTheTable() {
        EngineFixture engine;
        useMaps(engine);
        auto& node = engine.node();
        const auto errorOf = [&node](const char* channel, const char* key, const engine::MapPublishOptions& o = {}) {
            const auto result = node.mapPublish(channel, key, SharedBytes("1"), o);
            return result ? 0U : result.error().code;
        };
        QCOMPARE(errorOf("", "x"), 107U);
        QCOMPARE(errorOf("kept:a", ""), 107U);
        QCOMPARE(errorOf("nowhere:a", "x"), 102U);
        QCOMPARE(errorOf("public:a", "x"), 107U);
        engine::MapPublishOptions options;
        options.version = 1;
        QCOMPARE(errorOf("live:a", "x", options), 100U);
        QCOMPARE(errorOf("kept:a", "x", options), 0U);
        QCOMPARE(node.mapStats("public:a").error().code, 107U);
        QCOMPARE(node.mapClear("nowhere:a").error().code, 102U);
        QCOMPARE(node.publish("kept:a", SharedBytes("1")).error().code, 107U);
    }

    void limits() {
        EngineFixture engine;
        engine::MapLimits limits;
        limits.keysPerChannel = 2;
        limits.keyLength = 5;
        limits.channels = 2;
        useMaps(engine, {}, limits);
        auto& node = engine.node();
        QVERIFY(node.mapPublish("kept:a", "12345", SharedBytes("1")).has_value());
        QCOMPARE(node.mapPublish("kept:a", "123456", SharedBytes("1")).error().code, 107U);
        QVERIFY(node.mapPublish("kept:a", "2", SharedBytes("1")).has_value());
        QCOMPARE(node.mapPublish("kept:a", "3", SharedBytes("1")).error().code, 106U);
        QVERIFY(node.mapPublish("kept:a", "2", SharedBytes("2")).has_value());
        QVERIFY(node.mapPublish("kept:b", "1", SharedBytes("1")).has_value());
        QCOMPARE(node.mapPublish("kept:c", "1", SharedBytes("1")).error().code, 106U);
        QVERIFY(node.mapClear("kept:b").has_value());
        QVERIFY(node.mapPublish("kept:c", "1", SharedBytes("1")).has_value());
        limits = {};
        limits.bytesTotal = node.maps().stateBytes() + 500;
        useMaps(engine, {}, limits);
        QCOMPARE(node.mapPublish("kept:a", "4", SharedBytes(std::string(500, '1'))).error().code, 106U);
        QVERIFY(node.mapPublish("kept:a", "4", SharedBytes("1")).has_value());
        for (const char* channel : {"kept:a", "kept:c"})
            QVERIFY(node.mapClear(channel).has_value());
        QCOMPARE(node.maps().stateBytes(), std::size_t(0));
        QCOMPARE(node.maps().mapCount(), std::size_t(0));
    }

    void pagesByCursor() {
        EngineFixture engine;
        useMaps(engine);
        setMany(engine, "kept:a", 5);
        engine::MapStateQuery query;
        query.limit = 2;
        auto page = *engine.node().mapReadState("kept:a", query);
        QCOMPARE(page.cursor, std::string("k0001"));
        query.cursor = page.cursor;
        QVERIFY(engine.node().mapRemove("kept:a", "k0001").has_value());
        page = *engine.node().mapReadState("kept:a", query);
        QCOMPARE(page.entries[0].publication.key, std::string("k0002"));
        query.cursor = page.cursor;
        page = *engine.node().mapReadState("kept:a", query);
        QCOMPARE(page.entries.size(), std::size_t(1));
        QVERIFY(page.cursor.empty());
        query = {};
        query.key = "k0003";
        QCOMPARE(stateOf(engine, "kept:a", query), std::string("k0003=3"));
        query = {};
        query.revision = protocol::StreamPosition{1, "other"};
        QCOMPARE(engine.node().mapReadState("kept:a", query).error().code, 112U);
        QCOMPARE(engine.node().mapReadState("kept:a", {})->entries.size(), std::size_t(0));
    }

    void readsTheStreamFromAPosition() {
        EngineFixture engine;
        useMaps(engine);
        const auto epoch = set(engine, "small:a", "a", "1").epoch;
        for (const char* key : {"b", "c", "d"})
            set(engine, "small:a", key, "1");
        const auto since = [&](std::uint64_t offset, bool reverse = false) {
            return engine::MapStreamQuery{protocol::StreamPosition{offset, epoch}, -1, reverse};
        };
        QCOMPARE(streamOf(engine, "small:a", since(2)), std::string("c=1 d=1"));
        QCOMPARE(streamOf(engine, "small:a", since(3)), std::string("d=1"));
        QCOMPARE(streamOf(engine, "small:a", since(4)), std::string());
        QCOMPARE(streamOf(engine, "small:a", since(1)), std::string("112"));
        QCOMPARE(streamOf(engine, "small:a", since(4, true)), std::string("c=1"));
        auto other = since(3);
        other.since->epoch = "other";
        QCOMPARE(streamOf(engine, "small:a", other), std::string("112"));
    }

    void keysExpireWithAMessage() {
        EngineFixture engine;
        useMaps(engine);
        set(engine, "back:a", "x", "1");
        engine.clock.advance(Seconds(30));
        set(engine, "back:a", "y", "1");
        engine::MapPublishOptions keepAlive;
        keepAlive.keyMode = MapKeyMode::IfNew;
        keepAlive.refreshTtl = true;
        set(engine, "back:a", "x", "2", keepAlive);
        engine.clock.advance(Seconds(60) - Milliseconds(1));
        sweep(engine);
        QCOMPARE(stateOf(engine, "back:a"), std::string("x=1 y=1"));
        engine.clock.advance(Milliseconds(1));
        sweep(engine);
        QCOMPARE(stateOf(engine, "back:a"), std::string());
        QCOMPARE(streamOf(engine, "back:a", {{}, 2, true}), std::string("-y -x"));
    }

    void streamAndPlaceEnd() {
        EngineFixture engine;
        useMaps(engine);
        const auto first = set(engine, "back:a", "x", "1");
        engine.clock.advance(Seconds(60));
        // The stream is over after a minute; its place is kept ten times as long.
        QCOMPARE(streamOf(engine, "back:a"), std::string());
        QCOMPARE(engine.node().mapReadStream("back:a", {})->epoch, first.epoch);
        // The end of the key is a change too.
        sweep(engine);
        engine.clock.advance(Seconds(600) - Nanoseconds(1));
        QCOMPARE(engine.node().mapReadStream("back:a", {})->epoch, first.epoch);
        engine.clock.advance(Seconds(600));
        QVERIFY(engine.node().mapReadStream("back:a", {})->epoch != first.epoch);
        const auto kept = set(engine, "kept:a", "x", "1");
        engine.clock.advance(std::chrono::hours(24 * 365));
        sweep(engine);
        QCOMPARE(engine.node().mapReadStream("kept:a", {})->epoch, kept.epoch);
        QCOMPARE(stateOf(engine, "kept:a"), std::string("x=1"));
        // What was only looked at is forgotten.
        QCOMPARE(stateOf(engine, "live:seen"), std::string());
        QCOMPARE(engine.node().maps().mapCount(), std::size_t(2));
        engine.clock.advance(Seconds(300));
        sweep(engine);
        QCOMPARE(engine.node().maps().mapCount(), std::size_t(1));
    }

    void clearStartsAnew() {
        EngineFixture engine;
        useMaps(engine);
        const auto before = set(engine, "kept:a", "x", "1");
        QVERIFY(engine.node().mapClear("kept:a").has_value());
        const auto after = set(engine, "kept:a", "x", "2");
        QCOMPARE(after.offset, std::uint64_t(1));
        QVERIFY(after.epoch != before.epoch);
    }

    void setupFillsInTheDefaults() {
        engine::MapOptions options;
        options.mode = engine::MapMode::Recoverable;
        options.keyTtl = Seconds(5);
        auto setup = engine::MapSetup::of(options);
        QCOMPARE(setup.stream.size, std::int64_t(100));
        QVERIFY(setup.stream.ttl == Seconds(60));
        QVERIFY(setup.stream.metaTtl == Seconds(600));
        options.keyTtl = Seconds(3600);
        QVERIFY(engine::MapSetup::of(options).stream.metaTtl == Seconds(3600));
        options.streamSize = 7;
        options.streamTtl = Seconds(9);
        options.metaTtl = Seconds(7200);
        setup = engine::MapSetup::of(options);
        QCOMPARE(setup.stream.size, std::int64_t(7));
        QVERIFY(setup.stream.ttl == Seconds(9));
        QVERIFY(setup.stream.metaTtl == Seconds(7200));
        options.mode = engine::MapMode::Ephemeral;
        QVERIFY(!engine::MapSetup::of(options).stream.keepsHistory());
    }

    void wordsOfKeyModes() {
        MapKeyMode mode = MapKeyMode::Replace;
        QVERIFY(fromString("if_new", mode) && mode == MapKeyMode::IfNew);
        QVERIFY(fromString("if_exists", mode) && mode == MapKeyMode::IfExists);
        QVERIFY(!fromString("IF_NEW", mode) && mode == MapKeyMode::IfExists);
        QVERIFY(fromString("", mode) && mode == MapKeyMode::Replace);
    }
};

QTEST_GUILESS_MAIN(MapBrokerTest)
#include "tst_map_broker.moc"
