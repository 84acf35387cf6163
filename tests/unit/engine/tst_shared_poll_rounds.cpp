#include "shared_poll_test.h"

using namespace xshathra;
using namespace xshathra::test;

class SharedPollRoundsTest : public QObject {
    Q_OBJECT

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
};

QTEST_GUILESS_MAIN(SharedPollRoundsTest)
#include "tst_shared_poll_rounds.moc"
