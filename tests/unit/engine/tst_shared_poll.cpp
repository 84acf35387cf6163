#include "server/engine/shared_poll_signature.h"
#include "server/protocol/fossil_delta.h"
#include "server/protocol/json.h"
#include "shared_poll_test.h"

#include <thread>

using namespace xshathra;
using namespace xshathra::test;

class SharedPollTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void trackRefusesByTheTable_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<uint>("error");
        QTest::newRow("good") << "good" << 0U;
        QTest::newRow("no batch") << "no batch" << 107U;
        QTest::newRow("no key") << "no key" << 107U;
        QTest::newRow("not subscribed") << "not subscribed" << 103U;
        QTest::newRow("another key") << "another key" << 103U;
        QTest::newRow("another order") << "another order" << 103U;
        QTest::newRow("no signature") << "no signature" << 103U;
        QTest::newRow("another user") << "another user" << 103U;
        QTest::newRow("expired within grace") << "expired 5" << 0U;
        QTest::newRow("expired") << "expired 6" << 109U;
        QTest::newRow("second batch is bad") << "second batch" << 103U;
        QTest::newRow("as many keys as allowed") << "keys 5" << 0U;
        QTest::newRow("too many keys") << "keys 6" << 106U;
        QTest::newRow("untracked ones don't count") << "keys 6 less 1" << 0U;
        QTest::newRow("no secret") << "no secret" << 100U;
    }
    void trackRefusesByTheTable() {
        QFETCH(QString, what);
        QFETCH(uint, error);
        for (const bool binary : {false, true}) {
            Poll p;
            auto peer = p.subscribed(binary);
            auto request = p.trackRequest({{"x", 0}, {"y", 0}});
            auto& batch = request.track[0];
            if (what == QStringLiteral("no batch"))
                request.track.clear();
            else if (what == QStringLiteral("no key"))
                batch.items.clear();
            else if (what == QStringLiteral("not subscribed"))
                request.channel = "poll:b";
            else if (what == QStringLiteral("another key"))
                batch.items[0].key = "z";
            else if (what == QStringLiteral("another order"))
                std::swap(batch.items[0], batch.items[1]);
            else if (what == QStringLiteral("no signature"))
                batch.signature = "nonsense";
            else if (what == QStringLiteral("another user"))
                batch.signature = sign({"x", "y"}, 1, p.engine.now() + 9, "43");
            else if (what.startsWith(QStringLiteral("expired")))
                request = p.trackRequest({{"x", 0}}, what.endsWith(QStringLiteral("5")) ? -5 : -6);
            else if (what == QStringLiteral("second batch"))
                request.track.push_back({"1:2:3", {{"z", 0}}});
            else if (what == QStringLiteral("keys 5"))
                request = p.trackRequest({{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}, {"5", 0}});
            else if (what.startsWith(QStringLiteral("keys 6")))
                request = p.trackRequest({{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}, {"5", 0}, {"6", 0}});
            if (what.endsWith(QStringLiteral("less 1")))
                request.untrack = {"6"};
            if (what == QStringLiteral("no secret")) {
                auto project = std::make_shared<engine::ProjectConfig>(*p.engine.node().config());
                project->sharedPoll.hmacSecretKey = {};
                p.engine.node().apply(project);
            }
            QCOMPARE(errorOf(ask(*peer, request)), std::uint32_t(error));
            QCOMPARE(peer->closeCode(), 0U);
        }
    }

    void signatureUnderThePreviousKey() {
        engine::SharedPollProjectOptions options;
        options.hmacSecretKey = auth::Secret("new");
        options.hmacPreviousSecretKey = auth::Secret("old");
        protocol::TrackBatch batch;
        batch.items = {{"x", 0}};
        const auto verifies = [&](std::int64_t issuedAt, const char* secret) {
            batch.signature = sign({"x"}, issuedAt, 200, "42", kChannel, secret);
            const auto signature = engine::verifyTrackSignature(options, kChannel, "42", batch);
            return signature && signature->expireAt == 200 && signature->issuedAt == issuedAt;
        };
        QVERIFY(verifies(100, "new"));
        QVERIFY(verifies(100, "old"));
        QVERIFY(!verifies(100, "other"));
        options.hmacPreviousSecretKeyValidUntil = 100;
        QVERIFY(verifies(100, "old"));
        QVERIFY(!verifies(101, "old"));
        QVERIFY(verifies(101, "new"));
        for (const char* damaged : {"", "1", "1:2", ":", "::", "1:2:zz"}) {
            batch.signature = damaged;
            QVERIFY(!engine::verifyTrackSignature(options, kChannel, "42", batch));
        }
    }

    void expiredKeysAreDroppedSilently() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(errorOf(ask(*peer, p.trackRequest({{"x", 1}}, 10))), 0U);
        QCOMPARE(errorOf(ask(*peer, p.trackRequest({{"y", 1}}, 3600))), 0U);
        p.engine.advance(Seconds(27));
        QCOMPARE(p.engine.node().sharedPoll().keyCount(), std::size_t(2));
        p.engine.advance(Seconds(27));
        QCOMPARE(p.engine.node().sharedPoll().keyCount(), std::size_t(1));
        QCOMPARE(changesOf(*peer), std::string());
    }

    void serverApiPublishes_data() { bothEncodings(); }
    void serverApiPublishes() {
        QFETCH(bool, binary);
        Poll p(engine::SharedPollMode::Versioned,
               [](engine::ChannelOptions& options) { options.sharedPoll.publishEnabled = true; });
        auto& node = p.engine.node();
        const auto errorOf = [&node](const char* channel, const char* key, std::uint64_t version) {
            const auto result = node.sharedPollPublish(channel, key, SharedBytes("1"), version);
            return result ? 0U : result.error().code;
        };
        QCOMPARE(errorOf("poll:a", "x", 1), 0U);
        QCOMPARE(errorOf("poll:a", "", 1), 107U);
        QCOMPARE(errorOf("poll:a", "x", 0), 107U);
        QCOMPARE(errorOf("", "x", 1), 107U);
        QCOMPARE(errorOf("public:a", "x", 1), 107U);
        QCOMPARE(errorOf("nowhere:a", "x", 1), 102U);
        auto peer = p.subscribed(binary);
        QCOMPARE(p.track(*peer, {{"x", 4}}), 0U);
        QCOMPARE(errorOf("poll:a", "x", 5), 0U);
        QCOMPARE(errorOf("poll:a", "x", 5), 0U);
        QCOMPARE(errorOf("poll:a", "x", 3), 0U);
        QCOMPARE(errorOf("poll:a", "other", 9), 0U);
        p.engine.turn();
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.version, std::uint64_t(5));
        // What was published just now isn't asked for in the next round.
        p.engine.advance(Seconds(10));
        QCOMPARE(p.proxy.calls.size(), std::size_t(0));
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("x:5"));
        Poll closed;
        QCOMPARE(closed.engine.node().sharedPollPublish("poll:a", "x", SharedBytes("1"), 1).error().code, 108U);
    }

    void deltasFromTheBackendsPreviousValue_data() { bothEncodings(); }
    void deltasFromTheBackendsPreviousValue() {
        QFETCH(bool, binary);
        Poll p(engine::SharedPollMode::Versioned,
               [](engine::ChannelOptions& options) { options.allowedDeltaTypes = {engine::DeltaType::Fossil}; });
        auto peer = p.subscribed(binary, "fossil");
        const std::string one = std::string(100, 'a') + "1";
        const std::string two = std::string(100, 'a') + "2";
        QCOMPARE(p.track(*peer, {{"x", 0}}), 0U);
        p.answer(items({item("x", one, 1)}));
        p.engine.advance(Seconds(10));
        auto next = item("x", two, 2);
        next.prevData = SharedBytes(one);
        p.answer(items({next}));
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(2));
        QVERIFY(!pushes[0].second.delta);
        QCOMPARE(pushes[0].second.data.view(), std::string_view(binary ? one : "\"" + one + "\""));
        QVERIFY(pushes[1].second.delta);
        const auto patch = protocol::makeFossilDelta(one, two);
        QCOMPARE(pushes[1].second.data.view(), binary ? std::string_view(patch) : protocol::quoteJson(patch).view());
        // One that comes with another version can't use the patch.
        auto other = p.subscribed(binary, "fossil");
        QCOMPARE(p.track(*other, {{"x", 1}}), 0U);
        p.answer(items({item("x", two, 2)}));
        QVERIFY(!pushesOf<protocol::Publication>(*other)[0].second.delta);
    }

    void subscribeRefusesByTheTable() {
        Poll p;
        auto peer = p.engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo(kChannel))), 107U);
        auto request = subscribeTo(kChannel);
        request.type = 1;
        QCOMPARE(errorOf(ask(*peer, request)), 107U);
        request.type = 4;
        QCOMPARE(errorOf(ask(*peer, request)), 0U);
        QCOMPARE(errorOf(ask(*peer, request)), 105U);
        protocol::SubRefreshRequest refresh;
        refresh.channel = kChannel;
        QCOMPARE(errorOf(ask(*peer, refresh)), 107U);
        refresh.type = 2;
        QCOMPARE(errorOf(ask(*peer, refresh)), 107U);
    }

    void theTypeGoesBeforeWhatTheClientHas_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<int>("type");
        QTest::addColumn<uint>("error");
        const auto add = [](const char* channel, const std::vector<std::pair<int, unsigned>>& errors) {
            for (const auto& [type, error] : errors)
                QTest::addRow("%s as %d", channel, type) << channel << type << error;
        };
        // The server has subscribed the client to the first two.
        add("poll:a", {{0, 107U}, {1, 107U}, {2, 107U}, {3, 107U}, {4, 105U}, {5, 107U}});
        add("public:a", {{0, 105U}, {1, 105U}, {4, 108U}});
        add("poll:b", {{0, 107U}, {1, 107U}, {4, 106U}});
        add("public:b", {{0, 106U}, {1, 106U}, {4, 108U}});
        add("nowhere:a", {{0, 106U}, {4, 108U}});
    }
    /// Centrifuge looks at shared poll before all else: handleSubscribe().
    void theTypeGoesBeforeWhatTheClientHas() {
        QFETCH(QString, channel);
        QFETCH(int, type);
        QFETCH(uint, error);
        Poll p;
        auto project = std::make_shared<engine::ProjectConfig>(*p.engine.node().config());
        project->client.channelLimit = 2;
        p.engine.node().apply(project);
        for (const bool binary : {false, true}) {
            auto peer = connectAs(p.engine, "42", binary);
            for (const char* name : {"poll:a", "public:a"})
                QVERIFY(p.engine.node().subscribe({"42", {}, {}}, name).has_value());
            p.engine.turn();
            auto request = subscribeTo(channel.toStdString());
            request.type = type;
            QCOMPARE(errorOf(ask(*peer, request)), std::uint32_t(error));
            if (type == 4)
                continue;
            // Neither what is wrong in it nor what it goes on with is looked at where the type is another one.
            const bool isPolled = channel.startsWith(QStringLiteral("poll:"));
            request.cursor = "k";
            QCOMPARE(errorOf(ask(*peer, request)), std::uint32_t(error));
            request.delta = "other";
            if (isPolled)
                QCOMPARE(errorOf(ask(*peer, request)), 107U);
            QCOMPARE(peer->closeCode(), 0U);
        }
    }

    void unsubscribingStopsTracking() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        protocol::UnsubscribeRequest unsubscribe;
        unsubscribe.channel = kChannel;
        QCOMPARE(errorOf(ask(*peer, unsubscribe)), 0U);
        QCOMPARE(p.engine.node().sharedPoll().keyCount(), std::size_t(0));
        QCOMPARE(p.subscribe(*peer).type, 4);
    }

    void binaryValuesCloseJsonClients() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 0}}), 0U);
        p.answer(items({item("x", "\x01", 1)}));
        QCOMPARE(peer->closeCode(), 3506U);
    }

    void threadsTrackAndPublishAtTheSameTime() {
        Poll p(engine::SharedPollMode::Versioned,
               [](engine::ChannelOptions& options) { options.sharedPoll.publishEnabled = true; });
        constexpr int kRounds = 200;
        auto peer = p.subscribed();
        std::thread publisher([&node = p.engine.node()] {
            for (int i = 1; i <= kRounds; ++i)
                (void)node.sharedPollPublish(kChannel, "x", SharedBytes(std::to_string(i)), std::uint64_t(i))
                    .has_value();
        });
        std::uint64_t last = 0;
        const auto look = [&] {
            for (const auto& [channel, publication] : pushesOf<protocol::Publication>(*peer)) {
                QVERIFY(publication.version > last);
                last = publication.version;
            }
        };
        for (int i = 0; i < kRounds; ++i) {
            peer->send(command(7, p.trackRequest({{"x", last}})));
            look();
            if (i % 3 == 0)
                p.untrack(*peer, {"x"});
        }
        publisher.join();
        peer->send(command(7, p.trackRequest({{"x", last}})));
        QVERIFY(p.engine.node().sharedPollPublish(kChannel, "x", SharedBytes("0"), kRounds + 1).has_value());
        p.engine.turn();
        look();
        QCOMPARE(last, std::uint64_t(kRounds + 1));
    }
};

QTEST_GUILESS_MAIN(SharedPollTest)
#include "tst_shared_poll.moc"
