#include "map_test.h"

#include "server/auth/digest.h"
#include "server/engine/shared_poll_signature.h"
#include "server/protocol/fossil_delta.h"
#include "server/protocol/json.h"
#include "tests/support/fake_proxy.h"

#include <thread>

using namespace xshathra;
using namespace xshathra::test;

namespace {

constexpr const char* kPollSecret = "poll-secret";
const std::string kChannel = "poll:a";

std::string sign(const std::vector<std::string>& keys, std::int64_t issuedAt, std::int64_t expireAt,
                 const std::string& user = "42", const std::string& channel = kChannel,
                 const std::string& secret = kPollSecret) {
    std::string joined;
    for (const auto& key : keys)
        joined += (&key == keys.data() ? "" : std::string(1, '\0')) + key;
    std::string text = std::to_string(issuedAt);
    for (const auto& field :
         {std::to_string(expireAt), user, channel, auth::toHex(auth::sha256(joined))})
        text += std::string(1, '\0') + field;
    return std::to_string(issuedAt) + ":" + std::to_string(expireAt) + ":" +
           auth::toHex(auth::hmacSha256(secret, text));
}

using Item = engine::SharedPollProxyResult::Item;

Item item(std::string key, std::string data, std::uint64_t version) {
    Item made;
    made.key = std::move(key);
    made.data = SharedBytes(std::move(data));
    made.version = version;
    return made;
}

engine::SharedPollProxyResult items(std::vector<Item> list, std::string epoch = {}) {
    engine::SharedPollProxyResult result;
    result.items = std::move(list);
    result.epoch = std::move(epoch);
    return result;
}

/// An engine with a namespace "poll" whose backend is the test.
struct Poll {
    explicit Poll(engine::SharedPollMode mode = engine::SharedPollMode::Versioned,
                  const std::function<void(engine::ChannelOptions&)>& change = {}) {
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            engine::NamespaceOptions ns;
            ns.name = "poll";
            auto& options = ns.options;
            options.subscriptionType = engine::SubscriptionType::SharedPoll;
            options.allowSubscribeForClient = true;
            options.sharedPoll.mode = mode;
            options.sharedPoll.refreshBatchSize = 3;
            options.sharedPoll.maxKeysPerConnection = 5;
            if (change)
                change(options);
            layout.namespaces.push_back(ns);
            project.sharedPoll.hmacSecretKey = auth::Secret(kPollSecret);
            project.client.pingInterval = Milliseconds(0);
            project.proxies.channel.sharedPollRefresh.endpoint = "http://127.0.0.1:1/poll";
        });
        engine.registry.setProxy(&proxy);
    }

    std::unique_ptr<EngineFixture::Peer> subscribed(bool binary = false, const std::string& delta = {}) {
        auto peer = binary ? engine.connectProtobuf("42") : engine.connect("42");
        subscribe(*peer, delta);
        return peer;
    }
    protocol::SubscribeResult subscribe(EngineFixture::Peer& peer, const std::string& delta = {}) {
        auto request = subscribeTo(kChannel);
        request.type = 4;
        request.delta = delta;
        const auto replies = ask(peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        return result != nullptr ? *result : protocol::SubscribeResult{};
    }
    protocol::SubRefreshRequest trackRequest(const std::vector<std::pair<std::string, std::uint64_t>>& keys,
                                             std::int64_t ttl = 3600) {
        protocol::SubRefreshRequest request;
        request.channel = kChannel;
        request.type = 1;
        protocol::TrackBatch batch;
        std::vector<std::string> names;
        for (const auto& [key, version] : keys) {
            batch.items.push_back({key, version});
            names.push_back(key);
        }
        batch.signature = sign(names, engine.now(), engine.now() + ttl);
        request.track.push_back(batch);
        return request;
    }
    std::uint32_t track(EngineFixture::Peer& peer, const std::vector<std::pair<std::string, std::uint64_t>>& keys) {
        return errorOf(ask(peer, trackRequest(keys)));
    }
    void untrack(EngineFixture::Peer& peer, std::vector<std::string> keys) {
        protocol::SubRefreshRequest request;
        request.channel = kChannel;
        request.type = 2;
        request.untrack = std::move(keys);
        QCOMPARE(errorOf(ask(peer, request)), 0U);
    }
    /// "x:0 y:3" of the last question.
    std::string asked() const {
        std::string text;
        for (const auto& one : proxy.request<engine::SharedPollProxyRequest>().items)
            text += (text.empty() ? "" : " ") + one.key + ":" + std::to_string(one.version);
        return text;
    }
    template <typename Outcome>
    void answer(Outcome outcome) {
        proxy.answer(std::move(outcome));
        engine.turn();
    }
    /// Keys tracked for the first time are asked for at once, each in a call of its own.
    void answerAll(const std::vector<Item>& values) {
        while (proxy.unanswered() > 0)
            answer(items(values));
    }

    FakeProxy proxy;
    EngineFixture engine;
};

}  // namespace

