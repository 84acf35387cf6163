#include "server/services/settings_service.h"
#include "server/storage/database.h"
#include "server/storage/tables.h"
#include "tests/support/manual_clock.h"

#include <QDir>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace xshathra;
using namespace xshathra::services;

class SettingsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hasDefaults() {
        auto database = storage::Database::open({});
        const auto service = SettingsService::open(**database, {}, {});
        QVERIFY(service);
        const auto settings = (*service)->settings();
        QCOMPARE(settings.port, std::uint16_t{3001});
        QCOMPARE(settings.bind, (QStringList{u"127.0.0.1"_s, u"::1"_s}));
        QCOMPARE(settings.captureRows, 10000);
        QCOMPARE(settings.theme, u"system"_s);
        for (const auto& value : (*service)->list()) {
            QVERIFY(value.source == SettingSource::Default);
            QCOMPARE(SettingsService::check(*value.spec, value.value, {}).value(), value.value);
        }
    }

    void theLastSourceWins() {
        auto database = storage::Database::open({});
        const auto open = [&](QMap<QString, QString> flags, QMap<QString, QString> variables) {
            return std::move(*SettingsService::open(**database, flags, variables));
        };
        const auto name = u"server.port"_s;
        QVERIFY(open({}, {})->set(name, u"4000"_s).result());
        QVERIFY(open({}, {})->value(name).source == SettingSource::Stored);
        QCOMPARE(open({}, {})->settings().port, std::uint16_t{4000});
        QCOMPARE(open({{name, u"5000"_s}}, {})->settings().port, std::uint16_t{5000});
        const auto all = open({{name, u"5000"_s}}, {{u"XSHATHRA_PORT"_s, u"6000"_s}});
        QCOMPARE(all->settings().port, std::uint16_t{6000});
        QVERIFY(all->value(name).source == SettingSource::Environment);
        QCOMPARE(all->value(name).stored.value(), u"4000"_s);
        QCOMPARE(all->set(name, u"7000"_s).result().value().value, u"6000"_s);
        QCOMPARE(open({}, {})->settings().port, std::uint16_t{7000});
        QVERIFY(open({}, {})->set(name, std::nullopt).result());
        QVERIFY(open({}, {})->value(name).source == SettingSource::Default);
    }

    void refusalsNameValueAndPlace() {
        auto database = storage::Database::open({});
        const auto flag = SettingsService::open(**database, {{u"server.port"_s, u"99999"_s}}, {});
        QCOMPARE(flag.error().code, std::string("invalid_setting"));
        QCOMPARE(flag.error().field, std::string("server.port"));
        for (const auto* word : {"99999", "--port", "65535"})
            QVERIFY2(flag.error().message.find(word) != std::string::npos, flag.error().message.c_str());
        const auto variable = SettingsService::open(**database, {}, {{u"XSHATHRA_BIND"_s, u"nowhere!"_s}});
        QVERIFY(variable.error().message.find("XSHATHRA_BIND") != std::string::npos);
        QVERIFY(!SettingsService::open(**database, {{u"server.prt"_s, u"1"_s}}, {}));
        QVERIFY(SettingsService::open(**database, {}, {{u"XSHATHRA_DATA_DIR"_s, u"x"_s}}));
        const auto half = SettingsService::open(**database, {{u"server.tlsCertificate"_s, u"a.pem"_s}}, {});
        QCOMPARE(half.error().field, std::string("server.tlsKey"));
        for (const auto* word : {"--tls-cert", "--tls-key", "XSHATHRA_TLS_KEY"})
            QVERIFY2(half.error().message.find(word) != std::string::npos, half.error().message.c_str());
    }

    void checksValues_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("normal");
        const QString refused;
        const auto row = [](const char* name, const QString& value, const QString& normal) {
            QTest::addRow("%s %s", name, qPrintable(value.left(40))) << QString::fromLatin1(name) << value << normal;
        };
        row("server.port", u"-1"_s, refused);
        row("server.port", u"0"_s, u"0"_s);
        row("server.port", u"65534"_s, u"65534"_s);
        row("server.port", u"65535"_s, u"65535"_s);
        row("server.port", u"65536"_s, refused);
        row("server.port", u"3001x"_s, refused);
        row("server.port", u"0x10"_s, refused);
        row("server.port", u"+5"_s, refused);
        row("server.port", u""_s, refused);
        row("server.ioThreads", u"64"_s, u"64"_s);
        row("server.ioThreads", u"65"_s, refused);
        row("capture.rows", u"999"_s, refused);
        row("capture.rows", u"1000"_s, u"1000"_s);
        row("capture.rows", u"2000000"_s, u"2000000"_s);
        row("capture.rows", u"2000001"_s, refused);
        row("capture.megabytes", u"0"_s, refused);
        row("capture.megabytes", u"4097"_s, refused);
        row("ui.theme", u"dark"_s, u"dark"_s);
        row("ui.theme", u"Dark"_s, refused);
        row("server.bind", u"0.0.0.0, ::"_s, u"0.0.0.0,::"_s);
        row("server.bind", u"localhost"_s, u"localhost"_s);
        row("server.bind", u"256.0.0.1"_s, refused);
        row("server.bind", u"1.2.3"_s, refused);
        row("server.bind", u"::g"_s, refused);
        row("server.bind", u"example.com"_s, refused);
        row("server.allowedOrigins", u"https://app.example.com,http://a.test:8080"_s,
            u"https://app.example.com,http://a.test:8080"_s);
        row("server.allowedOrigins", u"https://app.example.com/"_s, refused);
        row("server.allowedOrigins", u"app.example.com"_s, refused);
        row("server.allowedOrigins", u"*"_s, refused);
        row("server.allowedOrigins", u"null"_s, refused);
        row("server.allowedOrigins", u"https://user@example.com"_s, refused);
        row("server.allowedOrigins", u"https://example.com:0"_s, refused);
        row("server.allowedHosts", u"dev.example.com:443, [::1]:80"_s, u"dev.example.com:443,[::1]:80"_s);
        row("server.allowedHosts", u"-bad"_s, refused);
        row("server.allowedHosts", u"a b"_s, refused);
        row("server.allowedHosts", u"http://a.test"_s, refused);
        row("server.tlsKey", u"/a/../b.pem"_s, u"/b.pem"_s);
        row("server.tlsKey", QString(5000, u'x'), refused);
    }

    void checksValues() {
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(QString, normal);
        const auto checked = SettingsService::check(*findSetting(name), value, {});
        QCOMPARE(checked.has_value(), !normal.isNull());
        if (checked)
            QCOMPARE(*checked, normal);
        else
            QCOMPARE(checked.error().field, name.toStdString());
    }

    void listsHaveBounds() {
        const auto* spec = findSetting(u"server.allowedHosts"_s);
        QStringList hosts;
        for (int i = 0; i < 64; ++i)
            hosts << u"h%1.test"_s.arg(i);
        QVERIFY(SettingsService::check(*spec, hosts.join(u','), {}));
        hosts << u"one.more"_s;
        QVERIFY(!SettingsService::check(*spec, hosts.join(u','), {}));
    }

    void anUnknownStoredValueFallsBackToTheDefault() {
        auto database = storage::Database::open({});
        QVERIFY((*database)
                    ->run([](storage::Connection& c) { return storage::SettingTable(c).set("server.port", "abc"); })
                    .result());
        const test::ManualClock clock;
        Log log(clock);
        std::vector<LogRecord> lines;
        log.addSink([&lines](const LogRecord& line) { lines.push_back(line); });
        const auto service = SettingsService::open(**database, {}, {}, &log);
        QVERIFY(service);
        QCOMPARE((*service)->settings().port, std::uint16_t{3001});
        QCOMPARE(lines.size(), std::size_t{1});
        QVERIFY(lines[0].level == LogLevel::Warn);
        for (const auto* word : {"server.port", "settings", "\"abc\"", "65535"})
            QVERIFY2(lines[0].text.find(word) != std::string::npos, lines[0].text.c_str());
    }
};

QTEST_GUILESS_MAIN(SettingsTest)
#include "tst_settings.moc"
