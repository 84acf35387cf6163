#include "server/engine/namespace_registry.h"
#include "server/engine/project_config.h"
#include "tests/support/engine_fixture.h"

#include <QtTest>

#include <functional>

using namespace xshathra;
using namespace xshathra::engine;

using Change = std::function<void(ChannelOptions&)>;
Q_DECLARE_METATYPE(Change)

class EngineNamespacesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void defaultsAreValid() {
        QVERIFY(ChannelOptions{}.validate().empty());
        QVERIFY(ChannelLayout{}.validate().empty());
        QVERIFY(ClientOptions{}.validate().empty());
        QVERIFY(test::usualLayout().validate().empty());
    }

    void wrongOptionsAreNamed_data() {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("option");
        const auto row = [](const char* name, const char* option, Change change) {
            QTest::newRow(name) << change << QString::fromLatin1(option);
        };
        row("history size alone", "history_ttl", [](auto& o) { o.historySize = 1; });
        row("history ttl alone", "history_size", [](auto& o) { o.historyTtl = Seconds(1); });
        row("negative size", "history_size", [](auto& o) { o.historySize = -1; });
        row("size past the bound", "history_size", [](auto& o) {
            o.historySize = ChannelOptions::kMaxHistorySize + 1;
            o.historyTtl = Seconds(1);
        });
        row("fraction of a second", "history_ttl", [](auto& o) {
            o.historySize = 1;
            o.historyTtl = Milliseconds(1500);
        });
        row("ttl longer than meta ttl", "history_meta_ttl", [](auto& o) {
            o.historySize = 1;
            o.historyTtl = Seconds(60);
            o.historyMetaTtl = Seconds(59);
        });
        row("recovery without history", "force_recovery", [](auto& o) { o.forceRecovery = true; });
        row("cache recovery in stream mode", "auto_cache_recover", [](auto& o) { o.autoCacheRecover = true; });
        row("bad regex", "channel_regex", [](auto& o) { o.channelRegex = "("; });
        row("back-reference", "channel_regex", [](auto& o) { o.channelRegex = "(a)\\1"; });
        row("regex too long", "channel_regex",
            [](auto& o) { o.channelRegex = std::string(ChannelOptions::kMaxRegexLength + 1, 'a'); });
        row("stream and subscribe proxy", "subscribe_stream_proxy_enabled", [](auto& o) {
            o.subscribeStreamProxyEnabled = true;
            o.subscribeProxyEnabled = true;
        });
        row("proxy without a name", "publish_proxy_name", [](auto& o) {
            o.publishProxyEnabled = true;
            o.publishProxyName = "";
        });
        row("map without mode", "map.mode", [](auto& o) { o.subscriptionType = SubscriptionType::Map; });
        row("ephemeral map without key ttl", "map.key_ttl", [](auto& o) { o.map.mode = MapMode::Ephemeral; });
        row("persistent map with key ttl", "map.key_ttl", [](auto& o) {
            o.map.mode = MapMode::Persistent;
            o.map.keyTtl = Seconds(1);
        });
        row("persistent presence map", "map.mode", [](auto& o) {
            o.subscriptionType = SubscriptionType::MapUsers;
            o.map.mode = MapMode::Persistent;
        });
        row("ephemeral map with stream", "map.stream_size", [](auto& o) {
            o.map.mode = MapMode::Ephemeral;
            o.map.keyTtl = Seconds(1);
            o.map.streamSize = 1;
        });
        row("map meta ttl too short", "map.meta_ttl", [](auto& o) {
            o.map.mode = MapMode::Recoverable;
            o.map.keyTtl = Seconds(1);
            o.map.metaTtl = Seconds(59);
        });
        row("map meta ttl shorter than key ttl", "map.meta_ttl", [](auto& o) {
            o.map.mode = MapMode::Recoverable;
            o.map.keyTtl = Seconds(120);
            o.map.metaTtl = Seconds(120) - Milliseconds(1);
        });
        row("persistent map with meta ttl", "map.meta_ttl", [](auto& o) {
            o.map.mode = MapMode::Persistent;
            o.map.metaTtl = Seconds(3600);
        });
        row("persistent map with the shortest meta ttl", "map.meta_ttl", [](auto& o) {
            o.map.mode = MapMode::Persistent;
            o.map.metaTtl = Milliseconds(1);
        });
        row("map option without a map", "map.remove_client_on_unsubscribe",
            [](auto& o) { o.map.removeClientOnUnsubscribe = true; });
        row("client key beside a proxy", "map.client_key", [](auto& o) {
            o.map.clientKey = MapClientKey::UserId;
            o.map.publishProxyEnabled = true;
        });
        row("page sizes upside down", "map.min_page_size", [](auto& o) {
            o.map.minPageSize = 11;
            o.map.maxPageSize = 10;
        });
        row("shared poll publish without versions", "shared_poll.publish_enabled", [](auto& o) {
            o.subscriptionType = SubscriptionType::SharedPoll;
            o.sharedPoll.publishEnabled = true;
        });
    }

    void wrongOptionsAreNamed() {
        QFETCH(Change, change);
        QFETCH(QString, option);
        ChannelOptions options;
        change(options);
        const auto errors = options.validate();
        QCOMPARE(errors.size(), std::size_t(1));
        QCOMPARE(errors[0].option, option.toStdString());
        QVERIFY(!errors[0].message.empty());
    }

    void layoutFaultsSayWhere() {
        ChannelLayout layout;
        layout.namespaces.push_back({"chat", {}});
        layout.namespaces.push_back({"chat", {}});
        layout.namespaces.push_back({"x", {}});
        layout.namespaces[0].options.historySize = 1;
        layout.withoutNamespace.mapUsersPresenceChannelPrefix = "none:";
        layout.namespaces[1].options.mapClientsPresenceChannelPrefix = "chat:";
        std::vector<std::string> options;
        for (const auto& error : layout.validate())
            options.push_back(error.option);
        QCOMPARE(options, (std::vector<std::string>{"channel.without_namespace.map_users_presence_channel_prefix",
                                                    "channel.namespaces.chat.history_ttl", "channel.namespaces.name",
                                                    "channel.namespaces.chat.map_clients_presence_channel_prefix",
                                                    "channel.namespaces.name"}));
    }

    void wordsGoBothWays() {
        for (const auto* word : {"stream", "cache"}) {
            RecoveryMode mode{};
            QVERIFY(fromString(word, mode));
            QCOMPARE(toString(mode), std::string_view(word));
        }
        for (const auto* word : {"stream", "map", "map_clients", "map_users", "shared_poll"}) {
            SubscriptionType type{};
            QVERIFY(fromString(word, type));
            QCOMPARE(toString(type), std::string_view(word));
        }
        for (const auto* word : {"", "json", "json_object", "binary"}) {
            DataFormat format{};
            QVERIFY(fromString(word, format));
            QCOMPARE(toString(format), std::string_view(word));
        }
        auto format = DataFormat::Json;
        QVERIFY(!fromString("xml", format));
        QVERIFY(format == DataFormat::Json);
        DeltaType delta{};
        QVERIFY(!fromString("", delta));
        QVERIFY(fromString("fossil", delta));
    }

    void resolving_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<bool>("known");
        QTest::addColumn<QString>("nameSpace");
        QTest::addColumn<QString>("rest");
        QTest::addColumn<bool>("isPrivate");
        QTest::newRow("plain") << "news" << true << ""
                               << "news" << false;
        QTest::newRow("namespace") << "chat:room" << true << "chat"
                                   << "room" << false;
        QTest::newRow("several colons") << "chat:room:1" << true << "chat"
                                        << "room:1" << false;
        QTest::newRow("unknown") << "other:room" << false << "other"
                                 << "room" << false;
        QTest::newRow("empty namespace") << ":room" << true << ""
                                         << "room" << false;
        QTest::newRow("private") << "$chat:room" << true << "chat"
                                 << "room" << true;
        QTest::newRow("private without namespace") << "$news" << true << ""
                                                   << "news" << true;
        QTest::newRow("dollar inside") << "chat:$room" << true << "chat"
                                       << "$room" << false;
        QTest::newRow("two dollars") << "$$news" << true << ""
                                     << "$news" << true;
    }

    void resolving() {
        QFETCH(QString, channel);
        QFETCH(bool, known);
        QFETCH(QString, nameSpace);
        QFETCH(QString, rest);
        QFETCH(bool, isPrivate);
        const NamespaceRegistry registry(test::usualLayout());
        const auto name = channel.toStdString();
        const auto resolved = registry.resolve(name);
        QCOMPARE(resolved.ns != nullptr, known);
        QCOMPARE(std::string(resolved.namespaceName), nameSpace.toStdString());
        QCOMPARE(std::string(resolved.rest), rest.toStdString());
        QCOMPARE(resolved.isPrivate, isPrivate);
    }

    void namesAreAsciiUnlessThereIsARegex_data() {
        QTest::addColumn<QString>("regex");
        QTest::addColumn<QString>("channel");
        QTest::addColumn<bool>("valid");
        QTest::newRow("ascii") << ""
                               << "chat:a-1" << true;
        QTest::newRow("not ascii") << "" << QStringLiteral("chat:\u00e9") << false;
        QTest::newRow("control") << ""
                                 << "chat:a\x01" << false;
        QTest::newRow("delete") << ""
                                << "chat:a\x7f" << false;
        QTest::newRow("regex on the rest") << "^[a-z]+$"
                                           << "chat:abc" << true;
        QTest::newRow("regex refuses") << "^[a-z]+$"
                                       << "chat:abc1" << false;
        QTest::newRow("regex isn't anchored by itself") << "[a-z]"
                                                        << "chat:1a1" << true;
        QTest::newRow("regex replaces ascii") << "^.+$" << QStringLiteral("chat:\u00e9") << true;
        QTest::newRow("control despite regex") << "^"
                                               << "chat:\n"
                                               << false;
    }

    void namesAreAsciiUnlessThereIsARegex() {
        QFETCH(QString, regex);
        QFETCH(QString, channel);
        QFETCH(bool, valid);
        auto layout = test::usualLayout();
        layout.namespaces[1].options.channelRegex = regex.toStdString();
        const NamespaceRegistry registry(layout);
        const auto name = channel.toStdString();
        QCOMPARE(registry.isValidName(name, registry.resolve(name)), valid);
    }

    void userLimitedChannelsListTheirUsers_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<QString>("user");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("only one") << "dialog#42"
                                  << "42" << true;
        QTest::newRow("another") << "dialog#42"
                                 << "4" << false;
        QTest::newRow("first of two") << "dialog#42,43"
                                      << "42" << true;
        QTest::newRow("second of two") << "dialog#42,43"
                                       << "43" << true;
        QTest::newRow("list isn't a user") << "dialog#42,43"
                                           << "42,43" << false;
        QTest::newRow("after the last boundary") << "a#1#2"
                                                 << "1" << false;
        QTest::newRow("last boundary") << "a#1#2"
                                       << "2" << true;
        QTest::newRow("no boundary") << "dialog"
                                     << "42" << false;
    }

    void userLimitedChannelsListTheirUsers() {
        QFETCH(QString, channel);
        QFETCH(QString, user);
        QFETCH(bool, allowed);
        const NamespaceRegistry registry{ChannelLayout{}};
        QCOMPARE(registry.isUserAllowed(channel.toStdString(), user.toStdString()), allowed);
    }

    void personalChannelsHaveTheUserInTheirName() {
        const NamespaceRegistry registry(test::usualLayout());
        QCOMPARE(registry.personalChannel("", "42"), std::string("#42"));
        QCOMPARE(registry.personalChannel("chat", "42"), std::string("chat:#42"));
    }

    void clientOptionsAreChecked() {
        ClientOptions options;
        options.pongTimeout = options.pingInterval;
        QCOMPARE(options.validate().at(0).option, std::string("client.pong_timeout"));
        options.pongTimeout -= Milliseconds(1);
        QVERIFY(options.validate().empty());
        // 0 is no limit.
        for (const std::size_t limit : {0U, 1U, 100'000U}) {
            options.channelLimit = options.historyMaxPublicationLimit = options.recoveryMaxPublicationLimit = limit;
            QVERIFY(options.validate().empty());
        }
        options.channelLimit = 100'001;
        QCOMPARE(options.validate().at(0).option, std::string("client.channel_limit"));
    }
};

QTEST_GUILESS_MAIN(EngineNamespacesTest)
#include "tst_engine_namespaces.moc"
