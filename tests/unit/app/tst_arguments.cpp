#include "app/cli/arguments.h"
#include "app/cli/exit_codes.h"

#include <QtTest>

#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::app;

namespace {

Invocation parsed(const std::vector<std::string>& arguments) {
    auto result = parseArguments(arguments);
    if (!result.invocation)
        qFatal("refused: %s", result.error.c_str());
    return *result.invocation;
}

}  // namespace

class ArgumentsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recognisesEveryCommand_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("command");
        const auto row = [](const char* line, Command command) {
            QTest::newRow(line) << QString::fromLatin1(line).split(QLatin1Char(' ')) << static_cast<int>(command);
        };
        row("serve", Command::Serve);
        row("status", Command::Status);
        row("project create Arena", Command::ProjectCreate);
        row("project list", Command::ProjectList);
        row("project show", Command::ProjectShow);
        row("namespace list", Command::NamespaceList);
        row("namespace set news presence=true", Command::NamespaceSet);
        row("namespace remove news", Command::NamespaceRemove);
        row("token --user u1", Command::Token);
        row("subscription-token --user u1 --channel chat:1", Command::SubscriptionToken);
        row("publish public:lobby {}", Command::Publish);
        row("tail", Command::Tail);
    }
    void recognisesEveryCommand() {
        QFETCH(QStringList, arguments);
        QFETCH(int, command);
        std::vector<std::string> list;
        for (const auto& argument : arguments)
            list.push_back(argument.toStdString());
        QCOMPARE(static_cast<int>(parsed(list).command), command);
    }

    void takesCommonOptionsAfterEachCommand() {
        const auto invocation = parsed({"project", "list", "--data-dir", "/data", "--json"});
        QCOMPARE(invocation.dataFolder, QStringLiteral("/data"));
        QVERIFY(invocation.json);
        QVERIFY(!parsed({"project", "list"}).json);
    }

    void takesTheProjectByPlaceOrByOption() {
        const auto project = QStringLiteral("Arena");
        QCOMPARE(parsed({"project", "show", "Arena"}).project, project);
        QCOMPARE(parsed({"project", "show", "-p", "Arena"}).project, project);
        QCOMPARE(parsed({"project", "show", "--project", "Arena", "--keys"}).project, project);
        const auto byPlace = parsed({"project", "export", "Arena", "out.json"});
        QCOMPARE(byPlace.project, project);
        QCOMPARE(byPlace.file, QStringLiteral("out.json"));
        const auto byOption = parsed({"project", "export", "-p", "Arena", "out.json"});
        QCOMPARE(byOption.project, project);
        QCOMPARE(byOption.file, QStringLiteral("out.json"));
    }

    void givesSettingsOfServeAsFlagsUnchecked() {
        const auto invocation = parsed({"serve", "--port", "http", "--bind", "0.0.0.0", "--allow-origin",
                                        "https://a.test", "--allow-origin", "https://b.test", "--log-level", "debug"});
        QCOMPARE(invocation.flags.value(QStringLiteral("server.port")), QStringLiteral("http"));
        QCOMPARE(invocation.flags.value(QStringLiteral("server.bind")), QStringLiteral("0.0.0.0"));
        QCOMPARE(invocation.flags.value(QStringLiteral("server.allowedOrigins")),
                 QStringLiteral("https://a.test,https://b.test"));
        QVERIFY(!invocation.flags.contains(QStringLiteral("server.tlsCertificate")));
        QVERIFY(invocation.logLevel == LogLevel::Debug);
    }

    void tellsAbsentFromEmpty() {
        QVERIFY(!parsed({"token", "--user", "u1"}).ttlSeconds);
        QCOMPARE(parsed({"token", "--user", "u1", "--ttl", "0"}).ttlSeconds, std::optional<qint64>(0));
        QVERIFY(!parsed({"token", "--user", "u1"}).info);
        QCOMPARE(*parsed({"token", "--user", "u1", "--info", "{\"n\":1.10}"}).info, QByteArray("{\"n\":1.10}"));
    }

    void readsPublishOptions() {
        const auto invocation = parsed({"publish", "token", "[1, 2]", "--tag", "a=b=c", "--tag",
                                        "d=", "--idempotency-key", "k", "--skip-history", "--delta", "-p", "Arena"});
        QCOMPARE(invocation.channels, QStringList{QStringLiteral("token")});
        QCOMPARE(*invocation.data, QByteArray("[1, 2]"));
        QCOMPARE(invocation.tags.value(QStringLiteral("a")), QStringLiteral("b=c"));
        QCOMPARE(invocation.tags.value(QStringLiteral("d")), QString());
        QCOMPARE(invocation.idempotencyKey, QStringLiteral("k"));
        QVERIFY(invocation.skipHistory && invocation.delta);
        QCOMPARE(invocation.project, QStringLiteral("Arena"));
    }

    void followsManyChannels() {
        const auto invocation = parsed({"tail", "public:a", "public:b", "--count", "2"});
        QCOMPARE(invocation.channels, (QStringList{QStringLiteral("public:a"), QStringLiteral("public:b")}));
        QCOMPARE(invocation.count, 2);
    }

    void refusesWhatIsWrong_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringList{}
                                 << QStringLiteral("a command is missing; commands are serve, status, project");
        QTest::newRow("nothing of a group") << QStringList{QStringLiteral("namespace")}
                                            << QStringLiteral("a command is missing; commands are list, set, remove");
        QTest::newRow("count below 0") << QStringList{QStringLiteral("tail"), QStringLiteral("--count"),
                                                      QStringLiteral("-1")}
                                       << QStringLiteral("--count is -1; allowed are 0 and more");
        QTest::newRow("count not a number")
            << QStringList{QStringLiteral("tail"), QStringLiteral("--count=x")} << QStringLiteral("--count = x");
        QTest::newRow("unknown command") << QStringList{QStringLiteral("server")}
                                         << QStringLiteral(
                                                "'server' is no command; commands are serve, status, project");
        QTest::newRow("unknown project command")
            << QStringList{QStringLiteral("project"), QStringLiteral("remove")}
            << QStringLiteral("'remove' is no command; commands are create, list, import, export, show");
        QTest::newRow("unknown option") << QStringList{QStringLiteral("serve"), QStringLiteral("--prot")}
                                        << QStringLiteral("--prot");
        QTest::newRow("no user") << QStringList{QStringLiteral("token")} << QStringLiteral("--user");
        QTest::newRow("ttl not a number")
            << QStringList{QStringLiteral("token"), QStringLiteral("--user"), QStringLiteral("u"),
                           QStringLiteral("--ttl"), QStringLiteral("soon")}
            << QStringLiteral("soon");
        QTest::newRow("log level") << QStringList{QStringLiteral("serve"), QStringLiteral("--log-level"),
                                                  QStringLiteral("loud")}
                                   << QStringLiteral("'loud'; allowed are debug, info, warn and error");
        QTest::newRow("tag") << QStringList{QStringLiteral("publish"), QStringLiteral("c"), QStringLiteral("1"),
                                            QStringLiteral("--tag"), QStringLiteral("=x")}
                             << QStringLiteral("KEY=VALUE");
        QTest::newRow("namespace option") << QStringList{QStringLiteral("namespace"), QStringLiteral("set"),
                                                         QStringLiteral("n"), QStringLiteral("presence")}
                                          << QStringLiteral("presence=true");
    }
    void refusesWhatIsWrong() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        std::vector<std::string> list;
        for (const auto& argument : arguments)
            list.push_back(argument.toStdString());
        const auto result = parseArguments(list);
        QVERIFY(!result.invocation);
        QCOMPARE(result.exitCode, static_cast<int>(kExitUsage));
        QVERIFY2(QString::fromStdString(result.error).contains(says), result.error.c_str());
        QVERIFY(QString::fromStdString(result.error).contains(QStringLiteral("--help")));
        QVERIFY(result.output.empty());
    }

    void refusesWhatIsNotUtf8() {
        for (const auto* wrong : {"public:\xe9", "public:\xe2\x82"}) {
            const auto result = parseArguments({"publish", wrong, "1"});
            QVERIFY(!result.invocation);
            QCOMPARE(result.exitCode, static_cast<int>(kExitUsage));
            QVERIFY2(result.error.find("is not valid UTF-8") != std::string::npos, result.error.c_str());
        }
        QCOMPARE(parsed({"publish", "public:\xc3\xa9", "1"}).channels,
                 QStringList{QString::fromUtf8("public:\xc3\xa9")});
    }

    void helpOfEachCommandHasAnExampleOrSaysWhatItTakes_data() {
        QTest::addColumn<QStringList>("path");
        for (const auto* path : {"", "serve", "status", "project", "project create", "project list", "project show",
                                 "project import", "project export", "namespace", "namespace list", "namespace set",
                                 "namespace remove", "token", "subscription-token", "publish", "tail"})
            QTest::newRow(*path == '\0' ? "xshathra" : path)
                << QString::fromLatin1(path).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    }
    void helpOfEachCommandHasAnExampleOrSaysWhatItTakes() {
        QFETCH(QStringList, path);
        std::vector<std::string> list;
        for (const auto& argument : path)
            list.push_back(argument.toStdString());
        list.emplace_back("--help");
        const auto result = parseArguments(list);
        QVERIFY(!result.invocation);
        QCOMPARE(result.exitCode, 0);
        const auto help = QString::fromStdString(result.output);
        QVERIFY2(help.contains(QStringLiteral("Example")), result.output.c_str());
        // Behind the line of usage: in an example of its own.
        const auto examples = help.mid(help.indexOf(QStringLiteral("Example")));
        QVERIFY2(examples.contains((QStringLiteral("xshathra ") + path.join(QLatin1Char(' '))).trimmed()),
                 result.output.c_str());
    }

    void consoleHasAHelpOfItsOwnAndTheOptionsOfServe() {
        const auto help = parseConsoleArguments({"--help"});
        QVERIFY(!help.invocation);
        QCOMPARE(help.exitCode, 0);
        for (const auto* part : {"Usage: xshathra-console", "window", "--port", "--data-dir", "XSHATHRA_PORT",
                                 "  xshathra-console --port"})
            QVERIFY2(help.output.find(part) != std::string::npos, help.output.c_str());
        for (const auto* part : {"xshathra serve --port", "SUBCOMMAND", "SIGINT"})
            QVERIFY2(help.output.find(part) == std::string::npos, help.output.c_str());
        const auto started = parseConsoleArguments({"--port", "3002", "--data-dir", "/data"});
        QVERIFY(started.invocation);
        QVERIFY(started.invocation->command == Command::Serve);
        QCOMPARE(started.invocation->flags.value(QStringLiteral("server.port")), QStringLiteral("3002"));
        QCOMPARE(started.invocation->dataFolder, QStringLiteral("/data"));
        for (const auto& wrong : {std::vector<std::string>{"--prot", "1"}, {"serve"}, {"--log-level", "loud"}}) {
            const auto refused = parseConsoleArguments(wrong);
            QVERIFY(!refused.invocation);
            QCOMPARE(refused.exitCode, static_cast<int>(kExitUsage));
            QVERIFY2(refused.error.starts_with("xshathra-console: "), refused.error.c_str());
            QVERIFY2(refused.error.find("`xshathra-console --help`") != std::string::npos, refused.error.c_str());
        }
        QCOMPARE(parseConsoleArguments({"--version"}).output,
                 std::string("xshathra-console ") + XSHATHRA_VERSION + "\n");
    }

    void documentsEachExitCode() {
        const auto help = QString::fromStdString(parseArguments({"--help"}).output);
        for (int code = kExitOk; code <= kExitDataFolder; ++code)
            QVERIFY(help.contains(QStringLiteral("\n  %1  ").arg(code)));
    }

    void printsItsVersion() {
        const auto result = parseArguments({"--version"});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.output, std::string("xshathra ") + XSHATHRA_VERSION + "\n");
    }

    void givesEachRefusalItsExitCode_data() {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("field");
        QTest::addColumn<int>("exitCode");
        const auto row = [](const char* code, const char* field, ExitCode exitCode) {
            QTest::newRow(code) << QString::fromLatin1(code) << QString::fromLatin1(field)
                                << static_cast<int>(exitCode);
        };
        row("not_found", "project", kExitNotFound);
        row("unreachable", "", kExitUnreachable);
        row("port_in_use", "", kExitPortInUse);
        row("data_folder_in_use", "", kExitDataFolder);
        row("invalid_argument", "ttlSeconds", kExitUsage);
        row("internal", "", kExitFailure);
    }
    void givesEachRefusalItsExitCode() {
        QFETCH(QString, code);
        QFETCH(QString, field);
        QFETCH(int, exitCode);
        QCOMPARE(exitCodeFor({code.toStdString(), "said", field.toStdString()}), exitCode);
    }
};

QTEST_GUILESS_MAIN(ArgumentsTest)
#include "tst_arguments.moc"