class SharedPollTest : public QObject {
    Q_OBJECT

    static void bothEncodings() {
        QTest::addColumn<bool>("binary");
        QTest::newRow("json") << false;
        QTest::newRow("protobuf") << true;
    }

private Q_SLOTS:
    void firstTrackAsksTheBackendAtOnce_data() { bothEncodings(); }
    void firstTrackAsksTheBackendAtOnce() {
        QFETCH(bool, binary);
        Poll p;
        auto peer = binary ? p.engine.connectProtobuf("42") : p.engine.connect("42");
        const auto result = p.subscribe(*peer);
        QCOMPARE(result.type, 4);
        QVERIFY(result.epoch.empty());
        QVERIFY(!result.delta && !result.expires);
        const auto replies = ask(*peer, p.trackRequest({{"x", 0}, {"y", 0}, {"z", 7}}, 100));
        const auto* tracked = resultOf<protocol::SubRefreshResult>(replies);
        QVERIFY(tracked != nullptr);
        QVERIFY(tracked->expires);
        QCOMPARE(tracked->ttl, 100U);
        QVERIFY(tracked->items.empty());
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        QCOMPARE(p.proxy.last().request.index(), std::size_t(engine::ProxyKind::SharedPollRefresh));
        QCOMPARE(p.proxy.request<engine::SharedPollProxyRequest>().channel, kChannel);
        QCOMPARE(p.asked(), std::string("x:0"));
        p.answer(items({item("x", "1", 5)}));
        QCOMPARE(p.asked(), std::string("y:0"));
        p.answer(items({}));
        QCOMPARE(p.proxy.unanswered(), std::size_t(0));
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].first, kChannel);
        QCOMPARE(pushes[0].second.key, std::string("x"));
        QCOMPARE(pushes[0].second.data.view(), std::string_view("1"));
        QCOMPARE(pushes[0].second.version, std::uint64_t(5));
        QVERIFY(pushes[0].second.epoch.empty());
    }

    void roundsAreAskedInBatches() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}), 0U);
        QCOMPARE(p.proxy.calls.size(), std::size_t(0));
        p.engine.advance(Seconds(10) - Nanoseconds(1));
        QCOMPARE(p.proxy.calls.size(), std::size_t(0));
        p.engine.advance(Nanoseconds(1));
        QCOMPARE(p.asked(), std::string("a:0 b:0 c:0"));
        p.answer(items({item("a", "1", 1), item("b", "2", 2)}));
        QCOMPARE(keysOf({pushesOf<protocol::Publication>(*peer)[0].second}), std::string("b=2"));
        // The second batch follows half an interval later, and the period stays.
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.engine.advance(Seconds(5));
        QCOMPARE(p.asked(), std::string("d:0 e:0"));
        p.engine.advance(Seconds(4));
        p.answer(items({}));
        p.engine.advance(Seconds(1));
        QCOMPARE(p.proxy.calls.size(), std::size_t(3));
        QCOMPARE(p.asked(), std::string("a:1 b:2 c:0"));
    }

    void onlyNewerVersionsAreSent() {
        Poll p;
        auto first = p.subscribed();
        QCOMPARE(p.track(*first, {{"x", 0}}), 0U);
        p.answer(items({item("x", "1", 5)}));
        QCOMPARE(changesOf(*first), std::string("x=1"));
        // A client that comes later gets the value by another call, which nobody else notices.
        auto second = p.subscribed();
        QCOMPARE(p.track(*second, {{"x", 0}}), 0U);
        QCOMPARE(p.asked(), std::string("x:0"));
        auto third = p.subscribed();
        QCOMPARE(p.track(*third, {{"x", 5}}), 0U);
        QCOMPARE(p.proxy.unanswered(), std::size_t(1));
        p.answer(items({item("x", "1", 5)}));
        QCOMPARE(changesOf(*first), std::string());
        QCOMPARE(changesOf(*second), std::string("x=1"));
        QCOMPARE(changesOf(*third), std::string());
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("x:5"));
        p.answer(items({item("x", "2", 6)}));
        for (auto* peer : {first.get(), second.get(), third.get()})
            QCOMPARE(changesOf(*peer), std::string("x=2"));
    }

    void versionlessCountsByItself() {
        Poll p(engine::SharedPollMode::Unset);
        auto peer = p.engine.connect("42");
        const auto epoch = p.subscribe(*peer).epoch;
        QVERIFY(!epoch.empty());
        QCOMPARE(p.track(*peer, {{"x", 0}, {"y", 0}}), 0U);
        p.answerAll({item("x", "1", 0), item("y", "2", 0)});
        auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(2));
        QCOMPARE(pushes[0].second.version, std::uint64_t(1));
        QCOMPARE(pushes[1].second.version, std::uint64_t(2));
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("x:0 y:0"));
        p.answer(items({item("x", "1", 0), item("y", "3", 0)}));
        pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.version, std::uint64_t(3));
        auto other = p.engine.connect("42");
        QVERIFY(p.subscribe(*other).epoch != epoch);  // the channel's, since it has begun
    }

    void removedKeysAreTold() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}, {"y", 1}}), 0U);
        p.engine.advance(Seconds(10));
        auto gone = item("x", "", 0);
        gone.removed = true;
        p.answer(items({gone}));
        QCOMPARE(changesOf(*peer), std::string("-x"));
        QCOMPARE(p.engine.node().sharedPoll().keyCount(), std::size_t(1));
        // It can be tracked again.
        QCOMPARE(p.track(*peer, {{"x", 0}}), 0U);
        p.answer(items({item("x", "1", 1)}));
        QCOMPARE(changesOf(*peer), std::string("x=1"));
    }

    void untrackedKeysAreLeftAlone() {
        Poll p;
        auto peer = p.subscribed();
        auto other = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}, {"y", 1}}), 0U);
        QCOMPARE(p.track(*other, {{"x", 1}}), 0U);
        p.untrack(*peer, {"x", "y", "none"});
        QCOMPARE(p.engine.node().sharedPoll().keyCount(), std::size_t(1));
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("x:0"));
        p.answer(items({item("x", "2", 2)}));
        QCOMPARE(changesOf(*peer), std::string());
        QCOMPARE(changesOf(*other), std::string("x=2"));
    }

    void channelEndsAMomentAfterItsLastKey() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        p.untrack(*peer, {"x"});
        p.engine.advance(Seconds(1) - Nanoseconds(1));
        QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(1));
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        p.engine.advance(Seconds(2));
        QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(1));
        peer->client.transportClosed("gone");
        p.engine.turn();
        p.engine.advance(Seconds(1));
        QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(0));
        p.engine.advance(Seconds(60));
        QCOMPARE(p.proxy.calls.size(), std::size_t(0));
    }

    void timersEndWithTheirChannel_data() {
        QTest::addColumn<int>("shutdownDelay");
        QTest::addColumn<bool>("inRound");
        QTest::addColumn<bool>("projectGoes");
        QTest::newRow("between rounds") << 0 << false << false;
        QTest::newRow("in a round") << 0 << true << false;
        QTest::newRow("at once") << -1 << true << false;
        QTest::newRow("with the project") << 0 << true << true;
    }
    void timersEndWithTheirChannel() {
        QFETCH(int, shutdownDelay);
        QFETCH(bool, inRound);
        QFETCH(bool, projectGoes);
        Poll p(engine::SharedPollMode::Versioned, [&](engine::ChannelOptions& options) {
            options.sharedPoll.channelShutdownDelay = Milliseconds(shutdownDelay);
        });
        const auto before = p.engine.loop.timers().size();
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}), 0U);
        if (inRound) {
            p.engine.advance(Seconds(10));
            QCOMPARE(p.asked(), std::string("a:0 b:0 c:0"));
            p.answer(items({}));
        }
        const auto asked = p.proxy.calls.size();
        QVERIFY(p.engine.loop.timers().size() > before);
        if (projectGoes)
            p.engine.removeProject("proj_A");
        else
            peer->client.transportClosed("gone");
        p.engine.turn();
        if (shutdownDelay == 0 && !projectGoes) {
            QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(1));
            p.engine.advance(Seconds(1));
            QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(0));
        }
        peer.reset();
        p.engine.turn();
        QCOMPARE(p.engine.loop.timers().size(), before);
        p.engine.advance(Seconds(60));
        QCOMPARE(p.proxy.calls.size(), asked);
    }

    void answersAfterTheEndOfTheChannelSetNoTimer() {
        Poll p;
        const auto before = p.engine.loop.timers().size();
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("x:0"));
        peer.reset();
        p.engine.turn();
        p.engine.advance(Seconds(1));
        QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(0));
        p.answer(items({item("x", "2", 2)}));
        QCOMPARE(p.engine.loop.timers().size(), before);
    }

    void ordersToShutDownDontPileUp() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        p.untrack(*peer, {"x"});
        const auto once = p.engine.loop.timers().size();
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
            p.untrack(*peer, {"x"});
        }
        QCOMPARE(p.engine.loop.timers().size(), once);
        p.engine.advance(Seconds(1));
        QCOMPARE(p.engine.node().sharedPoll().channelCount(), std::size_t(0));
    }

    void keysThatNobodyTracksAnyMoreArentAskedFor_data() {
        QTest::addColumn<bool>("versioned");
        QTest::newRow("versioned") << true;
        QTest::newRow("versionless") << false;
    }
    void keysThatNobodyTracksAnyMoreArentAskedFor() {
        QFETCH(bool, versioned);
        Poll p(versioned ? engine::SharedPollMode::Versioned : engine::SharedPollMode::Unset);
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}), 0U);
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("a:0 b:0 c:0"));
        p.answer(items({}));
        p.untrack(*peer, {"d"});
        p.engine.advance(Seconds(5));
        QCOMPARE(p.asked(), std::string("e:0"));
        p.answer(items({}));
        // Without a key left there is no call, and the round still ends.
        p.engine.advance(Seconds(5));
        QCOMPARE(p.asked(), std::string("a:0 b:0 c:0"));
        p.answer(items({}));
        p.untrack(*peer, {"e"});
        QCOMPARE(p.track(*peer, {{"f", 1}}), 0U);
        const auto calls = p.proxy.calls.size();
        p.engine.advance(Seconds(5));
        QCOMPARE(p.proxy.calls.size(), calls);
        p.engine.advance(Seconds(5));
        QCOMPARE(p.proxy.calls.size(), calls + 1);
    }

    void backendsEpochChangeEndsSubscriptions() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        p.engine.advance(Seconds(10));
        p.answer(items({item("x", "2", 2)}, "e1"));
        const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.code, 2500U);
        QCOMPARE(p.subscribe(*peer).epoch, std::string("e1"));
        QCOMPARE(p.track(*peer, {{"x", 0}}), 0U);
        p.answer(items({item("x", "2", 2)}, "e1"));
        QCOMPARE(changesOf(*peer), std::string("x=2"));
    }

    void failedCallsAreTriedInTheNextRound() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 0}}), 0U);
        p.answer(engine::ProxyFailure{"down"});
        p.engine.advance(Seconds(10));
        QCOMPARE(p.asked(), std::string("x:0"));
        p.answer(protocol::ClientError(ErrorCode::Internal));
        p.engine.advance(Seconds(10));
        p.answer(engine::ProxyNoResult{});
        p.engine.advance(Seconds(10));
        p.answer(items({item("x", "1", 1), item("unasked", "1", 1)}));
        QCOMPARE(changesOf(*peer), std::string("x=1"));
    }

    void slowRoundDelaysTheNextOne() {
        Poll p;
        auto peer = p.subscribed();
        QCOMPARE(p.track(*peer, {{"x", 1}}), 0U);
        p.engine.advance(Seconds(10));
        p.engine.advance(Seconds(5));
        // Notices wait for the round.
        auto other = p.subscribed();
        QCOMPARE(p.track(*other, {{"y", 0}}), 0U);
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.engine.advance(Seconds(20));
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.answer(items({}));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
        QCOMPARE(p.asked(), std::string("y:0"));
        p.answer(items({}));
        p.engine.advance(Nanoseconds(1));
        QCOMPARE(p.asked(), std::string("x:0 y:0"));
    }

    void callsAtATimeAreLimited() {
        Poll p;
        auto change = *p.engine.node().config();
        auto peer = p.subscribed();
        auto project = std::make_shared<engine::ProjectConfig>(change);
        project->sharedPoll.concurrencyLimit = 1;
        p.engine.node().apply(project);
        QCOMPARE(p.track(*peer, {{"x", 0}}), 0U);
        auto request = subscribeTo("poll:b");
        request.type = 4;
        ask(*peer, request);
        auto track = p.trackRequest({{"y", 0}});
        track.channel = "poll:b";
        track.track[0].signature = sign({"y"}, p.engine.now(), p.engine.now() + 9, "42", "poll:b");
        QCOMPARE(errorOf(ask(*peer, track)), 0U);
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.answer(items({}));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
    }

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
        Poll p(engine::SharedPollMode::Versioned, [](engine::ChannelOptions& options) {
            options.allowedDeltaTypes = {engine::DeltaType::Fossil};
        });
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
                (void)node.sharedPollPublish(kChannel, "x", SharedBytes(std::to_string(i)), std::uint64_t(i)).has_value();
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
