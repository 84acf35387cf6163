#include "server/centrifugo/format.h"

#include <QtTest>

using namespace xshathra;
using namespace xshathra::centrifugo;

Q_DECLARE_METATYPE(xshathra::centrifugo::Format)

namespace {

const char* const kJson =
    "{\n"
    "  \"client\": {\"insecure\": true, \"ping_interval\": \"25s\"},\n"
    "  \"channel\": {\n"
    "    \"namespaces\": [\n"
    "      {\"name\": \"chat\", \"history_size\": 10, \"history_ttl\": \"60s\", \"allowed_delta_types\": [\"fossil\"]},\n"
    "      {\"name\": \"yes\"}\n"
    "    ]\n"
    "  },\n"
    "  \"http_server\": {\"port\": 9000, \"address\": \"\"},\n"
    "  \"numbers\": {\"ratio\": 1.5, \"text\": \"8000\", \"word\": \"a: \\\"b\\\" # c\\n\"}\n"
    "}\n";
const char* const kYaml =
    "client:\n"
    "  insecure: true\n"
    "  ping_interval: 25s\n"
    "channel:\n"
    "  namespaces:\n"
    "    - name: chat\n"
    "      history_size: 10\n"
    "      history_ttl: 60s\n"
    "      allowed_delta_types: [fossil]\n"
    "    - name: yes\n"
    "http_server:\n"
    "  port: 9000\n"
    "  address: ''\n"
    "numbers:\n"
    "  ratio: 1.5\n"
    "  text: \"8000\"\n"
    "  word: \"a: \\\"b\\\" # c\\n\"\n";
const char* const kToml =
    "[client]\n"
    "insecure = true\n"
    "ping_interval = \"25s\"\n"
    "[[channel.namespaces]]\n"
    "name = \"chat\"\n"
    "history_size = 10\n"
    "history_ttl = \"60s\"\n"
    "allowed_delta_types = [\"fossil\"]\n"
    "[[channel.namespaces]]\n"
    "name = \"yes\"\n"
    "[http_server]\n"
    "port = 9000\n"
    "address = \"\"\n"
    "[numbers]\n"
    "ratio = 1.5\n"
    "text = \"8000\"\n"
    "word = \"a: \\\"b\\\" # c\\n\"\n";

std::string nestedJson(int depth) {
    std::string text;
    for (int i = 1; i < depth; ++i)
        text += "{\"a\":";
    return text + "{}" + std::string(static_cast<std::size_t>(depth - 1), '}');
}

std::string nestedYaml(int depth) {
    std::string text;
    for (int i = 1; i < depth; ++i)
        text += "{a: ";
    return text + "{}" + std::string(static_cast<std::size_t>(depth - 1), '}');
}

std::string nestedToml(int depth) {
    std::string text = "a = ";
    for (int i = 2; i < depth; ++i)
        text += "{a = ";
    return text + "{}" + std::string(static_cast<std::size_t>(depth - 2), '}');
}

}  // namespace

class CentrifugoFormatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNameTellsTheFormat() {
        QVERIFY(formatOf("config.json") == Format::Json);
        QVERIFY(formatOf("/etc/x.YAML") == Format::Yaml);
        QVERIFY(formatOf("a.b.yml") == Format::Yaml);
        QVERIFY(formatOf("c.toml") == Format::Toml);
        QVERIFY(!formatOf("config"));
        QVERIFY(!formatOf("config.ini"));
    }

    void allFormatsReadTheSame() {
        const auto json = parse(kJson, Format::Json);
        const auto yaml = parse(kYaml, Format::Yaml);
        const auto toml = parse(kToml, Format::Toml);
        QVERIFY2(json, json ? "" : json.error().message.c_str());
        QVERIFY2(yaml, yaml ? "" : yaml.error().message.c_str());
        QVERIFY2(toml, toml ? "" : toml.error().message.c_str());
        QVERIFY2(*json == *yaml, yaml->toJson().c_str());
        QVERIFY2(*json == *toml, toml->toJson().c_str());
        QCOMPARE(*json->at("channel.namespaces[0].allowed_delta_types[0]")->text(), std::string("fossil"));
        QCOMPARE(*json->at("numbers.text")->text(), std::string("8000"));
    }

    void valuesKnowTheirLines() {
        const auto json = parse(kJson, Format::Json);
        QCOMPARE(json->at("client.ping_interval")->line(), std::size_t(2));
        QCOMPARE(json->at("channel.namespaces[1].name")->line(), std::size_t(6));
        QCOMPARE(json->at("http_server.port")->line(), std::size_t(9));
        const auto yaml = parse(kYaml, Format::Yaml);
        QCOMPARE(yaml->at("client.ping_interval")->line(), std::size_t(3));
        QCOMPARE(yaml->at("channel.namespaces[1].name")->line(), std::size_t(10));
        QCOMPARE(yaml->at("http_server.port")->line(), std::size_t(12));
        const auto toml = parse(kToml, Format::Toml);
        QCOMPARE(toml->at("client.ping_interval")->line(), std::size_t(3));
        QCOMPARE(toml->at("channel.namespaces[1].name")->line(), std::size_t(10));
        QCOMPARE(toml->at("http_server.port")->line(), std::size_t(12));
    }

    void writingAndReadingGivesTheSame_data() {
        QTest::addColumn<Format>("format");
        QTest::newRow("json") << Format::Json;
        QTest::newRow("yaml") << Format::Yaml;
        QTest::newRow("toml") << Format::Toml;
    }
    void writingAndReadingGivesTheSame() {
        QFETCH(Format, format);
        auto value = std::move(*parse(kJson, Format::Json));
        for (const auto* text : {"",
                                 "true",
                                 "null",
                                 "~",
                                 "12",
                                 "0x1f",
                                 "1.5",
                                 "- a",
                                 "a: b",
                                 "#c",
                                 "'q'",
                                 "\"d\"",
                                 " lead",
                                 "tail ",
                                 "two\nlines",
                                 "tab\there",
                                 "$",
                                 "#",
                                 ",",
                                 ":",
                                 "ünicode",
                                 "back\\slash",
                                 "!tag",
                                 "*alias",
                                 "&anchor",
                                 "%d",
                                 "@",
                                 "`",
                                 "{",
                                 "}",
                                 "[",
                                 "]",
                                 "?",
                                 "|",
                                 ">",
                                 "no",
                                 "on",
                                 "2024-01-01",
                                 "-----BEGIN X-----\nAA==\n"}) {
            value.set(
                "texts.t" + std::to_string(value.at("texts") == nullptr ? 0 : value.at("texts")->object()->size()),
                Value(std::string(text)));
        }
        const auto written = write(value, format);
        const auto read = parse(written, format);
        QVERIFY2(read, read ? "" : (read.error().message + "\n" + written).c_str());
        QVERIFY2(*read == value, (written + "\n" + read->toJson()).c_str());
    }

    void anEmptyFileIsAnEmptyObject() {
        for (const auto format : {Format::Json, Format::Yaml, Format::Toml}) {
            for (const auto* text : {"", " \n", "\xef\xbb\xbf"}) {
                const auto value = parse(text, format);
                QVERIFY(value);
                QVERIFY(value->object() != nullptr && value->object()->empty());
            }
        }
    }

    void refusesWhatIsNoObject() {
        QVERIFY(!parse("[1]", Format::Json));
        QVERIFY(!parse("12", Format::Json));
        QVERIFY(!parse("- a\n- b\n", Format::Yaml));
        QVERIFY(!parse("word", Format::Yaml));
    }

    void faultsNameTheLine() {
        const auto json = parse("{\n \"a\": 1,\n \"b\": tru\n}", Format::Json);
        QVERIFY(!json);
        QCOMPARE(json.error().code, std::string("invalid_config"));
        const auto yaml = parse("a: 1\nb: [1, 2\nc: 3\n", Format::Yaml);
        QVERIFY(!yaml);
        QVERIFY2(yaml.error().message.starts_with("line "), yaml.error().message.c_str());
        const auto twice = parse("a: 1\nb: 2\na: 3\n", Format::Yaml);
        QVERIFY(!twice);
        QVERIFY2(twice.error().message.starts_with("line 3: "), twice.error().message.c_str());
        const auto toml = parse("a = 1\nb = \n", Format::Toml);
        QVERIFY(!toml);
        QVERIFY2(toml.error().message.starts_with("line 2: "), toml.error().message.c_str());
        QVERIFY(!parse("when = 2024-01-01\n", Format::Toml));
    }

    void mergesMappingsAsGoDoes_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const QByteArray start = "s: &seven {size: 7}\nz: &zero {size: 0, on: true}\nn: &nested {<<: *seven}\nhere:\n";
        const auto row = [&](const char* name, const QByteArray& text, const char* json) {
            QTest::newRow(name) << QByteArray(start + text) << QByteArray(json);
        };
        row("one", "  <<: *seven\n  a: 1\n", "{\"a\":1,\"size\":7}");
        row("what stands there wins, before", "  size: 1\n  <<: *seven\n", "{\"size\":1}");
        row("what stands there wins, behind", "  <<: *seven\n  size: 1\n", "{\"size\":1}");
        row("the first of a list wins", "  <<: [*zero, *seven]\n", "{\"size\":0,\"on\":true}");
        row("the first of a list wins, otherwise", "  <<: [*seven, *zero]\n", "{\"size\":7,\"on\":true}");
        row("through another", "  <<: *nested\n", "{\"size\":7}");
        row("written out", "  <<: {size: 4}\n", "{\"size\":4}");
        row("with a tag", "  !!merge <<: *seven\n", "{\"size\":7}");
        row("an empty list", "  <<: []\n  a: 1\n", "{\"a\":1}");
        row("a name in quotes", "  \"<<\": {size: 4}\n", "{\"<<\":{\"size\":4}}");
        row("a number", "  <<: 5\n", "line 5: \"<<\" takes a mapping, or a list of mappings");
        row("nothing", "  <<:\n", "line 5: \"<<\" takes a mapping, or a list of mappings");
        row("a list of numbers", "  a: 1\n  <<: [5]\n", "line 6: \"<<\" takes a mapping, or a list of mappings");
        row("twice", "  <<: *seven\n  <<: *zero\n", "line 6: the key \"<<\" stands here for the second time");
    }
    void mergesMappingsAsGoDoes() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, json);
        const auto value = parse(text.toStdString(), Format::Yaml);
        if (!json.startsWith('{')) {
            QVERIFY(!value);
            QCOMPARE(value.error().message, json.toStdString());
            return;
        }
        QVERIFY2(value, value ? "" : value.error().message.c_str());
        QVERIFY2(*value->find("here") == *parse(json.toStdString(), Format::Json), value->toJson().c_str());
    }

    void mergingPassesNoBound() {
        // Each mapping doubles what is read.
        std::string text = "a0: &a0 {x: 1}\n";
        for (int i = 1; i <= 40; ++i) {
            const auto last = std::to_string(i - 1);
            text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {<<: [*a" + last + ", *a" + last + "]}\n";
        }
        const auto value = parse(text, Format::Yaml);
        QVERIFY(!value);
        QVERIFY2(value.error().message.find("values") != std::string::npos, value.error().message.c_str());
        QVERIFY(!parse("a: &a {<<: *a}\n", Format::Yaml));
    }

    void inputCutAtAnyPlaceIsRefusedOrRead() {
        const std::pair<Format, std::string> all[] = {
            {Format::Json, kJson}, {Format::Yaml, kYaml}, {Format::Toml, kToml}};
        int refused = 0;
        for (const auto& [format, text] : all) {
            for (std::size_t size = 0; size < text.size(); ++size) {
                const auto value = parse(text.substr(0, size), format);
                refused += value ? 0 : 1;
                QVERIFY(!value || value->object() != nullptr);
            }
        }
        QVERIFY(refused > 100);
    }

    void nestsToTheBoundAndNoDeeper() {
        for (const int depth : {kMaxDepth - 1, kMaxDepth}) {
            QVERIFY2(parse(nestedJson(depth), Format::Json), qPrintable(QString::number(depth)));
            QVERIFY2(parse(nestedYaml(depth), Format::Yaml), qPrintable(QString::number(depth)));
            QVERIFY2(parse(nestedToml(depth), Format::Toml), qPrintable(QString::number(depth)));
        }
        QVERIFY(!parse(nestedJson(kMaxDepth + 1), Format::Json));
        QVERIFY(!parse(nestedYaml(kMaxDepth + 1), Format::Yaml));
        QVERIFY(!parse(nestedToml(kMaxDepth + 1), Format::Toml));
    }

    void readsFilesToTheBoundAndNoLarger() {
        const auto sized = [](std::size_t size) { return "{\"a\":\"" + std::string(size - 8, 'x') + "\"}"; };
        QVERIFY(parse(sized(kMaxFileBytes), Format::Json));
        const auto tooLarge = parse(sized(kMaxFileBytes + 1), Format::Json);
        QVERIFY(!tooLarge);
        QVERIFY(tooLarge.error().message.find(std::to_string(kMaxFileBytes)) != std::string::npos);
    }

    void repeatedAliasesDoNotGrowWithoutBound() {
        std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (int i = 1; i < 8; ++i) {
            const auto before = "*a" + std::to_string(i - 1);
            text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
            for (int j = 0; j < 9; ++j)
                text += ", " + before;
            text += "]\n";
        }
        const auto value = parse(text, Format::Yaml);
        QVERIFY(!value);
        QVERIFY(value.error().message.find(std::to_string(kMaxValues)) != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(CentrifugoFormatsTest)
#include "tst_centrifugo_formats.moc"
