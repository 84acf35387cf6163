#include "server/protocol/command_decoder.h"
#include "server/protocol/command_encoder.h"
#include "server/protocol/json.h"
#include "server/protocol/reply_decoder.h"
#include "tests/unit/protocol/golden.h"

#include <QtTest>

#include <atomic>
#include <random>
#include <thread>

using namespace xshathra;
using namespace xshathra::protocol;
using Kind = DecodeError::Kind;

namespace {

SharedBytes bytes(std::string text) { return SharedBytes(std::move(text)); }

DecodedCommands decodeJson(std::string text, const DecodeLimits& limits = {}) {
    return decodeCommands(Encoding::Json, bytes(std::move(text)), limits);
}

DecodedCommands decodeProtobuf(const QByteArray& hex, const DecodeLimits& limits = {}) {
    return decodeCommands(Encoding::Protobuf, bytes(QByteArray::fromHex(hex).toStdString()), limits);
}

/// The payload of a publish command that has `payload` as data.
std::string dataOf(std::string_view payload) {
    const auto decoded = decodeJson("{\"id\":1,\"publish\":{\"channel\":\"a\",\"data\":" + std::string(payload) + "}}");
    if (decoded.error || decoded.commands.size() != 1)
        return "not decoded";
    return std::string(std::get<PublishRequest>(decoded.commands[0].request).data.view());
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

/// A subscribe command whose filter has `levels` nodes, one in the other.
Command filterCommand(std::size_t levels) {
    FilterNode node;
    for (std::size_t i = 1; i < levels; ++i) {
        FilterNode outer;
        outer.nodes.push_back(std::move(node));
        node = std::move(outer);
    }
    return Command{1, SubscribeRequest{.channel = "a", .tf = std::move(node)}, {}};
}

std::optional<Kind> kindOf(const DecodedCommands& decoded) {
    return decoded.error ? std::optional(decoded.error->kind) : std::nullopt;
}

}  // namespace

class ProtocolDecoderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void framesFollowTheRules_data() {
        QTest::addColumn<QByteArray>("frame");
        QTest::addColumn<int>("commands");
        QTest::addColumn<int>("error");
        const auto add = [](const char* name, const char* frame, int commands, std::optional<Kind> error = {}) {
            QTest::newRow(name) << QByteArray(frame) << commands << (error ? int(*error) : -1);
        };
        add("one command", "{\"id\":1,\"ping\":{}}", 1);
        add("pong", "{}", 1);
        add("one trailing line break", "{}\n", 1);
        add("two commands", "{}\n{}", 2);
        add("two commands and a trailing line break", "{}\n{}\n", 2);
        add("carriage return before the line break", "{}\r\n{}\r\n", 2);
        add("spaces around", " {} \n\t{}", 2);
        add("empty", "", 0, Kind::EmptyFrame);
        add("only a line break", "\n", 0, Kind::BlankLine);
        add("only two line breaks", "\n\n", 0, Kind::BlankLine);
        add("blank line at the end", "{}\n\n", 1, Kind::BlankLine);
        add("blank line between", "{}\n\n{}", 1, Kind::BlankLine);
        add("blank line in front", "\n{}", 0, Kind::BlankLine);
        add("line of spaces", "{}\n  \n{}", 1, Kind::Malformed);
        add("two objects on a line", "{}{}", 0, Kind::Malformed);
        add("object over two lines", "{\n}", 0, Kind::Malformed);
        add("cut", "{}\n{", 1, Kind::Malformed);
        add("text after the object", "{} x", 0, Kind::Malformed);
        add("not JSON", "hello", 0, Kind::Malformed);
        add("array", "[]", 0, Kind::WrongType);
        add("array of commands", "[{}]", 0, Kind::WrongType);
        add("string", "\"{}\"", 0, Kind::WrongType);
        add("number", "1", 0, Kind::WrongType);
        add("null", "null", 0, Kind::WrongType);
        add("true", "true", 0, Kind::WrongType);
        add("invalid UTF-8", "{\"x\":\"\xFF\"}", 0, Kind::Malformed);
        add("byte order mark", "\xEF\xBB\xBF{}", 0, Kind::Malformed);
    }
    void framesFollowTheRules() {
        QFETCH(QByteArray, frame);
        QFETCH(int, commands);
        QFETCH(int, error);
        const auto decoded = decodeJson(frame.toStdString());
        QCOMPARE(int(decoded.commands.size()), commands);
        QCOMPARE(decoded.error ? int(decoded.error->kind) : -1, error);
        if (decoded.error) {
            QCOMPARE(int(decoded.error->message), commands);
            QVERIFY(decoded.error->text.size() > 20);
        }
    }

