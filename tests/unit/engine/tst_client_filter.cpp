#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

const std::string kChannel = "news:a";

void prepare(EngineFixture& engine, engine::RecoveryMode mode = engine::RecoveryMode::Stream, bool autoRecover = false,
             std::size_t recoveryLimit = 300) {
    engine.addProject("proj_A", [=](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
        project.client.recoveryMaxPublicationLimit = recoveryLimit;
        project.client.pingInterval = Milliseconds(0);
        for (const auto* name : {"news", "plain"}) {
            engine::NamespaceOptions news;
            news.name = name;
            news.options.allowSubscribeForClient = true;
            news.options.allowTagsFilter = true;
            if (news.name == "news") {
                news.options.historySize = 10;
                news.options.historyTtl = Seconds(300);
                news.options.forceRecovery = true;
                news.options.forceRecoveryMode = mode;
                news.options.autoCacheRecover = autoRecover;
            }
            layout.namespaces.push_back(news);
        }
    });
}

protocol::SubscribeRequest onlyKind(const std::string& kind, const std::string& channel = kChannel) {
    auto request = subscribeTo(channel);
    request.tf.emplace();
    request.tf->key = "kind";
    request.tf->cmp = "eq";
    request.tf->val = kind;
    return request;
}

/// Publishes the kinds in order, each with itself as its data.
void publishKinds(EngineFixture& engine, std::string_view kinds, const std::string& channel = kChannel) {
    for (const char kind : kinds) {
        engine::PublishOptions options;
        if (kind != '-')
            options.tags = {{"kind", std::string(1, kind)}};
        QVERIFY(engine.node().publish(channel, bytes("\"" + std::string(1, kind) + "\""), options).has_value());
    }
    engine.turn();
}

std::string textOf(const std::vector<protocol::Publication>& publications) {
    std::string text;
    for (const auto& one : publications)
        text += std::to_string(one.offset) + ":" + std::string(one.data.view()) + " ";
    return text;
}

std::string liveOf(EngineFixture::Peer& peer) {
    std::vector<protocol::Publication> publications;
    for (auto& [channel, publication] : pushesOf<protocol::Publication>(peer))
        publications.push_back(std::move(publication));
    return textOf(publications);
}

}  // namespace

class ClientFilterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatDoesNotPassIsNotDelivered_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<QString>("live");
        QTest::newRow("positioned") << "news:a"
                                    << "1:\"a\" 3:\"a\" ";
        QTest::newRow("plain") << "plain:a"
                               << "0:\"a\" 0:\"a\" ";
    }

    void whatDoesNotPassIsNotDelivered() {
        QFETCH(QString, channel);
        QFETCH(QString, live);
        EngineFixture engine;
        prepare(engine);
        auto json = engine.connect("1");
        auto binary = engine.connectProtobuf("2");
        auto everything = engine.connect("3");
        ask(*json, onlyKind("a", channel.toStdString()));
        ask(*binary, onlyKind("a", channel.toStdString()));
        ask(*everything, subscribeTo(channel.toStdString()));
        publishKinds(engine, "aba-", channel.toStdString());
        QCOMPARE(liveOf(*json), live.toStdString());
        QCOMPARE(liveOf(*binary), live.toStdString());
        QCOMPARE(pushesOf<protocol::Publication>(*everything).size(), std::size_t(4));
        QCOMPARE(json->closeCode(), 0U);
    }

    void positionMovesPastWhatIsLeftOut() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("1");
        ask(*peer, onlyKind("a"));
        // Far longer than the delay of the position check.
        for (int i = 0; i < 5; ++i) {
            publishKinds(engine, "bbb");
            engine.advance(Seconds(20));
        }
        publishKinds(engine, "a");
        // Nothing else came: no unsubscribe push.
        QCOMPARE(peer->transport.sent.size(), std::size_t(1));
        QCOMPARE(liveOf(*peer), std::string("16:\"a\" "));
    }

    void refusals_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<bool>("sound");
        QTest::addColumn<bool>("expired");
        QTest::addColumn<uint>("error");
        QTest::newRow("sound and allowed") << "news:a" << true << false << 0U;
        QTest::newRow("malformed") << "news:a" << false << false << 107U;
        QTest::newRow("not allowed") << "chat:a" << true << false << 107U;
        QTest::newRow("malformed, subscription expired") << "news:a" << false << true << 110U;
    }

    void refusals() {
        QFETCH(QString, channel);
        QFETCH(bool, sound);
        QFETCH(bool, expired);
        QFETCH(uint, error);
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        auto request = onlyKind("a", channel.toStdString());
        if (!sound)
            request.tf->cmp = "is";
        if (expired)
            request.token = subscribeToken(
                "{\"sub\":\"42\",\"channel\":\"news:a\",\"expire_at\":" + std::to_string(engine.now() - 1) + "}");
        QCOMPARE(errorOf(ask(*peer, request)), std::uint32_t(error));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void whatWasMissedIsFilteredToo() {
        EngineFixture engine;
        prepare(engine);
        publishKinds(engine, "abab");
        auto peer = engine.connect("1");
        auto request = onlyKind("b");
        request.recover = true;
        request.offset = 1;
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result->recovered);
        QCOMPARE(textOf(result->publications), std::string("2:\"b\" 4:\"b\" "));
        QCOMPARE(result->offset, std::uint64_t(1));
        publishKinds(engine, "ab");
        QCOMPARE(liveOf(*peer), std::string("6:\"b\" "));
    }

    void recoveryWhereNothingPassesIsStillOne() {
        EngineFixture engine;
        prepare(engine);
        publishKinds(engine, "aaa");
        auto peer = engine.connect("1");
        auto request = onlyKind("b");
        request.recover = true;
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result->recovered);
        QCOMPARE(result->publications.size(), std::size_t(0));
        publishKinds(engine, "b");
        QCOMPARE(liveOf(*peer), std::string("4:\"b\" "));
    }

    /// Each as the real program answers it.
    void cacheMode_data() {
        QTest::addColumn<QString>("published");
        QTest::addColumn<quint64>("offset");
        QTest::addColumn<bool>("rightEpoch");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<bool>("recovered");
        QTest::addColumn<QString>("publications");
        const auto row = [](const char* name, const char* published, quint64 offset, bool rightEpoch, const char* kind,
                            bool recovered, const char* publications) {
            QTest::newRow(name) << QString::fromLatin1(published) << offset << rightEpoch << QString::fromLatin1(kind)
                                << recovered << QString::fromLatin1(publications);
        };
        row("empty", "", 0, true, "", false, "");
        row("newest", "ab", 0, true, "", true, "2:\"b\" ");
        row("behind", "ab", 1, true, "", true, "2:\"b\" ");
        row("up to date", "ab", 2, true, "", true, "");
        row("ahead in another epoch", "ab", 9, false, "", true, "2:\"b\" ");
        row("same offset in another epoch", "ab", 2, false, "", true, "2:\"b\" ");
        row("newest that passes", "abb", 0, true, "a", true, "1:\"a\" ");
        row("nothing passes", "abb", 0, true, "c", false, "");
        row("nothing passes, up to date", "abb", 3, true, "c", true, "");
        row("passes beyond the limit", "abbb", 0, true, "a", false, "");
    }

    void cacheMode() {
        QFETCH(QString, published);
        QFETCH(quint64, offset);
        QFETCH(bool, rightEpoch);
        QFETCH(QString, kind);
        QFETCH(bool, recovered);
        QFETCH(QString, publications);
        EngineFixture engine;
        prepare(engine, engine::RecoveryMode::Cache, false, 3);
        publishKinds(engine, published.toStdString());
        auto peer = engine.connect("1");
        auto request = kind.isEmpty() ? subscribeTo(kChannel) : onlyKind(kind.toStdString());
        request.recover = true;
        request.offset = offset;
        request.flag = 2;
        request.epoch = rightEpoch ? engine.node().history(kChannel, {})->epoch : "another";
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result != nullptr);
        QVERIFY(result->wasRecovering);
        QCOMPARE(result->recovered, recovered);
        QCOMPARE(textOf(result->publications), publications.toStdString());
        QCOMPARE(result->offset, recovered ? offset : std::uint64_t(published.size()));
    }

    void cacheIsRecoveredWithoutAskingWhereTheNamespaceSaysSo() {
        EngineFixture engine;
        prepare(engine, engine::RecoveryMode::Cache, true);
        auto early = engine.connect("1");
        const auto first = ask(*early, subscribeTo(kChannel));
        QVERIFY(resultOf<protocol::SubscribeResult>(first)->wasRecovering);
        QVERIFY(!resultOf<protocol::SubscribeResult>(first)->recovered);
        publishKinds(engine, "ab");
        auto late = engine.connect("1");
        const auto second = ask(*late, subscribeTo(kChannel));
        const auto* result = resultOf<protocol::SubscribeResult>(second);
        QVERIFY(result->wasRecovering && result->recovered);
        QCOMPARE(textOf(result->publications), std::string("2:\"b\" "));
        // A server-side subscription too, on every connect.
        auto served = engine.open();
        const auto connected = ask(*served, connectWith(connectToken(q("{'sub':'42','channels':['news:a']}"))));
        const auto& sub = resultOf<protocol::ConnectResult>(connected)->subs.at(kChannel);
        QVERIFY(sub.recovered);
        QCOMPARE(textOf(sub.publications), std::string("2:\"b\" "));
    }

    void recoveryLimit_data() {
        QTest::addColumn<quint64>("limit");
        QTest::addColumn<bool>("recovered");
        QTest::newRow("one less") << quint64(4) << false;
        QTest::newRow("as many") << quint64(5) << true;
        QTest::newRow("one more") << quint64(6) << true;
        QTest::newRow("no limit") << quint64(0) << true;
    }

    void recoveryLimit() {
        QFETCH(quint64, limit);
        QFETCH(bool, recovered);
        EngineFixture engine;
        prepare(engine, engine::RecoveryMode::Stream, false, limit);
        publishKinds(engine, "abcde");
        auto peer = engine.connect("1");
        auto request = subscribeTo(kChannel);
        request.recover = true;
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QCOMPARE(result->recovered, recovered);
        QCOMPARE(result->publications.size(), std::size_t(recovered ? 5 : 0));
        request.flag = 2;
        auto strict = engine.connect("1");
        QCOMPARE(errorOf(ask(*strict, request)), recovered ? 0U : 112U);
    }

    /// Versions one after another in one channel: whether each was published.
    void versions_data() {
        QTest::addColumn<QString>("epoch");
        QTest::addColumn<int>("version");
        QTest::addColumn<bool>("published");
        // Before each row: version 5 of epoch "e".
        QTest::newRow("lower") << "e" << 4 << false;
        QTest::newRow("same") << "e" << 5 << false;
        QTest::newRow("higher") << "e" << 6 << true;
        QTest::newRow("lower in another epoch") << "f" << 4 << true;
        QTest::newRow("lower without an epoch") << "" << 4 << false;
        QTest::newRow("higher without an epoch") << "" << 6 << true;
        QTest::newRow("none") << "" << 0 << true;
    }

    void versions() {
        QFETCH(QString, epoch);
        QFETCH(int, version);
        QFETCH(bool, published);
        EngineFixture engine;
        prepare(engine);
        engine::PublishOptions options;
        options.version = 5;
        options.versionEpoch = "e";
        QVERIFY(engine.node().publish(kChannel, bytes("1"), options).has_value());
        options.version = std::uint64_t(version);
        options.versionEpoch = epoch.toStdString();
        const auto second = engine.node().publish(kChannel, bytes("2"), options);
        QCOMPARE(second->offset, std::uint64_t(published ? 2 : 1));
        QCOMPARE(engine.node().history(kChannel, {-1, {}, false})->publications.size(), std::size_t(published ? 2 : 1));
    }

    /// Only the last publication's version counts, so one without a version forgets it.
    void publicationWithoutVersionForgetsIt() {
        EngineFixture engine;
        prepare(engine);
        engine::PublishOptions options;
        options.version = 5;
        QVERIFY(engine.node().publish(kChannel, bytes("1"), options).has_value());
        QVERIFY(engine.node().publish(kChannel, bytes("2")).has_value());
        options.version = 3;
        QCOMPARE(engine.node().publish(kChannel, bytes("3"), options)->offset, std::uint64_t(3));
    }
};

QTEST_GUILESS_MAIN(ClientFilterTest)
#include "tst_client_filter.moc"
