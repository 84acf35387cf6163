#include "client_test.h"
#include "server/protocol/fossil_delta.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace xshathra;
using namespace xshathra::test;

namespace {

using Publications = std::vector<protocol::Publication>;

/// A document whose versions differ in one place; long enough that a patch pays.
std::string document(int version) {
    return "{\"text\": \"" + std::string(60, 'x') + "\", \"n\": " + std::to_string(version) + "}";
}

/// A channel with delta compression and history.
const std::string kChannel = "doc:a";

struct Setup {
    bool history = true;
    bool recovery = true;
    bool deltaPublish = true;
    bool tagsFilter = false;
    bool cache = false;
};

void prepare(EngineFixture& engine, Setup setup = {}) {
    engine.addProject("proj_A", [setup](engine::ProjectConfig&, engine::ChannelLayout& layout) {
        engine::NamespaceOptions doc;
        doc.name = "doc";
        doc.options.historySize = setup.history ? 10 : 0;
        doc.options.historyTtl = Seconds(setup.history ? 300 : 0);
        doc.options.forceRecovery = setup.recovery;
        doc.options.allowSubscribeForClient = true;
        doc.options.allowPublishForClient = true;
        doc.options.allowedDeltaTypes = {engine::DeltaType::Fossil};
        doc.options.deltaPublish = setup.deltaPublish;
        doc.options.allowTagsFilter = setup.tagsFilter;
        doc.options.forceRecoveryMode = setup.cache ? engine::RecoveryMode::Cache : engine::RecoveryMode::Stream;
        layout.namespaces.push_back(doc);
    });
}

protocol::SubscribeRequest withDelta(const std::string& channel = kChannel) {
    auto request = subscribeTo(channel);
    request.delta = "fossil";
    return request;
}

protocol::SubscribeRequest recoverFrom(std::uint64_t offset, const std::string& epoch = {}) {
    auto request = withDelta();
    request.recover = true;
    request.offset = offset;
    request.epoch = epoch;
    return request;
}

void publishVersion(EngineFixture& engine, int version, const engine::PublishOptions& options = {}) {
    QVERIFY(engine.node().publish(kChannel, bytes(document(version)), options).has_value());
    engine.turn();
}

/// The text of a JSON string without escapes but the usual ones.
std::string unquoted(std::string_view json) {
    return QJsonDocument::fromJson("[" + QByteArray(json.data(), qsizetype(json.size())) + "]")
        .array()
        .first()
        .toString()
        .toStdString();
}

/// Plays the SDK: applies what comes to what it has.
class Reader {
public:
    explicit Reader(protocol::Encoding encoding) : json_(encoding == protocol::Encoding::Json) {}

    std::string read(const protocol::Publication& publication) {
        const auto text = json_ ? unquoted(publication.data.view()) : std::string(publication.data.view());
        const auto full = publication.delta ? protocol::applyFossilDelta(base_, text) : std::optional(text);
        ++(publication.delta ? patches : fulls);
        base_ = full.value_or("damaged");
        return base_;
    }
    std::string readAll(EngineFixture::Peer& peer) {
        std::string all;
        for (const auto& [channel, publication] : pushesOf<protocol::Publication>(peer))
            all += read(publication) + "\n";
        return all;
    }

    int patches = 0;
    int fulls = 0;

private:
    const bool json_;
    std::string base_;
};

std::string documents(int first, int last) {
    std::string all;
    for (int version = first; version <= last; ++version)
        all += document(version) + "\n";
    return all;
}

}  // namespace

class ClientDeltaTest : public QObject {
    Q_OBJECT