    void protobufFramesFollowTheRules_data() {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<int>("commands");
        QTest::addColumn<int>("error");
        const auto add = [](const char* name, const QByteArray& hex, int commands, std::optional<Kind> error = {}) {
            QTest::newRow(name) << hex << commands << (error ? int(*error) : -1);
        };
        add("pong", "00", 1);
        add("three pongs", "000000", 3);
        add("pong with a long prefix", "8000", 1);
        add("id alone", "020805", 1);
        add("unknown fields", "09080592030178a00601", 1);
        add("empty", "", 0, Kind::EmptyFrame);
        add("prefix cut", "80", 0, Kind::Truncated);
        add("message missing", "05", 0, Kind::Truncated);
        add("message cut", "00020a", 1, Kind::Truncated);
        add("length far beyond the frame", "ffff03", 0, Kind::Truncated);
        add("length beyond the limit", "818004", 0, Kind::TooLong);
        add("length of 2^63", "80808080808080808001", 0, Kind::TooLong);
        add("length above 64 bits", "ffffffffffffffffff02", 0, Kind::Malformed);
        add("length without an end", "ffffffffffffffffffffff", 0, Kind::Malformed);
        add("tag cut", "0108", 0, Kind::Malformed);
        add("field number 0", "020005", 0, Kind::Malformed);
        add("request cut", "032a050a", 0, Kind::Malformed);
        add("channel that isn't UTF-8", "052a030a01ff", 0, Kind::Malformed);
        add("two requests", "042a004a00", 0, Kind::Ambiguous);
        add("open group", "0133", 0, Kind::Malformed);
    }
    void protobufFramesFollowTheRules() {
        QFETCH(QByteArray, hex);
        QFETCH(int, commands);
        QFETCH(int, error);
        const auto decoded = decodeProtobuf(hex);
        QCOMPARE(int(decoded.commands.size()), commands);
        QCOMPARE(decoded.error ? int(decoded.error->kind) : -1, error);
    }

    void payloadsAreSlicesOfTheFrame() {
        const auto frame = bytes("{}\n{\"id\":1,\"publish\":{\"data\": [1, 2] ,\"channel\":\"a\"}}");
        const auto decoded = decodeCommands(Encoding::Json, frame);
        QVERIFY(!decoded.error);
        const auto& data = std::get<PublishRequest>(decoded.commands[1].request).data;
        QCOMPARE(data.view(), std::string_view("[1, 2]"));
        QVERIFY(data.data() >= frame.data() && data.data() + data.size() <= frame.data() + frame.size());
        QCOMPARE(decoded.commands[1].wire.data(), frame.data() + 3);
    }

    void payloadsOutliveTheFrame() {
        SharedBytes data;
        {
            const auto decoded = decodeJson("{\"id\":1,\"publish\":{\"channel\":\"a\",\"data\":{\"k\":\"value\"}}}");
            data = std::get<PublishRequest>(decoded.commands.at(0).request).data;
        }
        QCOMPARE(data.view(), std::string_view("{\"k\":\"value\"}"));
    }

