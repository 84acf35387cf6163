#include "server/rest/json_body.h"

#include <QtTest>

#include <array>
#include <string>

using namespace xshathra;
using namespace xshathra::rest;

namespace {

constexpr std::array kSpec{
    FieldSpec{"userId", "a text"},
    FieldSpec{"ttlSeconds", "a whole number"},
    FieldSpec{"channels", "a list of texts"},
    FieldSpec{"info", "a JSON object"},
    FieldSpec{"data", "any JSON value"},
    FieldSpec{"tags", "an object of texts"},
    FieldSpec{"delta", "true or false"},
};

Result<JsonBody> parse(std::string text) { return JsonBody::parse(SharedBytes(std::move(text)), kSpec); }

JsonBody parsed(std::string text) {
    auto body = parse(std::move(text));
    if (!body)
        qFatal("refused: %s", body.error().message.c_str());
    return std::move(*body);
}

std::string bytes(const SharedBytes& value) { return std::string(value.view()); }

}  // namespace

class JsonBodyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refusesWhatIsNoJsonObject_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("empty") << QByteArray() << QByteArray("The body is empty");
        QTest::newRow("spaces") << QByteArray(" \r\n\t") << QByteArray("The body is empty");
        QTest::newRow("text") << QByteArray("hello") << QByteArray("not valid JSON");
        QTest::newRow("array") << QByteArray("[1]") << QByteArray("The body is [1]; send a JSON object");
        QTest::newRow("string") << QByteArray("\"a\"") << QByteArray("The body is \"a\"; send a JSON object");
        QTest::newRow("null") << QByteArray("null") << QByteArray("The body is null; send a JSON object");
        QTest::newRow("cut") << QByteArray("{\"userId\":\"u\"") << QByteArray("not valid JSON");
        QTest::newRow("after it") << QByteArray("{}x") << QByteArray("not valid JSON");
        QTest::newRow("two objects") << QByteArray("{}{}") << QByteArray("not valid JSON");
        QTest::newRow("comma at the end") << QByteArray("{\"userId\":\"u\",}") << QByteArray("not valid JSON");
        QTest::newRow("single quotes") << QByteArray("{'userId':'u'}") << QByteArray("not valid JSON");
        QTest::newRow("bad value of an unknown field") << QByteArray("{\"other\":tru}") << QByteArray("not valid JSON");
        QTest::newRow("bad UTF-8") << QByteArray("{\"userId\":\"\xff\"}") << QByteArray("not valid JSON");
        QTest::newRow("NaN") << QByteArray("{\"ttlSeconds\":NaN}") << QByteArray("not valid JSON");
        QTest::newRow("leading zero") << QByteArray("{\"ttlSeconds\":0900}") << QByteArray("not valid JSON");
        QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf{}") << QByteArray("not valid JSON");
        QTest::newRow("deep") << QByteArray(100'000, '[') << QByteArray("not valid JSON");
        QTest::newRow("twice") << QByteArray("{\"userId\":\"a\",\"x\":1,\"userId\":\"b\"}")
                               << QByteArray("userId stands twice");
        QTest::newRow("twice, escaped") << QByteArray("{\"userId\":\"a\",\"user\\u0049d\":\"b\"}")
                                        << QByteArray("userId stands twice");
    }
    void refusesWhatIsNoJsonObject() {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, says);
        const auto result = parse(body.toStdString());
        QVERIFY(!result);
        QVERIFY2(QByteArray::fromStdString(result.error().message).contains(says), result.error().message.c_str());
    }

    void refusesABodyThatIsCutAnywhere() {
        const std::string whole =
            R"({"userId":"grüße","ttlSeconds":900,"channels":["a","b"],"info":{"n":[1,{"x":null}]},"data":"\u00e9"})";
        QVERIFY(parse(whole).has_value());
        for (std::size_t length = 0; length < whole.size(); ++length)
            QVERIFY2(!parse(whole.substr(0, length)), whole.substr(0, length).c_str());
    }

    void ignoresUnknownFieldsAlsoTwice() { QVERIFY(parse(R"({"x":1,"x":2,"userId":"u"})").has_value()); }

    void readsTexts() {
        QCOMPARE(*parsed(R"({"userId":"u"})").requiredText("userId"), std::string("u"));
        QCOMPARE(*parsed(R"({"userId":"a\n\u00e9\ud83d\ude00\/"})").requiredText("userId"), std::string("a\né😀/"));
        QCOMPARE(*parsed(R"( {  "userId" : "u"  } )").requiredText("userId"), std::string("u"));
        QVERIFY(!parsed("{}").text("userId")->has_value());
        QVERIFY(!parsed(R"({"userId":null})").text("userId")->has_value());
        QCOMPARE(parsed(R"({"userId":5})").text("userId").error(),
                 (Error{"invalid_argument", "userId is 5; it has to be a text.", "userId"}));
        QVERIFY(!parsed(R"({"userId":"\ud800"})").text("userId"));
    }

    void saysWhatIsMissing_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("absent") << QByteArray("{}") << QByteArray("userId is missing; it has to be a text.");
        QTest::newRow("null") << QByteArray(R"({"userId":null})") << QByteArray("userId is null; it has to be a text.");
        QTest::newRow("snake case") << QByteArray(R"({"user_id":"u"})")
                                    << QByteArray(
                                           "userId is missing (found \"user_id\" instead); it has to be a text.");
        QTest::newRow("short") << QByteArray(R"({"user":"u"})")
                               << QByteArray("userId is missing (found \"user\" instead); it has to be a text.");
        QTest::newRow("something else") << QByteArray(R"({"name":"u"})")
                                        << QByteArray("userId is missing; it has to be a text.");
    }
    void saysWhatIsMissing() {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, message);
        const auto result = parsed(body.toStdString()).requiredText("userId");
        QVERIFY(!result);
        QCOMPARE(QByteArray::fromStdString(result.error().message), message);
        QCOMPARE(result.error().field, std::string("userId"));
    }

    void readsWholeNumbers_data() {
        QTest::addColumn<QByteArray>("written");
        QTest::addColumn<bool>("allowed");
        QTest::addColumn<qint64>("value");
        QTest::newRow("whole") << QByteArray("900") << true << qint64{900};
        QTest::newRow("negative") << QByteArray("-1") << true << qint64{-1};
        QTest::newRow("with fraction zero") << QByteArray("900.0") << true << qint64{900};
        QTest::newRow("exponent") << QByteArray("9e2") << true << qint64{900};
        QTest::newRow("largest") << QByteArray("9223372036854775807") << true << qint64{9223372036854775807};
        QTest::newRow("too large") << QByteArray("9223372036854775808") << false << qint64{0};
        QTest::newRow("far too large") << QByteArray("1e300") << false << qint64{0};
        QTest::newRow("beyond double") << QByteArray("1e999") << false << qint64{0};
        QTest::newRow("fraction") << QByteArray("900.5") << false << qint64{0};
        QTest::newRow("text") << QByteArray("\"900\"") << false << qint64{0};
        QTest::newRow("boolean") << QByteArray("true") << false << qint64{0};
        QTest::newRow("list") << QByteArray("[900]") << false << qint64{0};
    }
    void readsWholeNumbers() {
        QFETCH(QByteArray, written);
        QFETCH(bool, allowed);
        QFETCH(qint64, value);
        const auto result = parsed("{\"ttlSeconds\":" + written.toStdString() + "}").integer("ttlSeconds");
        QCOMPARE(result.has_value(), allowed);
        if (allowed)
            QCOMPARE(qint64{**result}, value);
        else
            QCOMPARE(result.error().message,
                     "ttlSeconds is " + written.toStdString() + "; it has to be a whole number.");
    }

    void readsBooleansListsAndMaps() {
        QCOMPARE(**parsed(R"({"delta":true})").boolean("delta"), true);
        QCOMPARE(**parsed(R"({"delta":false})").boolean("delta"), false);
        QVERIFY(!parsed(R"({"delta":1})").boolean("delta"));
        QCOMPARE(**parsed(R"({"channels":["a","b"]})").texts("channels"), (std::vector<std::string>{"a", "b"}));
        QVERIFY((*parsed(R"({"channels":[]})").texts("channels"))->empty());
        QCOMPARE(parsed(R"({"channels":["a",7]})").texts("channels").error().message,
                 std::string("channels[1] is 7; channels has to be a list of texts."));
        QVERIFY(!parsed(R"({"channels":"a"})").texts("channels"));
        QCOMPARE((*parsed(R"({"tags":{"a":"1","b":"2"}})").textMap("tags"))->at("b"), std::string("2"));
        QCOMPARE(parsed(R"({"tags":{"a":{}}})").textMap("tags").error().message,
                 std::string("tags.a is {}; tags has to be an object of texts."));
    }

    void keepsTheBytesOfRawValues_data() {
        QTest::addColumn<QByteArray>("value");
        for (const auto* value : {"1.10", "{\"b\": 1, \"a\":\n 2}", "[ ]", "\"\\u00e9 \\/\"", "null", "true",
                                  "12345678901234567890123", "-0.0", "{\"x\":\"},\"}", "1e400", "\"\\ud800\""})
            QTest::newRow(value) << QByteArray(value);
    }
    void keepsTheBytesOfRawValues() {
        QFETCH(QByteArray, value);
        const auto written = value.toStdString();
        for (const auto& body : {"{\"data\":" + written + "}", "{\"data\" : " + written + " , \"userId\":\"u\"}"}) {
            const auto raw = parsed(body).rawValue("data");
            QVERIFY(raw.has_value());
            QCOMPARE(bytes(*raw), written);
        }
    }

    void takesOnlyObjectsAsObjects() {
        QCOMPARE(bytes(**parsed(R"({"info": {"b":1.10} })").rawObject("info")), std::string(R"({"b":1.10})"));
        QVERIFY(!parsed(R"({"info":[1]})").rawObject("info"));
        QVERIFY(!parsed(R"({"info":"{}"})").rawObject("info"));
        QVERIFY(!parsed(R"({"info":null})").rawObject("info")->has_value());
    }

    void cutsLongValuesBetweenCharacters() {
        QCOMPARE(excerpt(std::string(60, 'a')), std::string(60, 'a'));
        QCOMPARE(excerpt(std::string(61, 'a')), std::string(60, 'a') + "...");
        QCOMPARE(excerpt(std::string(59, 'a') + "é"), std::string(59, 'a') + "...");
        QCOMPARE(excerpt("  1 \n"), std::string("1"));
    }
};

QTEST_GUILESS_MAIN(JsonBodyTest)
#include "tst_json_body.moc"
