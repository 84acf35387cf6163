#include "server/protocol/command_decoder.h"
#include "server/protocol/command_encoder.h"
#include "server/protocol/json.h"
#include "server/protocol/reply_decoder.h"
#include "server/protocol/reply_encoder.h"
#include "tests/unit/protocol/golden.h"

#include <QtTest>

#include <set>

using namespace xshathra;
using namespace xshathra::protocol;

namespace {

std::string fromHex(std::string_view digits) {
    return QByteArray::fromHex(QByteArray(digits.data(), qsizetype(digits.size()))).toStdString();
}

std::string toHex(std::string_view bytes) {
    return QByteArray(bytes.data(), qsizetype(bytes.size())).toHex().toStdString();
}

void addRows(const auto& rows) {
    QTest::addColumn<int>("index");
    QTest::addColumn<bool>("json");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        QTest::addRow("%s, JSON", rows[i].name) << int(i) << true;
        QTest::addRow("%s, Protobuf", rows[i].name) << int(i) << false;
    }
}

template <typename Message>
std::string wireOf(const golden::Row<Message>& row, Encoding encoding) {
    return encoding == Encoding::Json ? std::string(row.json) : fromHex(row.protobuf);
}

const std::vector<Encoding> kEncodings{Encoding::Json, Encoding::Protobuf};

SharedBytes bytes(std::string_view text) { return SharedBytes::copyOf(text); }

std::string jsonOf(const Publication& publication) {
    return std::string(encodePublicationPush(Encoding::Json, "c", publication).messageView());
}

}  // namespace

class ProtocolCodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void commandsHaveTheGoldenBytes_data() { addRows(golden::commands()); }
    void commandsHaveTheGoldenBytes() {
        QFETCH(int, index);
        QFETCH(bool, json);
        const auto encoding = json ? Encoding::Json : Encoding::Protobuf;
        const auto& row = golden::commands()[std::size_t(index)];
        const auto wire = wireOf(row, encoding);
        QCOMPARE(toHex(encodeCommand(encoding, row.message).view()), toHex(wire));
        const auto decoded = decodeCommands(encoding, SharedBytes(wire));
        QVERIFY2(!decoded.error, decoded.error ? decoded.error->text.c_str() : "");
        QCOMPARE(decoded.commands.size(), std::size_t(1));
        QVERIFY(decoded.commands[0] == row.message);
        QCOMPARE(std::string(methodName(row.message.request)), std::string(methodName(decoded.commands[0].request)));
        if (json)
            QCOMPARE(decoded.commands[0].wire.view(), std::string_view(wire));
    }

    void repliesHaveTheGoldenBytes_data() { addRows(golden::replies()); }
    void repliesHaveTheGoldenBytes() {
        QFETCH(int, index);
        QFETCH(bool, json);
        const auto encoding = json ? Encoding::Json : Encoding::Protobuf;
        const auto& row = golden::replies()[std::size_t(index)];
        const auto wire = wireOf(row, encoding);
        const auto frame = encodeReply(encoding, row.message);
        QCOMPARE(toHex(frame.messageView()), toHex(wire));
        QCOMPARE(frame.binary(), !json);
        QVERIFY(!json || isValidJson(wire));
        const auto decoded = decodeReplies(encoding, SharedBytes(wire));
        QVERIFY2(!decoded.error, decoded.error ? decoded.error->text.c_str() : "");
        QCOMPARE(decoded.replies.size(), std::size_t(1));
        QVERIFY(decoded.replies[0] == row.message);
    }

    void everyMethodAndPushHasAGoldenRow() {
        std::set<std::size_t> requests;
        for (const auto& row : golden::commands())
            requests.insert(row.message.request.index());
        QCOMPARE(requests.size(), std::variant_size_v<Command::Request>);
        std::set<std::size_t> results;
        std::set<std::size_t> pushes{0};
        for (const auto& row : golden::replies()) {
            results.insert(row.message.result.index());
            if (const auto* push = std::get_if<Push>(&row.message.result))
                pushes.insert(push->message.index());
        }
        QCOMPARE(results.size(), std::variant_size_v<Reply::Result>);
        QCOMPARE(pushes.size(), std::variant_size_v<Push::Body>);
    }

    void methodNamesAreTheKeysOfTheProtocol() {
        for (const auto& row : golden::commands()) {
            const auto name = std::string(methodName(row.message.request));
            QCOMPARE(row.json.find('"' + name + "\":{") != std::string_view::npos, row.message.request.index() != 0);
        }
        QCOMPARE(methodName(Reply::Result(Push{})), std::string_view("push"));
        QCOMPARE(pushName(Publication{}), std::string_view("pub"));
        QCOMPARE(pushName(std::monostate{}), std::string_view());
    }

    void pushEncodersAgree() {
        for (const auto encoding : kEncodings) {
            for (const auto& row : golden::replies()) {
                const auto* push = std::get_if<Push>(&row.message.result);
                if (!push)
                    continue;
                QCOMPARE(encodePush(encoding, *push).framed().view(),
                         encodeReply(encoding, row.message).framed().view());
                const auto* publication = std::get_if<Publication>(&push->message);
                if (publication && push->id == 0)
                    QCOMPARE(encodePublicationPush(encoding, push->channel, *publication).framed().view(),
                             encodePush(encoding, *push).framed().view());
            }
        }
    }

    void barePushesHaveNoReplyAround() {
        const Push push{0, "x", Publication{.data = bytes("1")}};
        QCOMPARE(encodeBarePush(Encoding::Json, push).messageView(),
                 std::string_view("{\"channel\":\"x\",\"pub\":{\"data\":1}}"));
        QCOMPARE(toHex(encodeBarePush(Encoding::Protobuf, push).messageView()), std::string("0812017822032201") + "31");
    }

    void pingsAndPongsAreEmptyMessages() {
        QCOMPARE(encodePing(Encoding::Json).messageView(), std::string_view("{}"));
        QCOMPARE(encodePing(Encoding::Protobuf).messageView(), std::string_view("\0", 1));
        QCOMPARE(encodePing(Encoding::Json).framed().data(), encodePing(Encoding::Json).framed().data());
        QCOMPARE(encodePong(Encoding::Json).view(), std::string_view("{}"));
        QCOMPARE(encodePong(Encoding::Protobuf).view(), std::string_view("\0", 1));
    }

    void errorRepliesHaveTheirTexts() {
        QCOMPARE(encodeError(Encoding::Json, 7, ErrorCode::UnknownChannel).messageView(),
                 std::string_view("{\"id\":7,\"error\":{\"code\":102,\"message\":\"unknown channel\"}}"));
    }

    void aResultBesideAnErrorIsNotSent() {
        const Reply reply{1, ClientError(ErrorCode::Expired), PublishResult{}, {}};
        QCOMPARE(encodeReply(Encoding::Json, reply).messageView(),
                 std::string_view("{\"id\":1,\"error\":{\"code\":110,\"message\":\"expired\"}}"));
        QCOMPARE(encodeReply(Encoding::Protobuf, reply), encodeError(Encoding::Protobuf, 1, ErrorCode::Expired));
    }

    void manyCommandsShareAFrame() {
        std::vector<Command> commands;
        for (const auto& row : golden::commands())
            commands.push_back(row.message);
        for (const auto encoding : kEncodings) {
            const auto decoded = decodeCommands(encoding, encodeCommands(encoding, commands));
            QVERIFY(!decoded.error);
            QVERIFY(decoded.commands == commands);
        }
        QVERIFY(encodeCommands(Encoding::Json, commands).view().find("\n\n") == std::string_view::npos);
        QVERIFY(encodeCommands(Encoding::Json, commands).view().back() != '\n');
    }

    void payloadsGoOutByteForByte_data() {
        QTest::addColumn<QByteArray>("payload");
        for (const char* payload :
             {"{\"x\":1.10}", "123456789012345678901234567890", "{\"b\":1,\"a\":2,\"b\":3}", "{ \"a\" :  [ 1 ,2 ] }",
              "1e400", "\"\\u00e9<>&\"", "\"\xC3\xA9\xE2\x80\xA8<\"", "null", "0", "-0", "\"\\ud800\""})
            QTest::newRow(payload) << QByteArray(payload);
    }
    void payloadsGoOutByteForByte() {
        QFETCH(QByteArray, payload);
        const auto text = payload.toStdString();
        QCOMPARE(jsonOf({.data = bytes(text)}), "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":" + text + "}}}");
        const auto decoded = decodeReplies(Encoding::Json, bytes(jsonOf({.data = bytes(text)})));
        QVERIFY(!decoded.error);
        QCOMPARE(std::get<Publication>(std::get<Push>(decoded.replies[0].result).message).data.view(),
                 std::string_view(text));
    }

    void protobufPayloadsNeedNotBeJson() {
        std::string all;
        for (int c = 0; c < 256; ++c)
            all += char(c);
        const auto frame = encodePublicationPush(Encoding::Protobuf, "c", {.data = bytes(all)});
        const auto decoded = decodeReplies(Encoding::Protobuf, frame.message());
        QVERIFY(!decoded.error);
        QCOMPARE(std::get<Publication>(std::get<Push>(decoded.replies[0].result).message).data.view(),
                 std::string_view(all));
    }

    void lineBreaksInPayloadsAreLeftOut() {
        QCOMPARE(jsonOf({.data = bytes("{\r\n \"a\":1\n}")}),
                 std::string("{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":{ \"a\":1}}}}"));
        QCOMPARE(encodeCommand(Encoding::Json, Command{1, RpcRequest{bytes("[1,\n2]"), "m"}, {}}).view(),
                 std::string_view("{\"id\":1,\"rpc\":{\"data\":[1,2],\"method\":\"m\"}}"));
    }

    void zeroValuesAreLeftOut() {
        QCOMPARE(jsonOf({}), std::string("{\"push\":{\"channel\":\"c\",\"pub\":{}}}"));
        QCOMPARE(jsonOf({.prevData = SharedBytes()}), std::string("{\"push\":{\"channel\":\"c\",\"pub\":{}}}"));
        QCOMPARE(encodePublicationPush(Encoding::Json, "", {}).messageView(),
                 std::string_view("{\"push\":{\"pub\":{}}}"));
    }

    void namesAreEscaped() {
        Publication publication;
        publication.tags = {{"<k>", "\"v\"\n"}};
        QCOMPARE(encodePublicationPush(Encoding::Json, "a\"b", publication).messageView(),
                 std::string_view(
                     "{\"push\":{\"channel\":\"a\\\"b\",\"pub\":{\"tags\":{\"\\u003ck\\u003e\":\"\\\"v\\\"\\n\"}}}}"));
    }

    void numbersKeepTheirWholeRange() {
        const Publication publication{
            .offset = UINT64_MAX, .time = INT64_MIN, .score = INT64_MAX, .version = UINT64_MAX - 1};
        for (const auto encoding : kEncodings) {
            const auto decoded = decodeReplies(encoding, encodePublicationPush(encoding, "c", publication).message());
            QVERIFY(!decoded.error);
            QVERIFY(std::get<Publication>(std::get<Push>(decoded.replies[0].result).message) == publication);
        }
    }

    void largeMessagesRoundTrip() {
        const Publication publication{.data = bytes('"' + std::string(3000000, 'x') + '"')};
        for (const auto encoding : kEncodings) {
            const auto decoded = decodeReplies(encoding, encodePublicationPush(encoding, "c", publication).message());
            QVERIFY(!decoded.error);
            QVERIFY(std::get<Publication>(std::get<Push>(decoded.replies[0].result).message) == publication);
        }
    }
};

QTEST_APPLESS_MAIN(ProtocolCodecTest)
#include "tst_protocol_codec.moc"