    void payloadsStayUntouched_data() {
        QTest::addColumn<QByteArray>("payload");
        for (const char* payload :
             {"1.10", "0", "-0", "1e400", "123456789012345678901234567890", "18446744073709551616", "\"\"",
              "\"a\\u00e9\\/\\n\"", "\"\\ud800\"", "null", "true", "{}", "[]", "{\"z\":1,\"a\":2,\"z\":3}",
              "{ \"a\" :  [ 1 ,	2 ] }", "[[[{\"a\":[1,{\"b\":\"}]\"}]}]]]", "{\"id\":9,\"publish\":{\"data\":1}}",
              "\"\xC3\xA9\xF0\x9F\x98\x80\"", "\"\\\\\\\"}\""})
            QTest::newRow(payload) << QByteArray(payload);
    }
    void payloadsStayUntouched() {
        QFETCH(QByteArray, payload);
        const auto text = payload.toStdString();
        QCOMPARE(dataOf(text), text);
        QCOMPARE(dataOf(" \t" + text + " \r"), text);
    }

    void malformedPayloadsAreRefused_data() {
        QTest::addColumn<QByteArray>("payload");
        for (const char* payload :
             {"", "01", "1.", "[1,]", "{\"a\":}", "{\"a\" 1}", "nulL", "\"\\x\"", "[1 2]", "{]", "[}", "'a'"})
            QTest::newRow(payload) << QByteArray(payload);
    }
    void malformedPayloadsAreRefused() {
        QFETCH(QByteArray, payload);
        QCOMPARE(dataOf(payload.toStdString()), std::string("not decoded"));
    }

    void nullIsAPayloadButNoField() {
        QCOMPARE(dataOf("null"), std::string("null"));
        const auto decoded = decodeJson(
            "{\"id\":1,\"subscribe\":{\"channel\":null,\"recover\":null,\"offset\":null,\"tf\":null,\"data\":null},"
            "\"publish\":null}");
        QVERIFY(!decoded.error);
        QVERIFY(decoded.commands[0] == (Command{1, SubscribeRequest{.data = SharedBytes::fromStatic("null")}, {}}));
        QCOMPARE(decodeJson("{\"id\":1,\"connect\":null}").commands.at(0).request.index(), std::size_t(0));
    }

    void idsReachTo32Bits_data() {
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<quint32>("value");
        QTest::addColumn<bool>("good");
        const auto add = [](const char* id, quint32 value, bool good) {
            QTest::newRow(id) << QByteArray(id) << value << good;
        };
        add("0", 0, true);
        add("1", 1, true);
        add("4294967294", 4294967294U, true);
        add("4294967295", 4294967295U, true);
        add("4294967296", 0, false);
        add("18446744073709551616", 0, false);
        add("-1", 0, false);
        add("1.0", 0, false);
        add("1e3", 0, false);
        add("\"1\"", 0, false);
        add("true", 0, false);
        add("{}", 0, false);
    }
    void idsReachTo32Bits() {
        QFETCH(QByteArray, id);
        QFETCH(quint32, value);
        QFETCH(bool, good);
        const auto decoded = decodeJson("{\"id\":" + id.toStdString() + "}");
        QCOMPARE(!decoded.error, good);
        if (good)
            QCOMPARE(decoded.commands[0].id, value);
        else
            QVERIFY(decoded.error->text.find("\"id\"") != std::string::npos);
    }

    void wrongTypesAreRefused_data() {
        QTest::addColumn<QByteArray>("command");
        for (const char* command :
             {"{\"id\":1,\"subscribe\":[]}", "{\"id\":1,\"subscribe\":\"a\"}",
              "{\"id\":1,\"subscribe\":{\"channel\":1}}", "{\"id\":1,\"subscribe\":{\"channel\":[\"a\"]}}",
              "{\"id\":1,\"subscribe\":{\"recover\":1}}", "{\"id\":1,\"subscribe\":{\"recover\":\"true\"}}",
              "{\"id\":1,\"subscribe\":{\"offset\":-1}}", "{\"id\":1,\"subscribe\":{\"offset\":\"1\"}}",
              "{\"id\":1,\"subscribe\":{\"offset\":18446744073709551616}}",
              "{\"id\":1,\"subscribe\":{\"type\":2147483648}}",
              "{\"id\":1,\"subscribe\":{\"flag\":9223372036854775808}}", "{\"id\":1,\"subscribe\":{\"tf\":[]}}",
              "{\"id\":1,\"subscribe\":{\"tf\":{\"vals\":\"a\"}}}", "{\"id\":1,\"subscribe\":{\"tf\":{\"vals\":[1]}}}",
              "{\"id\":1,\"connect\":{\"subs\":[]}}", "{\"id\":1,\"connect\":{\"subs\":{\"a\":1}}}",
              "{\"id\":1,\"connect\":{\"headers\":{\"a\":1}}}", "{\"id\":1,\"history\":{\"since\":1}}",
              "{\"id\":1,\"history\":{\"limit\":-2147483649}}"})
            QTest::newRow(command) << QByteArray(command);
    }
    void wrongTypesAreRefused() {
        QFETCH(QByteArray, command);
        const auto decoded = decodeJson(command.toStdString());
        QVERIFY(decoded.commands.empty());
        QCOMPARE(kindOf(decoded), std::optional(Kind::WrongType));
    }

