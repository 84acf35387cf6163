#include "server/protocol/frame.h"
#include "server/protocol/json.h"

#include <QJsonDocument>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::protocol;

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string inQuotes(std::string_view text) {
    std::string out;
    appendJsonString(out, text);
    return out;
}

}  // namespace

class ProtocolJsonTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void acceptsValidJson_data() {
        QTest::addColumn<QByteArray>("json");
        for (const char* json : {"{}",
                                 "[]",
                                 "null",
                                 "true",
                                 "false",
                                 "0",
                                 "-0",
                                 "-1",
                                 "10",
                                 "1.10",
                                 "1e5",
                                 "1E+5",
                                 "1e-5",
                                 "0.5e10",
                                 "123456789012345678901234567890",
                                 "\"\"",
                                 "\"a\"",
                                 "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
                                 "\"\\ud800\"",
                                 "\"\xC3\xA9\xF0\x9F\x98\x80\"",
                                 " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
                                 "{\"a\":1,\"a\":2}",
                                 "[[],{},[{}]]",
                                 "{\"\":{\"b\":[null,true]}}"})
            QTest::newRow(json) << QByteArray(json);
    }
    void acceptsValidJson() {
        QFETCH(QByteArray, json);
        QVERIFY(isValidJson({json.data(), std::size_t(json.size())}));
    }

    void refusesInvalidJson_data() {
        QTest::addColumn<QByteArray>("json");
        for (const char* json : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "[",
                                 "]",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 "{,}",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "{1:1}",
                                 "{}{}",
                                 "1 2",
                                 "nul",
                                 "nulll",
                                 "True",
                                 "NaN",
                                 "Infinity",
                                 "+1",
                                 "01",
                                 "-",
                                 "-a",
                                 "1.",
                                 ".5",
                                 "1e",
                                 "1e+",
                                 "0x1",
                                 "--1",
                                 "\"",
                                 "\"a",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\\u12G4\"",
                                 "\"\t\"",
                                 "\"\n\"",
                                 "\"\x1F\"",
                                 "[1}",
                                 "{\"a\":1]",
                                 "/*c*/1",
                                 "1,",
                                 "\"a\"\"b\"",
                                 "\xEF\xBB\xBF{}",
                                 "\"\xFF\"",
                                 "\"\xC0\xAF\"",
                                 "\"\xED\xA0\x80\"",
                                 "\"\xF4\x90\x80\x80\"",
                                 "\"\xC3\"",
                                 "[\"\xE2\x82\"]",
                                 "\"\\",
                                 "\"\\u"})
            QTest::newRow(QByteArray(json).toPercentEncoding("{}[]\":, ").constData()) << QByteArray(json);
        QTest::newRow("NUL after the value") << QByteArray("{}\0", 3);
        QTest::newRow("NUL in a string") << QByteArray("\"\0\"", 3);
    }
    void refusesInvalidJson() {
        QFETCH(QByteArray, json);
        QVERIFY(!isValidJson({json.data(), std::size_t(json.size())}));
    }

    void refusesEveryCutOfAnObject() {
        const std::string_view json = "{\"a\":[1.5e3,\"x\\u00e9\\n\",{\"b\":null}],\"c\":true,\"d\":{\"e\":-0.1}}";
        QVERIFY(isValidJson(json));
        for (std::size_t length = 0; length < json.size(); ++length)
            QVERIFY2(!isValidJson(json.substr(0, length)), qPrintable(QString::number(length)));
    }

    void limitsDepth() {
        QVERIFY(isValidJson(nested(kMaxPayloadDepth - 1)));
        QVERIFY(isValidJson(nested(kMaxPayloadDepth)));
        QVERIFY(!isValidJson(nested(kMaxPayloadDepth + 1)));
        QVERIFY(isValidJson(nested(3), 3));
        QVERIFY(!isValidJson(nested(4), 3));
        QVERIFY(isValidJson("1", 0));
        QVERIFY(!isValidJson("[]", 0));
        QVERIFY(isValidJson(nested(kMaxJsonDepth), SIZE_MAX));
        QVERIFY(!isValidJson(nested(kMaxJsonDepth + 1), SIZE_MAX));
    }

    void refusesDeepBombs() { QVERIFY(!isValidJson(std::string(100000, '['))); }

    void stripsLineBreaksOnlyWhereThereAreSome() {
        const SharedBytes plain(std::string("{\"a\": \"x\\ny\"}"));
        QCOMPARE(static_cast<const void*>(stripLineBreaks(plain).data()), static_cast<const void*>(plain.data()));
        QCOMPARE(stripLineBreaks(SharedBytes::fromStatic("{\r\n  \"a\": [1,\n2]\n}\n")).view(),
                 std::string_view("{  \"a\": [1,2]}"));
        QCOMPARE(stripLineBreaks(SharedBytes::fromStatic("\n\r\n")).view(), std::string_view());
        QCOMPARE(stripLineBreaks(SharedBytes()).view(), std::string_view());
    }

    void escapesStrings_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const auto add = [](const char* name, const QByteArray& text, const char* json) {
            QTest::newRow(name) << text << QByteArray(json);
        };
        add("empty", "", "\"\"");
        add("plain", "chat:1", "\"chat:1\"");
        add("quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"");
        add("control characters", QByteArray("\0\b\f\n\r\t\x1F\x7F", 8),
            "\"\\u0000\\u0008\\u000c\\n\\r\\t\\u001f\x7F\"");
        add("markup", "<a>&</a>", "\"\\u003ca\\u003e\\u0026\\u003c/a\\u003e\"");
        add("line separators", "a\xE2\x80\xA8\xE2\x80\xA9z", "\"a\\u2028\\u2029z\"");
        add("valid UTF-8 stays", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
        add("stray byte", "a\xFFz", "\"a\\ufffdz\"");
        add("overlong", "\xC0\xAF", "\"\\ufffd\\ufffd\"");
        add("surrogate", "\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
        add("beyond Unicode", "\xF4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
        add("cut at the end", "x\xE2\x82", "\"x\\ufffd\\ufffd\"");
    }
    void escapesStrings() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, json);
        QCOMPARE(inQuotes({text.data(), std::size_t(text.size())}), json.toStdString());
        QVERIFY(isValidJson(json.toStdString()));
    }

    void quotingKeepsThePayloadExactly() {
        const std::string payload = "{\"b\":1.10, \"a\":\"\xC3\xA9 <\\u00e9>\"}";
        const auto json = quoteJson(payload);
        const auto parsed =
            QJsonDocument::fromJson(QByteArray("[") + QByteArray(json.data(), qsizetype(json.size())) + "]");
        QCOMPARE(parsed[0].toString().toStdString(), payload);
    }

    void framesHaveTheShortestHeader_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<QByteArray>("header");
        const auto add = [](int size, const QByteArray& header) { QTest::addRow("%d", size) << size << header; };
        add(0, QByteArray::fromHex("8100"));
        add(1, QByteArray::fromHex("8101"));
        add(125, QByteArray::fromHex("817d"));
        add(126, QByteArray::fromHex("817e007e"));
        add(127, QByteArray::fromHex("817e007f"));
        add(65535, QByteArray::fromHex("817effff"));
        add(65536, QByteArray::fromHex("817f0000000000010000"));
        add(65537, QByteArray::fromHex("817f0000000000010001"));
    }
    void framesHaveTheShortestHeader() {
        QFETCH(int, size);
        QFETCH(QByteArray, header);
        const std::string message(std::size_t(size), 'x');
        const auto frame = frameText(std::string(Frame::kHeaderRoom, '?') + message);
        QCOMPARE(frame.framed().view(), std::string_view(header.toStdString() + message));
        QCOMPARE(frame.message().view(), std::string_view(message));
        QCOMPARE(frame.messageView(), std::string_view(message));
        QCOMPARE(frame.messageSize(), message.size());
        QVERIFY(!frame.binary());
        QVERIFY(!frame.empty());
        const auto binary = frameBinary(std::string(Frame::kHeaderRoom, '?') + message);
        QVERIFY(binary.binary());
        QCOMPARE(static_cast<unsigned char>(binary.framed().view()[0]), static_cast<unsigned char>(0x82));
        QCOMPARE(binary.framed().view().substr(1), frame.framed().view().substr(1));
    }

    void noFrameIsEmpty() {
        QVERIFY(Frame().empty());
        QCOMPARE(Frame().messageSize(), std::size_t(0));
        QVERIFY(Frame().message().empty());
    }
};

QTEST_APPLESS_MAIN(ProtocolJsonTest)
#include "tst_protocol_json.moc"