    static void addEncodings() {
        QTest::addColumn<bool>("json");
        QTest::newRow("JSON") << true;
        QTest::newRow("Protobuf") << false;
    }
    static protocol::Encoding encodingOf(bool json) {
        return json ? protocol::Encoding::Json : protocol::Encoding::Protobuf;
    }
    static std::unique_ptr<EngineFixture::Peer> connect(EngineFixture& engine, bool json) {
        return json ? engine.connect("42") : engine.connectProtobuf("42");
    }

private Q_SLOTS:
    void isNegotiated_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<QString>("asked");
        QTest::addColumn<bool>("granted");
        QTest::newRow("asked and allowed") << "doc:a"
                                           << "fossil" << true;
        QTest::newRow("not asked") << "doc:a"
                                   << "" << false;
        QTest::newRow("not allowed") << "chat:a"
                                     << "fossil" << false;
    }

    void isNegotiated() {
        QFETCH(QString, channel);
        QFETCH(QString, asked);
        QFETCH(bool, granted);
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        auto request = subscribeTo(channel.toStdString());
        request.delta = asked.toStdString();
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result != nullptr);
        QCOMPARE(result->delta, granted);
    }

    void theFirstIsWholeAndTheNextArePatches_data() { addEncodings(); }

    void theFirstIsWholeAndTheNextArePatches() {
        QFETCH(bool, json);
        EngineFixture engine;
        prepare(engine);
        publishVersion(engine, 1);
        auto peer = connect(engine, json);
        ask(*peer, withDelta());
        for (int version = 2; version <= 11; ++version)
            publishVersion(engine, version);
        Reader reader(encodingOf(json));
        QCOMPARE(reader.readAll(*peer), documents(2, 11));
        QCOMPARE(reader.fulls, 1);
        QCOMPARE(reader.patches, 9);
    }

    /// The wire of section 11, as the real program writes it.
    void jsonFormsAreStrings() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        engine::PublishOptions options;
        options.tags = {{"k", "v"}};
        for (const auto* data : {"{\"a\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx <\xC3\xA9&>\", \"n\":1}",
                                 "{\"a\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx <\xC3\xA9&>\", \"n\":2}"})
            QVERIFY(engine.node().publish(kChannel, bytes(data), options).has_value());
        engine.turn();
        const auto sent = peer->take();
        QCOMPARE(sent.size(), std::size_t(2));
        QCOMPARE(sent[0], std::string("{\"push\":{\"channel\":\"doc:a\",\"pub\":{\"data\":\"{\\\"a\\\": "
                                      "\\\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx \\u003c\xC3\xA9\\u0026\\u003e\\\", "
                                      "\\\"n\\\":1}\",\"offset\":1,\"tags\":{\"k\":\"v\"}}}}"));
        QCOMPARE(sent[1], std::string("{\"push\":{\"channel\":\"doc:a\",\"pub\":{\"data\":\"z\\nx@0,2:2}un2yn;\","
                                      "\"offset\":2,\"tags\":{\"k\":\"v\"},\"delta\":true}}}"));
    }

    void epochAndVersionStayWithWholeProtobufOnes() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connectProtobuf("42");
        ask(*peer, withDelta());
        engine::PublishOptions options;
        options.version = 7;
        publishVersion(engine, 1, options);
        options.version = 8;
        publishVersion(engine, 2, options);
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(2));
        QCOMPARE(pushes[0].second.version, std::uint64_t(7));
        QVERIFY(!pushes[0].second.epoch.empty());
        QVERIFY(pushes[1].second.delta);
        QCOMPARE(pushes[1].second.version, std::uint64_t(0));
    }

    void patchThatIsNotShorterIsNotSent_data() { addEncodings(); }

    void patchThatIsNotShorterIsNotSent() {
        QFETCH(bool, json);
        EngineFixture engine;
        prepare(engine);
        auto peer = connect(engine, json);
        ask(*peer, withDelta());
        publishVersion(engine, 1);
        QVERIFY(engine.node().publish(kChannel, bytes("{}")).has_value());
        QVERIFY(engine.node().publish(kChannel, bytes("[]")).has_value());
        publishVersion(engine, 2);
        Reader reader(encodingOf(json));
        QCOMPARE(reader.readAll(*peer), document(1) + "\n{}\n[]\n" + document(2) + "\n");
        QCOMPARE(reader.patches, 0);
    }

    void plainSubscribersAreNotConcerned() {
        EngineFixture engine;
        prepare(engine);
        auto plain = engine.connect("1");
        auto binary = engine.connectProtobuf("2");
        auto delta = engine.connect("3");
        ask(*plain, subscribeTo(kChannel));
        ask(*binary, subscribeTo(kChannel));
        ask(*delta, withDelta());
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        QCOMPARE(publicationsOf(*plain), document(1) + " " + document(2));
        QCOMPARE(publicationsOf(*binary), document(1) + " " + document(2));
        Reader reader(protocol::Encoding::Json);
        QCOMPARE(reader.readAll(*delta), documents(1, 2));
        QCOMPARE(reader.patches, 1);
    }

    void patchIsMadeOnceForAll() {
        EngineFixture engine;
        prepare(engine);
        std::vector<std::unique_ptr<EngineFixture::Peer>> peers;
        for (int i = 0; i < 5; ++i) {
            peers.push_back(engine.connect("42"));
            ask(*peers.back(), withDelta());
        }
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        for (std::size_t message : {0U, 1U}) {
            const void* memory = peers[0]->transport.sent.at(message).framed().data();
            for (const auto& peer : peers)
                QCOMPARE(static_cast<const void*>(peer->transport.sent.at(message).framed().data()), memory);
        }
    }

    void withoutPositionEverythingIsWhole_data() {
        QTest::addColumn<bool>("history");
        QTest::newRow("no history") << false;
        QTest::newRow("history, but the client isn't positioned") << true;
    }

    void withoutPositionEverythingIsWhole() {
        QFETCH(bool, history);
        EngineFixture engine;
        prepare(engine, {history, false});
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        Reader reader(protocol::Encoding::Json);
        QCOMPARE(reader.readAll(*peer), documents(1, 2));
        QCOMPARE(reader.patches, 0);
    }

    void publishSaysWhetherPatchesMayBeMade() {
        EngineFixture engine;
        prepare(engine, {true, true, false});
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        engine::PublishOptions delta;
        delta.delta = true;
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        publishVersion(engine, 3, delta);
        publishVersion(engine, 4);
        publishVersion(engine, 5, delta);
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        std::string forms;
        Reader reader(protocol::Encoding::Json);
        std::string texts;
        for (const auto& [channel, publication] : pushes) {
            forms += publication.delta ? 'p' : 'f';
            texts += reader.read(publication) + "\n";
        }
        QCOMPARE(forms, std::string("ffpfp"));
        QCOMPARE(texts, documents(1, 5));
    }

    void clientsPublishWithDeltaWhereTheNamespaceSaysSo() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        ask(*peer, publishTo(kChannel, document(1)));
        engine.turn();
        const auto replies = ask(*peer, publishTo(kChannel, document(2)));
        QCOMPARE(replies.size(), std::size_t(2));
        const auto& push = std::get<protocol::Push>(replies[1].result);
        const auto& publication = std::get<protocol::Publication>(push.message);
        QVERIFY(publication.delta);
        QCOMPARE(publication.info->user, std::string("42"));
    }

    /// The SDK takes whatever came last as its base, so a patch against the stream would break there.
    void afterWhatIsNotInTheStreamComesAWholeOne_data() { addEncodings(); }

    void afterWhatIsNotInTheStreamComesAWholeOne() {
        QFETCH(bool, json);
        EngineFixture engine;
        prepare(engine);
        auto peer = connect(engine, json);
        ask(*peer, withDelta());
        engine::PublishOptions skip;
        skip.skipHistory = true;
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        publishVersion(engine, 3, skip);
        publishVersion(engine, 4);
        publishVersion(engine, 5);
        Reader reader(encodingOf(json));
        QCOMPARE(reader.readAll(*peer), documents(1, 5));
        QCOMPARE(reader.patches, 2);
    }

    void removedHistoryLeavesNoBase() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        publishVersion(engine, 1);
        QVERIFY(engine.node().historyRemove(kChannel).has_value());
        publishVersion(engine, 2);
        publishVersion(engine, 3);
        Reader reader(protocol::Encoding::Json);
        QCOMPARE(reader.readAll(*peer), documents(1, 3));
        QCOMPARE(reader.patches, 1);
    }

    void missedOnesAreAChainThatLiveOnesContinue_data() { addEncodings(); }

    void missedOnesAreAChainThatLiveOnesContinue() {
        QFETCH(bool, json);
        EngineFixture engine;
        prepare(engine);
        for (int version = 1; version <= 5; ++version)
            publishVersion(engine, version);
        auto peer = connect(engine, json);
        const auto replies = ask(*peer, recoverFrom(2));
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result->recovered && result->delta);
        QCOMPARE(result->publications.size(), std::size_t(3));
        QVERIFY(!result->publications[0].delta && result->publications[1].delta && result->publications[2].delta);
        Reader reader(encodingOf(json));
        std::string texts;
        for (const auto& publication : result->publications)
            texts += reader.read(publication) + "\n";
        publishVersion(engine, 6);
        QCOMPARE(texts + reader.readAll(*peer), documents(3, 6));
        QCOMPARE(reader.fulls, 1);
    }

    void upToDateClientGetsAPatchAtOnce() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        publishVersion(engine, 1);
        Reader reader(protocol::Encoding::Json);
        reader.readAll(*peer);
        ask(*peer, protocol::UnsubscribeRequest{kChannel});
        ask(*peer, recoverFrom(1));
        publishVersion(engine, 2);
        QCOMPARE(reader.readAll(*peer), documents(2, 2));
        QCOMPARE(reader.patches, 1);
    }

    void unrecoveredClientGetsAWholeOne() {
        EngineFixture engine;
        prepare(engine);
        publishVersion(engine, 1);
        auto peer = engine.connect("42");
        const auto replies = ask(*peer, recoverFrom(1, "another"));
        QVERIFY(!resultOf<protocol::SubscribeResult>(replies)->recovered);
        publishVersion(engine, 2);
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QVERIFY(!pushes[0].second.delta);
    }

    /// A client with the newest publication of the cache goes on with patches against it.
    void cacheModeGivesTheNewestWhole() {
        EngineFixture engine;
        prepare(engine, {true, true, true, false, true});
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        auto peer = engine.connect("42");
        const auto replies = ask(*peer, recoverFrom(0));
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result->recovered);
        QCOMPARE(result->publications.size(), std::size_t(1));
        Reader reader(protocol::Encoding::Json);
        QCOMPARE(reader.read(result->publications[0]), document(2));
        publishVersion(engine, 3);
        QCOMPARE(reader.readAll(*peer), documents(3, 3));
        QCOMPARE(reader.patches, 1);
    }

    /// A filter doesn't hold back what the next patch needs; as with Centrifugo it only thins out what was missed.
    void filterLeavesTheBasesAlone() {
        EngineFixture engine;
        prepare(engine, {true, true, true, true});
        engine::PublishOptions good;
        good.tags = {{"k", "v"}};
        publishVersion(engine, 1, good);
        publishVersion(engine, 2);
        auto peer = engine.connect("42");
        auto request = recoverFrom(0);
        request.tf.emplace();
        request.tf->key = "k";
        request.tf->cmp = "eq";
        request.tf->val = "v";
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QCOMPARE(result->publications.size(), std::size_t(1));
        Reader reader(protocol::Encoding::Json);
        QCOMPARE(reader.read(result->publications[0]), document(1));
        publishVersion(engine, 3);
        publishVersion(engine, 4, good);
        QCOMPARE(reader.readAll(*peer), documents(3, 4));
        QCOMPARE(reader.patches, 1);
    }

    void anyTextFitsIntoAString() {
        EngineFixture engine;
        prepare(engine);
        auto peer = engine.connect("42");
        ask(*peer, withDelta());
        QVERIFY(engine.node().publish(kChannel, bytes("no JSON")).has_value());
        engine.turn();
        Reader reader(protocol::Encoding::Json);
        QCOMPARE(reader.readAll(*peer), std::string("no JSON\n"));
        QVERIFY(engine.node().publish(kChannel, bytes("\xFF\xFE no text")).has_value());
        engine.turn();
        QCOMPARE(peer->closeCode(), 3506U);
    }

    /// A patch may cut a character in two; a JSON string would damage it.
    void patchThatIsNoTextIsSentWhole() {
        EngineFixture engine;
        prepare(engine);
        auto json = engine.connect("1");
        auto binary = engine.connectProtobuf("2");
        ask(*json, withDelta());
        ask(*binary, withDelta());
        const std::string start = "\"" + std::string(60, 'x');
        // The first bytes of both characters are the same, so the patch begins within them.
        const auto before = start + "\xC3\xA9\"";
        const auto after = start + "\xC3\xA8\"";
        QVERIFY(engine.node().publish(kChannel, bytes(before)).has_value());
        QVERIFY(engine.node().publish(kChannel, bytes(after)).has_value());
        engine.turn();
        Reader jsonReader(protocol::Encoding::Json);
        Reader binaryReader(protocol::Encoding::Protobuf);
        QCOMPARE(jsonReader.readAll(*json), before + "\n" + after + "\n");
        QCOMPARE(binaryReader.readAll(*binary), before + "\n" + after + "\n");
        QCOMPARE(jsonReader.patches, 0);
        QCOMPARE(binaryReader.patches, 1);
    }

    void serverSideSubscriptionsNegotiateInTheConnectCommand() {
        EngineFixture engine;
        prepare(engine);
        publishVersion(engine, 1);
        publishVersion(engine, 2);
        auto peer = engine.open();
        auto request = connectWith(connectToken(q("{'sub':'42','subs':{'doc:a':{}}}")));
        request.subs[kChannel] = recoverFrom(0);
        const auto replies = ask(*peer, request);
        const auto* connected = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(connected != nullptr);
        const auto& result = connected->subs.at(kChannel);
        QVERIFY(result.delta && result.recovered);
        Reader reader(protocol::Encoding::Json);
        std::string texts;
        for (const auto& publication : result.publications)
            texts += reader.read(publication) + "\n";
        publishVersion(engine, 3);
        QCOMPARE(texts + reader.readAll(*peer), documents(1, 3));
        QCOMPARE(reader.patches, 2);
    }
};

QTEST_GUILESS_MAIN(ClientDeltaTest)
#include "tst_client_delta.moc"