    void unknownFieldsAreIgnored() {
        const auto decoded = decodeJson(
            "{\"x\":[1,{\"y\":2}],\"id\":1,\"method\":3,\"subscribe\":{\"new\":{\"a\":[]},\"channel\":\"a\",\"\":0},"
            "\"params\":{\"channel\":\"b\"}}");
        QVERIFY(!decoded.error);
        QVERIFY(decoded.commands[0] == (Command{1, SubscribeRequest{.channel = "a"}, {}}));
    }

    void malformedUnknownFieldsAreRefused() {
        QCOMPARE(kindOf(decodeJson("{\"x\":[1,}],\"id\":1}")), std::optional(Kind::Malformed));
    }

    void orderOfKeysDoesNotMatter() {
        const auto decoded = decodeJson("{\"subscribe\":{\"offset\":3,\"channel\":\"a\"},\"id\":7}");
        QVERIFY(!decoded.error);
        QVERIFY(decoded.commands[0] == (Command{7, SubscribeRequest{.channel = "a", .offset = 3}, {}}));
    }

    void keysMayBeEscaped() {
        const auto decoded = decodeJson("{\"\\u0069d\":7,\"s\\u0065nd\":{\"d\\u0061ta\":1}}");
        QVERIFY(!decoded.error);
        QVERIFY(decoded.commands[0] == (Command{7, SendRequest{SharedBytes::fromStatic("1")}, {}}));
    }

    void theLastOfDuplicateKeysCounts() {
        const auto decoded = decodeJson(
            "{\"id\":1,\"id\":2,\"rpc\":{\"method\":\"a\",\"data\":1},\"rpc\":{\"method\":\"b\",\"method\":\"c\"}}");
        QVERIFY(!decoded.error);
        QVERIFY(decoded.commands[0] == (Command{2, RpcRequest{{}, "c"}, {}}));
    }

    void twoRequestsInACommandAreRefused() {
        QCOMPARE(kindOf(decodeJson("{\"id\":1,\"ping\":{},\"rpc\":{}}")), std::optional(Kind::Ambiguous));
    }

    void stringsAreUnescaped() {
        const auto decoded =
            decodeJson("{\"id\":1,\"presence\":{\"channel\":\"a\\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00\"}}");
        QVERIFY(!decoded.error);
        QCOMPARE(std::get<PresenceRequest>(decoded.commands[0].request).channel,
                 std::string("a\"\\/\n\xC3\xA9\xF0\x9F\x98\x80"));
    }

    void commandsBeforeABadOneAreGiven() {
        const auto json = decodeJson("{\"id\":1,\"ping\":{}}\n{\"id\":2,\"ping\":{}}\n{\"id\":x}\n{\"id\":4}");
        QCOMPARE(json.commands.size(), std::size_t(2));
        QCOMPARE(json.commands[1].id, 2U);
        QCOMPARE(json.error->message, std::size_t(2));
        QCOMPARE(json.error->offset, std::size_t(38));
        const auto protobuf = decodeProtobuf("0208010208020108");
        QCOMPARE(protobuf.commands.size(), std::size_t(2));
        QCOMPARE(protobuf.error->offset, std::size_t(6));
    }

