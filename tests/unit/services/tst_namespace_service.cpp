#include "server/services/namespace_json.h"
#include "server/storage/database.h"
#include "server/storage/tables.h"
#include "tests/unit/services/services_fixture.h"

#include <QTemporaryDir>

using namespace Qt::StringLiterals;
using namespace xshathra;
using namespace xshathra::services;
using engine::ChannelOptions;
using engine::NamespaceOptions;
using test::ServicesFixture;

namespace {

/// An imported project whose configuration has a proxy for publications.
class PublishProxyDocument final : public ProjectDocuments {
public:
    Result<void> apply(std::string_view, Project&, engine::ProjectConfig& engine,
                       engine::ChannelLayout&) const override {
        engine.proxies.channel.publish.endpoint = "http://127.0.0.1:1/publish";
        return {};
    }
};

/// An imported project whose configuration keeps positions for longer than is usual.
class LongHistoryDocument final : public ProjectDocuments {
public:
    static constexpr Milliseconds kMetaTtl = 2 * ChannelOptions::kDefaultHistoryMetaTtl;

    Result<void> apply(std::string_view, Project&, engine::ProjectConfig&,
                       engine::ChannelLayout& layout) const override {
        layout.historyMetaTtl = kMetaTtl;
        return {};
    }
};

ProjectPtr imported(const ServicesFixture& fixture) {
    NewProject wanted;
    wanted.name = "Imported";
    wanted.document = auth::Secret("{}");
    return fixture->projects().create(wanted).result().value();
}

}  // namespace

class NamespaceServiceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void defaultsAreValid() {
        engine::ChannelLayout layout;
        layout.namespaces = defaultNamespaces();
        QVERIFY(layout.validate().empty());
    }

    void jsonKeepsEveryDefaultNamespace() {
        for (const auto& ns : defaultNamespaces())
            QVERIFY(channelOptionsFromJson(toJson(ns.options)).value() == ns.options);
        QCOMPARE(toJson(ChannelOptions()), std::string("{}"));
    }

    void everyOptionSurvivesJson_data() {
        QTest::addColumn<QByteArray>("json");
        for (const auto& name : channelOptionNames()) {
            const auto last = name.substr(name.find('.') == std::string::npos ? 0 : name.find('.') + 1);
            // The first of these values that has the option's type and isn't its default is its sample.
            for (const auto* value : {"true", "7", "\"1m30s\"", "\"cache\"", "\"json\"", "\"map\"", "\"ephemeral\"",
                                      "\"client_id\"", "\"versionless\"", "[\"fossil\"]", "\"text\""}) {
                const auto inner = "{\"" + last + "\":" + value + "}";
                const auto json = last == name ? inner : "{\"" + name.substr(0, name.find('.')) + "\":" + inner + "}";
                const auto read = channelOptionsFromJson(json);
                if (read && !(*read == ChannelOptions())) {
                    QTest::newRow(name.c_str()) << QByteArray::fromStdString(json);
                    break;
                }
            }
        }
    }

    void everyOptionSurvivesJson() {
        QFETCH(QByteArray, json);
        QCOMPARE(toJson(channelOptionsFromJson(json.toStdString()).value()), json.toStdString());
    }

    void everyOptionHasASample() { QCOMPARE(channelOptionNames().size(), std::size_t{41 + 22 + 8}); }

    void refusesWrongJson_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("no json") << QByteArray("{") << QByteArray("options");
        QTest::newRow("array") << QByteArray("[]") << QByteArray("options");
        QTest::newRow("empty") << QByteArray("") << QByteArray("options");
        QTest::newRow("unknown") << QByteArray("{\"presense\":true}") << QByteArray("presense");
        QTest::newRow("unknown nested") << QByteArray("{\"map\":{\"modus\":1}}") << QByteArray("map.modus");
        QTest::newRow("bool as text") << QByteArray("{\"presence\":\"true\"}") << QByteArray("presence");
        QTest::newRow("fraction") << QByteArray("{\"history_size\":1.5}") << QByteArray("history_size");
        QTest::newRow("huge") << QByteArray("{\"history_size\":1e300}") << QByteArray("history_size");
        QTest::newRow("duration as number") << QByteArray("{\"history_ttl\":60}") << QByteArray("history_ttl");
        QTest::newRow("duration") << QByteArray("{\"history_ttl\":\"60\"}") << QByteArray("history_ttl");
        QTest::newRow("word") << QByteArray("{\"force_recovery_mode\":\"no\"}") << QByteArray("force_recovery_mode");
        QTest::newRow("delta") << QByteArray("{\"allowed_delta_types\":[\"x\"]}") << QByteArray("allowed_delta_types");
        QTest::newRow("map is text") << QByteArray("{\"map\":\"x\"}") << QByteArray("map");
    }

    void refusesWrongJson() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, field);
        const auto read = channelOptionsFromJson(json.toStdString());
        QVERIFY(!read);
        QCOMPARE(read.error().code, std::string("invalid_argument"));
        QCOMPARE(QByteArray::fromStdString(read.error().field), field);
    }

    void namesAllowedWords() {
        const auto read = channelOptionsFromJson("{\"force_recovery_mode\":\"no\"}");
        QVERIFY(read.error().message.find("\"stream\", \"cache\"") != std::string::npos);
    }

    void showsWrongTextsInWholeCharacters() {
        const auto read =
            channelOptionsFromJson("{\"map\":\"" + QByteArray("\xc3\xa9").repeated(60).toStdString() + "\"}");
        const auto message = QString::fromStdString(read.error().message);
        QVERIFY2(message.size() < 200 && !message.contains(QChar::ReplacementCharacter), qPrintable(message));
    }

    void readsDurations_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("milliseconds");
        QTest::newRow("0") << QByteArray("0") << qint64{0};
        QTest::newRow("0s") << QByteArray("0s") << qint64{0};
        QTest::newRow("ms") << QByteArray("300ms") << qint64{300};
        QTest::newRow("s") << QByteArray("60s") << qint64{60000};
        QTest::newRow("mixed") << QByteArray("1h15m30.5s") << qint64{4530500};
        QTest::newRow("720h") << QByteArray("720h") << qint64{2592000000};
        QTest::newRow("us") << QByteArray("2000us") << qint64{2};
        QTest::newRow("below a millisecond") << QByteArray("1us") << qint64{-1};
        QTest::newRow("no unit") << QByteArray("10") << qint64{-1};
        QTest::newRow("empty") << QByteArray("") << qint64{-1};
        QTest::newRow("negative") << QByteArray("-1s") << qint64{-1};
        QTest::newRow("unit only") << QByteArray("s") << qint64{-1};
        QTest::newRow("dot only") << QByteArray(".s") << qint64{-1};
        QTest::newRow("days") << QByteArray("1d") << qint64{-1};
        QTest::newRow("space") << QByteArray("1 s") << qint64{-1};
        QTest::newRow("overflow") << QByteArray("9999999999999999999h") << qint64{-1};
        QTest::newRow("overflow in unit") << QByteArray("99999999999h") << qint64{-1};
    }

    void readsDurations() {
        QFETCH(QByteArray, text);
        QFETCH(qint64, milliseconds);
        Milliseconds out(-1);
        QCOMPARE(parseDuration(text.toStdString(), out), milliseconds >= 0);
        QCOMPARE(static_cast<qint64>(out.count()), milliseconds);
        if (milliseconds >= 0) {
            Milliseconds back(-1);
            QVERIFY(parseDuration(formatDuration(out), back));
            QCOMPARE(back, out);
        }
    }

    void writesDurations() {
        QCOMPARE(formatDuration(Milliseconds(0)), std::string("0s"));
        QCOMPARE(formatDuration(std::chrono::minutes(10)), std::string("10m"));
        QCOMPARE(formatDuration(Milliseconds(5400001)), std::string("1h30m1ms"));
    }

    void addsChangesRenamesAndRemoves() {
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        NamespaceOptions board{"board", {}};
        board.options.presence = true;
        QVERIFY(fixture->namespaces().add(id, board).result());
        QCOMPARE(fixture->namespaces().list(id).back().name, std::string("board"));
        QVERIFY(fixture.registry.find(id)->config()->channels->resolve("board:1").ns);
        QCOMPARE(fixture->namespaces().add(id, board).result().error().code, std::string("duplicate"));
        QVERIFY(fixture->namespaces().update(id, "board", {"table", {}}).result());
        QVERIFY(!fixture.registry.find(id)->config()->channels->resolve("board:1").ns);
        QVERIFY(fixture.registry.find(id)->config()->channels->resolve("table:1").ns);
        QCOMPARE(fixture->namespaces().update(id, "table", {"chat", {}}).result().error().code,
                 std::string("duplicate"));
        QVERIFY(fixture->namespaces().remove(id, "table").result());
        QCOMPARE(fixture->namespaces().remove(id, "table").result().error().field, std::string("name"));
        QCOMPARE(fixture->namespaces().remove(id, "").result().error().code, std::string("not_found"));
        QCOMPARE(fixture->namespaces().list(id).size(), std::size_t{4});
        QCOMPARE(fixture->namespaces().add("proj_none", board).result().error().field, std::string("projectId"));
    }

    void faultyOptionsChangeNothing() {
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        NamespaceOptions bad{"board", {}};
        bad.options.historySize = 10;
        const auto added = fixture->namespaces().add(id, bad).result();
        QCOMPARE(added.error().code, std::string("invalid_argument"));
        QCOMPARE(added.error().field, std::string("history_ttl"));
        const auto updated = fixture->namespaces().updateWithoutNamespace(id, bad.options).result();
        QCOMPARE(updated.error().field, std::string("history_ttl"));
        QVERIFY(fixture.first()->withoutNamespace == ChannelOptions());
        QCOMPARE(fixture->namespaces().list(id).size(), std::size_t{4});
    }

    void refusesOnlyWhatTheChangeItselfBreaks() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/data"_s;
        ServicesFixture fixture(path);
        const auto id = fixture.first()->id;
        NamespaceOptions board{"board.old", {}};
        board.options.subscriptionType = engine::SubscriptionType::Map;
        board.options.map.mode = engine::MapMode::Recoverable;
        board.options.map.keyTtl = std::chrono::seconds(120);
        board.options.map.metaTtl = std::chrono::seconds(60);
        fixture.services = nullptr;
        // As another version stored it, which took it.
        storage::DatabaseOptions file;
        file.path = path + u"/xshathra.db"_s;
        QVERIFY((*storage::Database::open(file))
                    ->run([&](storage::Connection& c) {
                        return storage::NamespaceTable(c).insert({id, board.name, toJson(board.options), 9});
                    })
                    .result());
        fixture.open(path);

        // "board" is the front of the other's name, and the fault is not its own.
        QVERIFY(fixture->namespaces().add(id, {"board", {}}).result());
        ChannelOptions without;
        without.presence = true;
        QVERIFY(fixture->namespaces().updateWithoutNamespace(id, without).result());
        QVERIFY(fixture->namespaces().remove(id, "board").result());
        NamespaceOptions second{"second", board.options};
        QCOMPARE(fixture->namespaces().add(id, second).result().error().field, std::string("map.meta_ttl"));

        board.options.presence = true;
        const auto updated = fixture->namespaces().update(id, board.name, board).result();
        QCOMPARE(updated.error().field, std::string("map.meta_ttl"));
        QVERIFY2(updated.error().message.starts_with("map.meta_ttl: "), updated.error().message.c_str());
        board.options.map.metaTtl = board.options.map.keyTtl;
        QVERIFY(fixture->namespaces().update(id, board.name, board).result());
    }

    void longHistoriesFitTheProjectsOwnMetaTtl() {
        const LongHistoryDocument documents;
        ServicesFixture fixture({}, {.documents = &documents});
        const auto project = imported(fixture);
        NamespaceOptions board{"board", {}};
        board.options.historySize = 1;
        board.options.historyTtl = LongHistoryDocument::kMetaTtl;
        const auto added = fixture->namespaces().add(project->id, board).result();
        QVERIFY2(added, added ? "" : added.error().message.c_str());
        board.options.historyTtl += std::chrono::seconds(1);
        QCOMPARE(fixture->namespaces().update(project->id, "board", board).result().error().field,
                 std::string("history_meta_ttl"));
    }

    void needsTheProxiesThatItNames_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("none") << QByteArray("{}") << QByteArray();
        QTest::newRow("named but off") << QByteArray("{'publish_proxy_name':'other'}") << QByteArray();
        QTest::newRow("publish") << QByteArray("{'publish_proxy_enabled':true}") << QByteArray("publish_proxy_enabled");
        QTest::newRow("subscribe") << QByteArray("{'subscribe_proxy_enabled':true}")
                                   << QByteArray("subscribe_proxy_enabled");
        QTest::newRow("sub_refresh") << QByteArray("{'sub_refresh_proxy_enabled':true}")
                                     << QByteArray("sub_refresh_proxy_enabled");
        QTest::newRow("map") << QByteArray(
                                    "{'subscription_type':'map','map':{'mode':'persistent',"
                                    "'remove_proxy_enabled':true}}")
                             << QByteArray("map.remove_proxy_enabled");
        QTest::newRow("shared poll") << QByteArray("{'subscription_type':'shared_poll'}")
                                     << QByteArray("subscription_type");
    }

    void needsTheProxiesThatItNames() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, field);
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        const auto options = channelOptionsFromJson(json.replace('\'', '"').toStdString()).value();
        const auto fieldOf = [](const auto& result) {
            return QByteArray::fromStdString(result ? "" : result.error().field);
        };
        QCOMPARE(fieldOf(fixture->namespaces().add(id, {"board", options}).result()), field);
        QCOMPARE(fieldOf(fixture->namespaces().update(id, "chat", {"chat", options}).result()), field);
        const auto changed = fixture->namespaces().updateWithoutNamespace(id, options).result();
        QCOMPARE(fieldOf(changed), field);
        QCOMPARE(fixture->namespaces().list(id).size(), std::size_t(field.isEmpty() ? 5 : 4));
        if (!changed)
            QVERIFY2(changed.error().message.find("Centrifugo configuration") != std::string::npos,
                     changed.error().message.c_str());
    }

    void importedProjectsHaveTheirProxies() {
        const PublishProxyDocument documents;
        ServicesFixture fixture({}, {.documents = &documents});
        const auto project = imported(fixture);
        NamespaceOptions board{"board", {}};
        board.options.publishProxyEnabled = true;
        QVERIFY(fixture->namespaces().add(project->id, board).result());
        board.options.publishProxyName = "other";
        const auto updated = fixture->namespaces().update(project->id, "board", board).result();
        QCOMPARE(updated.error().field, std::string("publish_proxy_name"));
        QVERIFY(updated.error().message.find("\"other\" names no proxy") != std::string::npos);
    }

    void checksNames_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("1") << QByteArray("a") << false;
        QTest::newRow("2") << QByteArray("ab") << true;
        QTest::newRow("longest") << QByteArray(static_cast<int>(kMaxNamespaceNameLength), 'a') << true;
        QTest::newRow("longest + 1") << QByteArray(static_cast<int>(kMaxNamespaceNameLength) + 1, 'a') << false;
        QTest::newRow("colon") << QByteArray("a:b") << false;
        QTest::newRow("space") << QByteArray("a b") << false;
        QTest::newRow("quote") << QByteArray("a'--") << false;
        QTest::newRow("empty") << QByteArray("") << false;
    }

    void checksNames() {
        QFETCH(QByteArray, name);
        QFETCH(bool, allowed);
        const ServicesFixture fixture;
        const auto added = fixture->namespaces().add(fixture.first()->id, {name.toStdString(), {}}).result();
        QCOMPARE(added.has_value(), allowed);
        if (!allowed)
            QCOMPARE(added.error().field, std::string("name"));
    }

    void projectsKeepTheirOwn() {
        const ServicesFixture fixture;
        const auto other = fixture.create("Other");
        QVERIFY(fixture->namespaces().remove(other->id, "chat").result());
        QVERIFY(fixture.registry.find(fixture.first()->id)->config()->channels->resolve("chat:1").ns);
        QVERIFY(!fixture.registry.find(other->id)->config()->channels->resolve("chat:1").ns);
    }
};

QTEST_GUILESS_MAIN(NamespaceServiceTest)
#include "tst_namespace_service.moc"
