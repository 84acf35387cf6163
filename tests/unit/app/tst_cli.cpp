// The real program, as scripts use it: every command, its JSON, its exit codes.
#include "server/runtime/control_server.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QTimer>
#include <QWebSocket>
#include <QWebSocketServer>
#include <QtTest>

#include <memory>

using namespace Qt::StringLiterals;
using xshathra::runtime::Answer;
using xshathra::runtime::ControlServer;

namespace {

constexpr int kLimitMs = 60'000;

struct Outcome {
    int exitCode = -1;
    QByteArray out;
    QByteArray err;

    QJsonObject object() const { return QJsonDocument::fromJson(out).object(); }
};

class Folder {
public:
    QString path() const { return folder_.filePath(u"data"_s); }

    Outcome run(QStringList arguments, const QByteArray& input = {}) const {
        QProcess process;
        return run(process, std::move(arguments), input);
    }
    Outcome run(QProcess& process, QStringList arguments, const QByteArray& input = {}) const {
        arguments << u"--data-dir"_s << path();
        process.start(QStringLiteral(XSHATHRA_CLI), arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished(kLimitMs))
            return {};
        return outcomeOf(process);
    }

    static Outcome outcomeOf(QProcess& process) {
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2, process.readAllStandardOutput(),
                process.readAllStandardError()};
    }

    Outcome json(const QStringList& arguments) const { return run(arguments + QStringList{u"--json"_s}); }

private:
    QTemporaryDir folder_;
};

/// `xshathra serve`, ready when the object is.
class Served {
public:
    explicit Served(const Folder& folder, const QString& port = u"0"_s) {
        process_.start(QStringLiteral(XSHATHRA_CLI),
                       {u"serve"_s, u"--port"_s, port, u"--json"_s, u"--data-dir"_s, folder.path()});
        while (!process_.canReadLine() && process_.waitForReadyRead(kLimitMs)) {
        }
        ready_ = QJsonDocument::fromJson(process_.readLine()).object();
    }
    ~Served() {
        process_.terminate();
        if (!process_.waitForFinished(kLimitMs))
            process_.kill();
        process_.waitForFinished();
    }

    const QJsonObject& ready() const { return ready_; }
    QProcess& process() { return process_; }

private:
    QProcess process_;
    QJsonObject ready_;
};

/// Runs the program while this process answers it.
Outcome runWhileServing(const Folder& folder, const QStringList& arguments) {
    QProcess process;
    QEventLoop loop;
    QObject::connect(&process, &QProcess::finished, &loop, &QEventLoop::quit);
    QTimer::singleShot(kLimitMs, &loop, &QEventLoop::quit);
    process.start(QStringLiteral(XSHATHRA_CLI), arguments + QStringList{u"--data-dir"_s, folder.path()});
    loop.exec();
    return Folder::outcomeOf(process);
}

}  // namespace

class CliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void saysWhereItListensAndEndsWithZero() {
        const Folder folder;
        Served served(folder);
        const auto ready = served.ready();
        QCOMPARE(ready.value("event"_L1).toString(), u"ready"_s);
        const auto port = ready.value("port"_L1).toInt();
        QVERIFY(port > 0);
        QCOMPARE(ready.value("url"_L1).toString(), u"http://localhost:%1"_s.arg(port));
        QCOMPARE(ready.value("webSocketUrl"_L1).toString(),
                 u"ws://localhost:%1/realtime/connection/websocket"_s.arg(port));
        QCOMPARE(ready.value("dataFolder"_L1).toString(), folder.path());
        QCOMPARE(ready.value("pid"_L1).toInteger(), served.process().processId());
        QVERIFY(
            ready.value("projects"_L1).toArray().first().toObject().value("id"_L1).toString().startsWith(u"proj_"_s));
        served.process().terminate();
        QVERIFY(served.process().waitForFinished(kLimitMs));
        QCOMPARE(served.process().exitStatus(), QProcess::NormalExit);
        QCOMPARE(served.process().exitCode(), 0);
    }

    void tellsPeopleWhereItListensInAlignedLines() {
        const Folder folder;
        QProcess process;
        process.start(QStringLiteral(XSHATHRA_CLI), {u"serve"_s, u"--port"_s, u"0"_s, u"--data-dir"_s, folder.path()});
        QByteArray out;
        while (!out.contains("Ctrl+C\n") && process.waitForReadyRead(kLimitMs))
            out += process.readAllStandardOutput();
        process.terminate();
        QVERIFY(process.waitForFinished(kLimitMs));
        const auto lines = QString::fromUtf8(out).trimmed().split(u'\n');
        QVERIFY2(lines.first().startsWith(u"Xshathra "_s), out.constData());
        QStringList names;
        for (const auto& line : lines.mid(1)) {
            // Names of at most eleven letters, all values in one column.
            QVERIFY2(line.size() > 15 && line[14] == u' ' && line[15] != u' ', qPrintable(line));
            names.append(line.left(15).trimmed());
        }
        QCOMPARE(names,
                 (QStringList{u"WebSocket"_s, u"REST API"_s, u"Data folder"_s, u"Project"_s, u"Keys"_s, u"Stop"_s}));
        QVERIFY2(lines[5].endsWith(u"xshathra project show --keys --data-dir '%1'"_s.arg(folder.path())),
                 qPrintable(lines[5]));
    }

    void worksTheSameWithAndWithoutARunningServer_data() {
        QTest::addColumn<bool>("running");
        QTest::newRow("running") << true;
        QTest::newRow("not running") << false;
    }
    void worksTheSameWithAndWithoutARunningServer() {
        QFETCH(bool, running);
        const Folder folder;
        std::unique_ptr<Served> served;
        if (running)
            served = std::make_unique<Served>(folder);

        auto outcome = folder.json({u"project"_s, u"list"_s});
        QCOMPARE(outcome.exitCode, 0);
        const auto first = outcome.object().value("projects"_L1).toArray().first().toObject();
        QCOMPARE(first.value("name"_L1).toString(), u"My project"_s);

        outcome = folder.json({u"project"_s, u"show"_s});
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(!outcome.object().contains("serverKey"_L1));
        QVERIFY(!outcome.object().value("serverKeyMasked"_L1).toString().isEmpty());
        outcome = folder.json({u"project"_s, u"show"_s, u"--reveal"_s});
        QVERIFY(outcome.object().value("serverKey"_L1).toString().startsWith(u"xsk_live_"_s));
        QVERIFY(outcome.object().value("clientKey"_L1).toString().startsWith(u"xck_live_"_s));

        outcome = folder.run({u"token"_s, u"--user"_s, u"u1"_s});
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(outcome.out.startsWith("eyJ") && outcome.out.endsWith('\n') && outcome.out.count('\n') == 1);
        outcome = folder.json({u"token"_s, u"--user"_s, u"u1"_s, u"--ttl"_s, u"3600"_s, u"--info"_s, u"{\"a\":1}"_s});
        QCOMPARE(outcome.object().value("expiresInSeconds"_L1).toInt(), 3600);
        outcome = folder.json({u"subscription-token"_s, u"--user"_s, u"u1"_s, u"--channel"_s, u"chat:1"_s});
        QCOMPARE(outcome.object().value("expiresInSeconds"_L1).toInt(), 900);

        outcome = folder.json(
            {u"namespace"_s, u"set"_s, u"news"_s, u"presence=true"_s, u"history_size=5"_s, u"history_ttl=1m"_s});
        QCOMPARE(outcome.exitCode, 0);
        outcome = folder.json({u"namespace"_s, u"set"_s, u"news"_s, u"presence="_s});
        const auto news = outcome.object().value("namespaces"_L1).toArray().last().toObject();
        QCOMPARE(news.value("name"_L1).toString(), u"news"_s);
        QCOMPARE(news.value("options"_L1).toObject().value("history_size"_L1).toInt(), 5);
        QVERIFY(!news.value("options"_L1).toObject().contains("presence"_L1));
        QCOMPARE(folder.json({u"namespace"_s, u"remove"_s, u"news"_s}).exitCode, 0);
        QCOMPARE(folder.json({u"namespace"_s, u"remove"_s, u"news"_s}).exitCode, 3);

        outcome = folder.json({u"project"_s, u"create"_s, u"Arena"_s, u"--environment"_s, u"staging"_s, u"--keys"_s});
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(outcome.object().value("serverKey"_L1).toString().startsWith(u"xsk_test_"_s));
        // With two projects one has to be named.
        outcome = folder.json({u"token"_s, u"--user"_s, u"u1"_s});
        QCOMPARE(outcome.exitCode, 2);
        QVERIFY2(outcome.err.contains("Arena"), outcome.err.constData());
        QCOMPARE(folder.json({u"token"_s, u"--user"_s, u"u1"_s, u"--project"_s, u"Arena"_s}).exitCode, 0);
    }

    void importsWithTheVariablesAndFilesOfWhoAsks_data() { worksTheSameWithAndWithoutARunningServer_data(); }
    void importsWithTheVariablesAndFilesOfWhoAsks() {
        QFETCH(bool, running);
        const Folder folder;
        std::unique_ptr<Served> served;
        if (running)
            served = std::make_unique<Served>(folder);
        const QTemporaryDir here;
        const auto write = [&](const QString& name, const QByteArray& bytes) {
            QFile file(here.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        write(u"ca.pem"_s, "-----BEGIN CERTIFICATE-----\n");
        write(
            u"config.yaml"_s,
            "proxies:\n  - name: backend\n    endpoint: https://localhost/x\n    http:\n      static_headers:\n"
            "        X-Key: \"${CENTRIFUGO_VAR_KEY}\"\n      tls:\n        enabled: true\n        server_ca_pem: ca.pem\n");
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"CENTRIFUGO_VAR_KEY"_s, u"k\"1"_s);
        QProcess process;
        process.setWorkingDirectory(here.path());
        process.setProcessEnvironment(environment);
        auto outcome = folder.run(process, {u"project"_s, u"import"_s, u"config.yaml"_s, u"--json"_s});
        QVERIFY2(outcome.exitCode == 0, outcome.err.constData());
        QCOMPARE(outcome.object().value("name"_L1).toString(), u"config"_s);
        QVERIFY(outcome.object().value("notes"_L1).isArray());
        outcome = folder.run({u"project"_s, u"export"_s, u"config"_s});
        QVERIFY2(outcome.exitCode == 0, outcome.err.constData());
        const auto http = outcome.object().value("proxies"_L1).toArray().first().toObject().value("http"_L1).toObject();
        QCOMPARE(http.value("static_headers"_L1).toObject().value("X-Key"_L1).toString(), u"k\"1"_s);
        QCOMPARE(http.value("tls"_L1).toObject().value("server_ca_pem"_L1).toString(),
                 u"-----BEGIN CERTIFICATE-----\n"_s);
        // Without the variable it is a fault of the file.
        QCOMPARE(folder.run({u"project"_s, u"import"_s, here.filePath(u"config.yaml"_s)}).exitCode, 2);
    }

    void importsFilesUpToTheLimit_data() {
        QTest::addColumn<bool>("running");
        QTest::addColumn<int>("more");
        QTest::addColumn<int>("exitCode");
        for (const bool running : {true, false}) {
            const char* name = running ? "running" : "not running";
            QTest::addRow("%s, n-1", name) << running << -1 << 0;
            QTest::addRow("%s, n", name) << running << 0 << 0;
            QTest::addRow("%s, n+1", name) << running << 1 << 2;
        }
    }
    void importsFilesUpToTheLimit() {
        QFETCH(bool, running);
        QFETCH(int, more);
        QFETCH(int, exitCode);
        constexpr int kLimit = 4 << 20;
        const Folder folder;
        std::unique_ptr<Served> served;
        if (running)
            served = std::make_unique<Served>(folder);
        QTemporaryFile file(QDir::tempPath() + u"/XXXXXX.json"_s);
        QVERIFY(file.open());
        const QByteArray config = "{\"client\":{\"insecure\":true}}";
        file.write(config + QByteArray(kLimit + more - config.size(), ' '));
        file.close();
        const auto outcome = folder.run({u"project"_s, u"import"_s, file.fileName(), u"--name"_s, u"Large"_s});
        QVERIFY2(outcome.exitCode == exitCode, outcome.err.constData());
    }

    void tellsHowToExportToAFile() {
        const Folder folder;
        for (const auto* name : {"config.json", "config.yaml", "config.yml", "config.toml"}) {
            const auto outcome = folder.run({u"project"_s, u"export"_s, QString::fromLatin1(name)});
            QCOMPARE(outcome.exitCode, 3);
            QVERIFY2(outcome.err.contains("xshathra project export PROJECT " + QByteArray(name)),
                     outcome.err.constData());
        }
        QVERIFY(!folder.run({u"project"_s, u"export"_s, u"config"_s}).err.contains("PROJECT"));
    }

    void refusesWithTheExitCodeOfTheFault() {
        const Folder folder;
        QCOMPARE(folder.run({u"serve"_s, u"--port"_s, u"65536"_s}).exitCode, 2);
        QCOMPARE(folder.run({u"token"_s, u"--user"_s, u"u"_s, u"--ttl"_s, u"29"_s}).exitCode, 2);
        QCOMPARE(folder.run({u"project"_s, u"show"_s, u"nothing"_s}).exitCode, 3);
        QCOMPARE(folder.run({u"status"_s}).exitCode, 5);
        const auto outcome = folder.json({u"project"_s, u"show"_s, u"nothing"_s});
        QVERIFY(outcome.out.isEmpty());
        QCOMPARE(QJsonDocument::fromJson(outcome.err).object().value("error"_L1).toObject().value("code"_L1).toString(),
                 u"not_found"_s);
    }

    void whatNeedsAServerTouchesNoFolder() {
        const Folder folder;
        for (const auto& arguments : {QStringList{u"status"_s}, QStringList{u"publish"_s, u"public:a"_s, u"1"_s},
                                      QStringList{u"tail"_s}, QStringList{u"tail"_s, u"public:a"_s}}) {
            const auto outcome = folder.run(arguments);
            QCOMPARE(outcome.exitCode, 5);
            QVERIFY2(outcome.err.contains("xshathra serve --data-dir '" + folder.path().toUtf8() + "'"),
                     outcome.err.constData());
            QVERIFY2(!QFileInfo::exists(folder.path()), qPrintable(arguments.first()));
        }
    }

    void namesTheHolderOfATakenPort() {
        const Folder folder;
        QTcpServer holder;
        QVERIFY(holder.listen(QHostAddress::LocalHost));
        const auto outcome = folder.run({u"serve"_s, u"--port"_s, QString::number(holder.serverPort())});
        QCOMPARE(outcome.exitCode, 4);
        QVERIFY2(outcome.err.contains(QByteArray::number(holder.serverPort())), outcome.err.constData());
#ifdef Q_OS_LINUX
        QVERIFY2(outcome.err.contains("tst_cli, pid " + QByteArray::number(QCoreApplication::applicationPid())),
                 outcome.err.constData());
#endif
        QVERIFY(outcome.out.isEmpty());
    }

    void letsOneServerUseAFolder() {
        const Folder folder;
        const Served served(folder);
        const auto outcome = folder.run({u"serve"_s, u"--port"_s, u"0"_s});
        QCOMPARE(outcome.exitCode, 6);
        QVERIFY(outcome.err.contains(folder.path().toUtf8()));
    }

    void publishesToWhoTails() {
        const Folder folder;
        const Served served(folder);
        QProcess tail;
        tail.start(QStringLiteral(XSHATHRA_CLI),
                   {u"tail"_s, u"chat:room"_s, u"--count"_s, u"2"_s, u"--json"_s, u"--data-dir"_s, folder.path()});
        tail.setReadChannel(QProcess::StandardError);
        QVERIFY(tail.waitForReadyRead(kLimitMs));
        QVERIFY(tail.readAllStandardError().contains("Following chat:room"));
        auto outcome = folder.json({u"publish"_s, u"chat:room"_s, u"{\"n\":1.10}"_s, u"--tag"_s, u"a=b"_s});
        QCOMPARE(outcome.exitCode, 0);
        QCOMPARE(outcome.object().value("result"_L1).toObject().value("offset"_L1).toInt(), 1);
        QCOMPARE(folder.run({u"publish"_s, u"chat:room"_s, u"-"_s}, "[2,\n3]").exitCode, 0);
        QVERIFY(tail.waitForFinished(kLimitMs));
        QCOMPARE(tail.exitCode(), 0);
        QCOMPARE(tail.readAllStandardOutput(),
                 QByteArray("{\"channel\":\"chat:room\",\"data\":{\"n\":1.10},\"offset\":1}\n"
                            "{\"channel\":\"chat:room\",\"data\":[2,3],\"offset\":2}\n"));
        QCOMPARE(folder.json({u"publish"_s, u"chat:room"_s, u"{"_s}).exitCode, 2);
        QCOMPARE(folder.json({u"status"_s}).object().value("state"_L1).toString(), u"running"_s);
    }

    void listsNamespacesAsTheyAreSet() {
        const Folder folder;
        auto outcome = folder.run({u"namespace"_s, u"set"_s, u"board"_s, u"subscription_type=map"_s,
                                   u"map.mode=persistent"_s, u"map.allow_publish_for_client=true"_s});
        QVERIFY2(outcome.exitCode == 0, outcome.err.constData());
        outcome = folder.run({u"namespace"_s, u"set"_s, u"news"_s, u"allowed_delta_types=fossil"_s, u"history_size=5"_s,
                              u"history_ttl=1m"_s});
        QVERIFY2(outcome.exitCode == 0, outcome.err.constData());
        const auto lines = QString::fromUtf8(outcome.out).split(u'\n');
        const auto line = [&lines](const QString& name) { return lines.filter(name + u' ').value(0).simplified(); };
        QCOMPARE(line(u"board"_s),
                 u"board map.allow_publish_for_client=true map.mode=persistent subscription_type=map"_s);
        QCOMPARE(line(u"news"_s), u"news allowed_delta_types=fossil history_size=5 history_ttl=1m"_s);
    }

    void publishesStandardInputUpToTheLimit_data() {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<int>("exitCode");
        constexpr int kLimit = 1 << 20;
        const auto text = [](int size) { return '"' + QByteArray(size - 2, 'x') + '"'; };
        QTest::newRow("n-1") << text(kLimit - 1) << 0;
        QTest::newRow("n") << text(kLimit) << 0;
        QTest::newRow("n+1") << text(kLimit + 1) << 2;
        QTest::newRow("no UTF-8") << QByteArray("\"\xe9\"") << 2;
        QTest::newRow("cut UTF-8") << QByteArray("\"\xe2\x82") << 2;
    }
    void publishesStandardInputUpToTheLimit() {
        QFETCH(QByteArray, input);
        QFETCH(int, exitCode);
        const Folder folder;
        const Served served(folder);
        const auto outcome = folder.run({u"publish"_s, u"public:a"_s, u"-"_s}, input);
        QVERIFY2(outcome.exitCode == exitCode, outcome.err.constData());
        if (exitCode != 0)
            QVERIFY2(outcome.err.contains("Standard input"), outcome.err.constData());
    }

    void exportsToNoLink() {
        const Folder folder;
        const QTemporaryDir here;
        QVERIFY(QFile::link(here.filePath(u"target.json"_s), here.filePath(u"link.json"_s)));
        const auto outcome = folder.run({u"project"_s, u"export"_s, u"My project"_s, here.filePath(u"link.json"_s)});
        QCOMPARE(outcome.exitCode, 1);
        QVERIFY(!QFileInfo::exists(here.filePath(u"target.json"_s)));
    }

#ifdef Q_OS_LINUX
    void saysThatResultsCantBeWritten() {
        const Folder folder;
        for (const auto& arguments : {QStringList{u"project"_s, u"list"_s}, QStringList{u"project"_s, u"export"_s}}) {
            QProcess process;
            process.setStandardOutputFile(u"/dev/full"_s);
            const auto outcome = folder.run(process, arguments);
            QCOMPARE(outcome.exitCode, 1);
            QVERIFY2(outcome.err.contains("Standard output can't be written"), outcome.err.constData());
        }
    }
#endif

    void endsWhereNobodyReadsAnyMore_data() {
        QTest::addColumn<QString>("channel");
        QTest::newRow("channel") << u"public:a"_s;
        QTest::newRow("all traffic") << QString();
    }
    void endsWhereNobodyReadsAnyMore() {
        QFETCH(QString, channel);
        const Folder folder;
        const Served served(folder);
        QProcess pipe;
        pipe.start(u"sh"_s, {u"-c"_s, u"\"$0\" tail $2 --data-dir \"$1\" | head -1"_s, QStringLiteral(XSHATHRA_CLI),
                             folder.path(), channel});
        pipe.setReadChannel(QProcess::StandardError);
        QVERIFY(pipe.waitForReadyRead(kLimitMs));
        // The first line ends the reader, and a later one the writer, which only then learns of it.
        while (!pipe.waitForFinished(200))
            QCOMPARE(folder.run({u"publish"_s, u"public:a"_s, u"1"_s}).exitCode, 0);
        QCOMPARE(pipe.exitCode(), 0);
    }

    void asksForNothingWhereTheServerDoesNotListen_data() {
        QTest::addColumn<QString>("state");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("running") << u"running"_s << 0;
        QTest::newRow("port in use") << u"portinuse"_s << 4;
        QTest::newRow("starting") << u"starting"_s << 5;
        QTest::newRow("stopped") << u"stopped"_s << 5;
    }
    void asksForNothingWhereTheServerDoesNotListen() {
        QFETCH(QString, state);
        QFETCH(int, exitCode);
        const Folder folder;
        QVERIFY(QDir().mkpath(folder.path()));
        QStringList asked;
        QWebSocketServer foreign(u"other"_s, QWebSocketServer::NonSecureMode);
        QVERIFY(foreign.listen(QHostAddress::LocalHost));
        ControlServer control([&](const QString& method, const QJsonObject&, const std::shared_ptr<Answer>& answer) {
            asked.append(method);
            if (method == "status"_L1)
                answer->succeed({{u"state"_s, state},
                                 {u"port"_s, foreign.serverPort()},
                                 {u"webSocketUrl"_s, foreign.serverUrl().toString()}});
            else
                answer->fail({"refused", "Refused by the test.", {}});
        });
        QVERIFY(control.listen(folder.path()));
        QCOMPARE(runWhileServing(folder, {u"status"_s, u"--json"_s}).exitCode, exitCode);
        QCOMPARE(runWhileServing(folder, {u"tail"_s, u"public:a"_s}).exitCode, exitCode == 0 ? 1 : exitCode);
        QStringList expected{u"status"_s, u"status"_s};
        if (exitCode == 0)
            expected << u"token.mint"_s;
        QCOMPARE(asked, expected);
        QVERIFY(!foreign.hasPendingConnections());
    }

    void followsForLongerThanItsTokensLive() {
        const Folder folder;
        QVERIFY(QDir().mkpath(folder.path()));
        int minted = 0;
        QStringList renewed;
        std::unique_ptr<QWebSocket> client;
        QWebSocketServer web(u"web"_s, QWebSocketServer::NonSecureMode);
        web.setSupportedSubprotocols({u"centrifuge-json"_s});
        QVERIFY(web.listen(QHostAddress::LocalHost));
        const auto answer = [&](const QString& text) {
            const auto command = QJsonDocument::fromJson(text.toUtf8()).object();
            const auto id = command.value("id"_L1).toInt();
            const QString expiring = u"\"expires\":true,\"ttl\":1"_s;
            QString result;
            if (command.contains("connect"_L1))
                result = u"\"connect\":{\"client\":\"c\",%1}"_s.arg(expiring);
            else if (command.contains("subscribe"_L1))
                result = u"\"subscribe\":{%1}"_s.arg(expiring);
            else if (command.contains("refresh"_L1))
                result = u"\"refresh\":{\"client\":\"c\",%1}"_s.arg(expiring);
            else
                result = u"\"sub_refresh\":{%1}"_s.arg(expiring);
            for (const auto name : {"refresh"_L1, "sub_refresh"_L1}) {
                if (command.contains(name))
                    renewed.append(name + u' ' + command.value(name).toObject().value("token"_L1).toString());
            }
            client->sendTextMessage(u"{\"id\":%1,%2}"_s.arg(id).arg(result));
            if (renewed.size() == 2)
                client->sendTextMessage(u"{\"push\":{\"channel\":\"public:a\",\"pub\":{\"data\":1}}}"_s);
        };
        connect(&web, &QWebSocketServer::newConnection, this, [&] {
            client.reset(web.nextPendingConnection());
            connect(client.get(), &QWebSocket::textMessageReceived, this, answer);
        });
        ControlServer control([&](const QString& method, const QJsonObject&, const std::shared_ptr<Answer>& reply) {
            if (method == "status"_L1)
                reply->succeed({{u"state"_s, u"running"_s}, {u"webSocketUrl"_s, web.serverUrl().toString()}});
            else
                reply->succeed({{u"token"_s, u"%1 %2"_s.arg(method).arg(++minted)}});
        });
        QVERIFY(control.listen(folder.path()));
        const auto outcome = runWhileServing(folder, {u"tail"_s, u"public:a"_s, u"--count"_s, u"1"_s, u"--json"_s});
        QVERIFY2(outcome.exitCode == 0, outcome.err.constData());
        QCOMPARE(outcome.out, QByteArray("{\"channel\":\"public:a\",\"data\":1}\n"));
        renewed.sort();
        QCOMPARE(renewed.size(), 2);
        QVERIFY2(renewed[0].startsWith(u"refresh token.mint "_s), qPrintable(renewed[0]));
        QVERIFY2(renewed[1].startsWith(u"sub_refresh subscriptionToken.mint "_s), qPrintable(renewed[1]));
        QCOMPARE(minted, 4);
    }

    void followsAllTraffic() {
        const Folder folder;
        const Served served(folder);
        QProcess tail;
        tail.start(QStringLiteral(XSHATHRA_CLI),
                   {u"tail"_s, u"--count"_s, u"1"_s, u"--json"_s, u"--data-dir"_s, folder.path()});
        tail.setReadChannel(QProcess::StandardError);
        QVERIFY(tail.waitForReadyRead(kLimitMs));
        // The request to follow is under way while its note is printed, hence more than one message.
        while (!tail.waitForFinished(200))
            QCOMPARE(folder.run({u"publish"_s, u"public:a"_s, u"1"_s}).exitCode, 0);
        QCOMPARE(tail.exitCode(), 0);
        const auto event = QJsonDocument::fromJson(tail.readAllStandardOutput()).object();
        QCOMPARE(event.value("channel"_L1).toString(), u"public:a"_s);
    }
};

QTEST_GUILESS_MAIN(CliTest)
#include "tst_cli.moc"