    void limitsCommandsOfAFrame() {
        for (const auto encoding : {Encoding::Json, Encoding::Protobuf}) {
            for (const std::size_t count :
                 {DecodeLimits::kMaxMessages - 1, DecodeLimits::kMaxMessages, DecodeLimits::kMaxMessages + 1}) {
                const auto decoded = decodeCommands(encoding, encodeCommands(encoding, std::vector<Command>(count)));
                QCOMPARE(decoded.commands.size(), std::min(count, DecodeLimits::kMaxMessages));
                QCOMPARE(kindOf(decoded),
                         count > DecodeLimits::kMaxMessages ? std::optional(Kind::TooMany) : std::nullopt);
            }
        }
    }

    void limitsBytesOfACommand() {
        const auto limit = DecodeLimits::kMaxMessageBytes;
        for (const auto size : {limit - 1, limit, limit + 1}) {
            const std::string head = "{\"send\":{\"data\":\"";
            const std::string tail = "\"}}";
            const auto decoded = decodeJson(head + std::string(size - head.size() - tail.size(), 'x') + tail);
            QCOMPARE(kindOf(decoded), size > limit ? std::optional(Kind::TooLong) : std::nullopt);
        }
        // Tag and length of both the request and its data take 4 bytes each at this size.
        for (const auto size : {limit - 1, limit, limit + 1}) {
            const Command command{0, SendRequest{bytes(std::string(size - 8, 'x'))}, {}};
            const auto frame = encodeCommand(Encoding::Protobuf, command);
            QCOMPARE(frame.size(), size + 3);
            QCOMPARE(kindOf(decodeCommands(Encoding::Protobuf, frame)),
                     size > limit ? std::optional(Kind::TooLong) : std::nullopt);
        }
    }

    void limitsDepthOfCommands() {
        // Root, request, then in JSON an object and a list for each node but the last.
        const auto levels = [](std::size_t depth) { return (depth - 2 + 1) / 2; };
        static_assert(DecodeLimits::kMaxDepth % 2 == 0);
        const auto most = levels(DecodeLimits::kMaxDepth - 1);
        QVERIFY(!decodeCommands(Encoding::Json, encodeCommand(Encoding::Json, filterCommand(most))).error);
        QCOMPARE(kindOf(decodeCommands(Encoding::Json, encodeCommand(Encoding::Json, filterCommand(most + 1)))),
                 std::optional(Kind::TooDeep));
        // A list inside the deepest node is exactly at the limit.
        auto text = std::string(encodeCommand(Encoding::Json, filterCommand(most)).view());
        const auto deepest = text.find("{}");
        text.replace(deepest, 2, "{\"vals\":[\"a\"]}");
        QVERIFY(!decodeJson(text).error);
        // Protobuf has no level for lists.
        const auto protobufMost = DecodeLimits::kMaxDepth - 2;
        for (const auto count : {protobufMost - 1, protobufMost, protobufMost + 1})
            QCOMPARE(
                kindOf(decodeCommands(Encoding::Protobuf, encodeCommand(Encoding::Protobuf, filterCommand(count)))),
                count > protobufMost ? std::optional(Kind::Malformed) : std::nullopt);
    }

    void limitsDepthOfPayloads() {
        QCOMPARE(dataOf(nested(kMaxPayloadDepth - 1)), nested(kMaxPayloadDepth - 1));
        QCOMPARE(dataOf(nested(kMaxPayloadDepth)), nested(kMaxPayloadDepth));
        QCOMPARE(dataOf(nested(kMaxPayloadDepth + 1)), std::string("not decoded"));
        QCOMPARE(kindOf(decodeJson("{\"send\":{\"data\":" + nested(kMaxPayloadDepth + 1) + "}}")),
                 std::optional(Kind::TooDeep));
    }

    void bombsEndAtTheDepthLimit() {
        const DecodeLimits wide{64, 10000000, DecodeLimits::kMaxDepth};
        const std::string bomb(100000, '[');
        const std::string start = "{\"id\":1,\"publish\":{\"data\":";
        for (const auto& frame : {bomb, start + bomb}) {
            const auto decoded = decodeJson(frame, wide);
            QVERIFY(decoded.error.has_value());
            QVERIFY2(decoded.error->offset <= start.size() + kMaxPayloadDepth + 1,
                     qPrintable(QString::number(decoded.error->offset)));
        }
    }

    void refusesEveryCutOfAJsonCommand() {
        for (const auto& row : golden::commands()) {
            for (std::size_t length = 1; length < row.json.size(); ++length) {
                const auto decoded = decodeJson(std::string(row.json.substr(0, length)));
                QVERIFY2(decoded.error && decoded.commands.empty(), row.name);
            }
        }
    }

    void refusesEveryCutOfAProtobufCommand() {
        for (const auto& row : golden::commands()) {
            const auto frame = QByteArray::fromHex(QByteArray(row.protobuf.data(), qsizetype(row.protobuf.size())));
            for (int length = 1; length < frame.size(); ++length) {
                const auto decoded = decodeCommands(Encoding::Protobuf, bytes(frame.left(length).toStdString()));
                QVERIFY2(decoded.error && decoded.commands.empty(), row.name);
            }
        }
    }

    void refusesEveryCutOfAReply() {
        for (const auto& row : golden::replies()) {
            for (std::size_t length = 1; length < row.json.size(); ++length)
                QVERIFY2(
                    decodeReplies(Encoding::Json, bytes(std::string(row.json.substr(0, length)))).error.has_value(),
                    row.name);
            const auto frame = QByteArray::fromHex(QByteArray(row.protobuf.data(), qsizetype(row.protobuf.size())));
            for (int length = 1; length < frame.size(); ++length)
                QVERIFY2(decodeReplies(Encoding::Protobuf, bytes(frame.left(length).toStdString())).error.has_value(),
                         row.name);
        }
    }

    void survivesChangedBytes() {
        std::mt19937 random(1);
        for (const auto encoding : {Encoding::Json, Encoding::Protobuf}) {
            for (const auto& row : golden::commands()) {
                const auto good = encodeCommand(encoding, row.message);
                for (int round = 0; round < 200; ++round) {
                    std::string text(good.view());
                    for (unsigned changes = 1 + random() % 3; changes > 0; --changes)
                        text[random() % text.size()] = char(random());
                    const auto decoded = decodeCommands(encoding, bytes(text));
                    // What passes is a command that can be written and read again.
                    for (const auto& command : decoded.commands) {
                        const auto again = decodeCommands(encoding, encodeCommand(encoding, command));
                        QVERIFY(!again.error);
                        QVERIFY(again.commands.at(0) == command);
                    }
                }
            }
        }
    }

    void threadsDecodeSideBySide() {
        std::vector<std::thread> threads;
        std::atomic<int> good = 0;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (const auto& row : golden::commands()) {
                    for (const auto encoding : {Encoding::Json, Encoding::Protobuf}) {
                        const auto decoded = decodeCommands(encoding, encodeCommand(encoding, row.message));
                        good += decoded.commands.size() == 1 && decoded.commands[0] == row.message ? 1 : 0;
                    }
                }
            });
        }
        for (auto& thread : threads)
            thread.join();
        QCOMPARE(good.load(), int(4 * 2 * golden::commands().size()));
    }

    void repliesFollowTheSameFraming() {
        const auto decoded = decodeReplies(
            Encoding::Json,
            bytes("{\"id\":1,\"publish\":{}}\n{}\n{\"push\":{\"channel\":\"a\",\"pub\":{\"data\":{\"n\": 1}}}}"));
        QVERIFY(!decoded.error);
        QCOMPARE(decoded.replies.size(), std::size_t(3));
        QVERIFY(decoded.replies[1] == Reply{});
        QCOMPARE(std::get<Publication>(std::get<Push>(decoded.replies[2].result).message).data.view(),
                 std::string_view("{\"n\": 1}"));
        QVERIFY(decodeReplies(Encoding::Json, bytes("{}\n\n{}")).error.has_value());
        QVERIFY(!decodeReplies(Encoding::Json, bytes("{\"push\":{\"channel\":\"a\",\"later\":{\"x\":1}}}")).error);
    }
};

QTEST_APPLESS_MAIN(ProtocolDecoderTest)
#include "tst_protocol_decoder.moc"
