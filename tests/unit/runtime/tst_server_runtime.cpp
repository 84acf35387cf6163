#include "server/runtime/built_in_client.h"
#include "server/runtime/control_server.h"
#include "server/runtime/server_runtime.h"
#include "server/services/config_store.h"
#include "server/services/project_service.h"
#include "server/services/settings_service.h"
#include "server/storage/data_folder.h"

#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cstddef>
#include <fcntl.h>
#include <initializer_list>
#include <sys/stat.h>
#include <unistd.h>

using namespace xshathra;
using namespace xshathra::runtime;
using namespace Qt::StringLiterals;

class ServerRuntimeTest : public QObject {
    Q_OBJECT

    static RuntimeOptions optionsFor(const QTemporaryDir& folder, const QString& port = u"0"_s) {
        RuntimeOptions options;
        options.dataFolder = folder.path() + u"/data"_s;
        options.flags.insert(u"server.port"_s, port);
        options.flags.insert(u"server.ioThreads"_s, u"1"_s);
        return options;
    }

private Q_SLOTS:
    void startsStopsAndStartsAgain() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        QSignalSpy ready(&server, &ServerRuntime::servicesReady);
        QVERIFY(server.state() == State::Stopped);
        for (int round = 0; round < 2; ++round) {
            server.start();
            QVERIFY(server.state() == State::Starting);
            QTRY_VERIFY(server.state() == State::Running);
            QVERIFY(server.endpoints().port != 0);
            QVERIFY(server.startTime().has_value());
            server.stop();
            QTRY_VERIFY(server.state() == State::Stopped);
        }
        QCOMPARE(ready.size(), 1);
        QCOMPARE(server.projects().list().size(), std::size_t{1});
    }

    void aStopOvertakesAStart() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        server.start();
        server.stop();
        QVERIFY(server.state() == State::Stopped);
        QCoreApplication::processEvents();
        QVERIFY(server.state() == State::Stopped);
        QVERIFY(!server.hasServices());
    }

    void goesOnWhileTheDataFolderIsBeingOpened() {
        const QTemporaryDir folder;
        const auto options = optionsFor(folder);
        // A master key that takes as long to read as this test wants.
        QVERIFY(QDir().mkpath(options.dataFolder));
        QVERIFY(QFile::setPermissions(options.dataFolder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const auto key = QFile::encodeName(options.dataFolder + u"/master.key"_s);
        QCOMPARE(::mkfifo(key.constData(), 0600), 0);
        ServerRuntime server(options);
        server.start();
        int writer = -1;
        // Can be opened as soon as there is a reader.
        const auto openWriter = [&] {
            if (writer < 0)
                writer = ::open(key.constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
            return writer >= 0;
        };
        QTRY_VERIFY(openWriter());
        QVERIFY(server.state() == State::Starting);
        QVERIFY(!server.hasServices());
        const QByteArray bytes(32, 'k');
        QCOMPARE(::write(writer, bytes.constData(), static_cast<std::size_t>(bytes.size())), bytes.size());
        ::close(writer);
        QTRY_VERIFY(server.state() == State::Running);
        for (const QObject* service :
             std::initializer_list<const QObject*>{&server.config(), &server.projects(), &server.settings()})
            QCOMPARE(service->thread(), QThread::currentThread());
        // Timers go with their service.
        QCOMPARE(server.projects().findChildren<QTimer*>().size(), 1);
    }

    void aStartAfterAnOvertakingStopTakesWhatIsBeingOpened() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        QSignalSpy ready(&server, &ServerRuntime::servicesReady);
        QSignalSpy failed(&server, &ServerRuntime::failed);
        server.start();
        QCoreApplication::processEvents();
        server.stop();
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        QCOMPARE(ready.size(), 1);
        QCOMPARE(failed.size(), 0);
    }

    void mayEndWhileTheDataFolderIsBeingOpened() {
        const QTemporaryDir folder;
        {
            ServerRuntime server(optionsFor(folder));
            server.start();
            QCoreApplication::processEvents();
        }
        ServerRuntime next(optionsFor(folder));
        next.start();
        QTRY_VERIFY(next.state() == State::Running);
    }

    void namesTheHolderOfThePortAndGoesOnElsewhere() {
        const QTemporaryDir folder;
        QTcpServer holder;
        QVERIFY(holder.listen(QHostAddress::LocalHost));
        ServerRuntime server(optionsFor(folder, QString::number(holder.serverPort())));
        QSignalSpy taken(&server, &ServerRuntime::portInUse);
        server.start();
        QTRY_VERIFY(server.state() == State::PortInUse);
        QCOMPARE(taken.size(), 1);
        QCOMPARE(server.portHolder()->port, holder.serverPort());
        QVERIFY(server.hasServices());
        server.retry();
        QTRY_COMPARE(taken.size(), 2);
        const auto offered = server.suggestedPort();
        QVERIFY(offered > holder.serverPort());
        server.usePort(offered);
        QTRY_VERIFY(server.state() == State::Running);
        QCOMPARE(server.endpoints().port, offered);
        QTRY_COMPARE(server.settings().value(u"server.port"_s).stored,
                     std::optional<QString>(QString::number(offered)));
    }

    void saysThatAPortCantBeRemembered() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        {
            auto database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"other"_s);
            database.setDatabaseName(server.dataFolder() + u"/xshathra.db"_s);
            QVERIFY(database.open());
            QVERIFY(QSqlQuery(database).exec(u"DROP TABLE settings"_s));
        }
        QSqlDatabase::removeDatabase(u"other"_s);
        server.usePort(0);
        const auto logged = [&server] {
            const auto lines = server.logRing().since(0).records;
            return std::any_of(lines.begin(), lines.end(), [](const LogRecord& line) {
                return line.level == LogLevel::Warn && line.text.find("for this run only") != std::string::npos;
            });
        };
        QTRY_VERIFY(logged());
        QTRY_VERIFY(server.state() == State::Running);
    }

    void failsWithTheReasonOfABadSetting() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder, u"http"_s));
        server.start();
        QTRY_VERIFY(server.state() == State::Failed);
        QCOMPARE(server.failure()->code, u"invalid_setting"_s);
        QVERIFY(server.failure()->message.contains(u"http"_s));
        QVERIFY(server.logRing().total() > 0);
    }

    void aFolderServesOneInstance() {
        const QTemporaryDir folder;
        ServerRuntime first(optionsFor(folder));
        first.start();
        QTRY_VERIFY(first.state() == State::Running);
        auto options = optionsFor(folder);
        options.folderWait = Milliseconds(0);
        ServerRuntime second(options);
        second.start();
        QTRY_VERIFY(second.state() == State::Failed);
        QCOMPARE(second.failure()->code, u"data_folder_in_use"_s);
    }

    void waitsForAFolderThatIsHeldForAMoment() {
        const QTemporaryDir folder;
        const auto options = optionsFor(folder);
        auto held = storage::DataFolder::open(options.dataFolder);
        QVERIFY(held.has_value());
        ServerRuntime server(options);
        server.start();
        // At least one try has to fail, and there is no telling when it does.
        QTest::qWait(100);
        QVERIFY(server.state() == State::Starting);
        held->reset();
        QTRY_VERIFY(server.state() == State::Running);
    }

    void doesNotWaitForAFolderWhoseHolderAnswers() {
        const QTemporaryDir folder;
        auto options = optionsFor(folder);
        options.folderWait = Seconds(600);
        const auto held = storage::DataFolder::open(options.dataFolder);
        QVERIFY(held.has_value());
        ControlServer control([](const QString&, const QJsonObject&, const std::shared_ptr<Answer>&) {});
        QVERIFY(control.listen(options.dataFolder).has_value());
        ServerRuntime server(options);
        server.start();
        QTRY_VERIFY(server.state() == State::Failed);
        QCOMPARE(server.failure()->code, u"data_folder_in_use"_s);
    }

    void mayEndWhileItWaitsForAFolder() {
        const QTemporaryDir folder;
        auto options = optionsFor(folder);
        options.folderWait = Seconds(600);
        const auto held = storage::DataFolder::open(options.dataFolder);
        QVERIFY(held.has_value());
        ServerRuntime server(options);
        server.start();
        QCoreApplication::processEvents();
        server.stop();
        QVERIFY(server.state() == State::Stopped);
    }

    void aCentrifugoConfigurationGuardsTheHostOnThisMachineAlone_data() {
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("no address") << QByteArray() << QByteArray("evil.test") << QByteArray("HTTP/1.1 421 ");
        QTest::newRow("loopback") << QByteArray("127.0.0.1") << QByteArray("evil.test") << QByteArray("HTTP/1.1 421 ");
        QTest::newRow("own name") << QByteArray("127.0.0.1") << QByteArray("localhost") << QByteArray("HTTP/1.1 200 ");
        QTest::newRow("allowed name") << QByteArray("127.0.0.1") << QByteArray("realtime.test")
                                      << QByteArray("HTTP/1.1 200 ");
        QTest::newRow("all addresses") << QByteArray("0.0.0.0") << QByteArray("evil.test")
                                       << QByteArray("HTTP/1.1 200 ");
    }
    void aCentrifugoConfigurationGuardsTheHostOnThisMachineAlone() {
        QFETCH(QByteArray, address);
        QFETCH(QByteArray, host);
        QFETCH(QByteArray, answer);
        auto loaded = centrifugo::loadText(
            "{\"health\":{\"enabled\":true},\"http_server\":{\"address\":\"" + address.toStdString() + "\"}}", "x.json",
            {});
        QVERIFY(loaded.has_value());
        const QTemporaryDir folder;
        auto options = optionsFor(folder);
        options.centrifugo = std::move(*loaded);
        options.flags.insert(u"server.allowedHosts"_s, u"realtime.test"_s);
        ServerRuntime server(options);
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        const auto port = server.endpoints().port;
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, port);
        socket.write("GET /health HTTP/1.1\r\nHost: " + host + ':' + QByteArray::number(port) +
                     "\r\nConnection: close\r\n\r\n");
        QTRY_VERIFY(socket.bytesAvailable() >= answer.size());
        QCOMPARE(socket.read(answer.size()), answer);
    }

    void aWindowSharesWhatItDrains() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        server.claimCapture();
        std::size_t seen = 0;
        const auto observer = [&](const std::vector<capture::Event>& events) { seen += events.size(); };
        // The window alone decides whether it records.
        QCOMPARE(server.addCaptureObserver(observer), 0);
        QVERIFY(!server.recorder().active());
        server.recorder().setActive(true);
        QSignalSpy observed(&server, &ServerRuntime::captureObserved);
        const auto first = server.addCaptureObserver(observer);
        const auto second = server.addCaptureObserver(observer);
        QVERIFY(first != 0 && second != 0);
        QCOMPARE(observed.size(), 1);
        server.recorder().record({});
        QTest::qWait(0);
        QCOMPARE(seen, std::size_t{0});
        std::vector<capture::Event> batch;
        QCOMPARE(server.recorder().drain(batch, 10), std::size_t{1});
        server.shareCapture(batch);
        QCOMPARE(seen, std::size_t{2});
        server.removeCaptureObserver(first);
        QCOMPARE(observed.size(), 1);
        server.removeCaptureObserver(second);
        QCOMPARE(observed.size(), 2);
        QCOMPARE(observed.constLast().constFirst().toBool(), false);
        server.shareCapture(batch);
        QCOMPARE(seen, std::size_t{2});
        QVERIFY(server.recorder().active());
    }

    void theBuiltInClientSendsARealMessage() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        std::vector<capture::Event> seen;
        server.addCaptureObserver(
            [&](const std::vector<capture::Event>& events) { seen.insert(seen.end(), events.begin(), events.end()); });
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        BuiltInClient client(server);
        QSignalSpy finished(&client, &BuiltInClient::finished);
        QSignalSpy steps(&client, &BuiltInClient::stepChanged);
        client.sendTestMessage(QString::fromStdString(server.projects().list().front()->id), u"public:hello"_s,
                               "{\"n\":1.10}");
        QVERIFY(client.busy());
        QTRY_COMPARE(finished.size(), 1);
        const auto& trail = client.trail();
        QString details;
        for (const auto& step : trail.steps)
            details += step.name + u": "_s + step.detail + u'\n';
        QVERIFY2(trail.done(), qPrintable(details));
        QCOMPARE(steps.size(), 3);
        QCOMPARE(trail.received, QByteArray("{\"n\":1.10}"));
        for (const auto& step : trail.steps)
            QVERIFY(step.took.count() > 0);
        QCOMPARE(server.counters().engine.clients, std::uint64_t{1});
        QTRY_VERIFY(std::any_of(seen.begin(), seen.end(), [](const capture::Event& event) {
            return event.kind == capture::Kind::Push && event.channel.view() == "public:hello";
        }));
        client.disconnect();
        QTRY_COMPARE(server.counters().engine.clients, std::uint64_t{0});
    }

    void theBuiltInClientSaysWhyItFailed() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        BuiltInClient client(server);
        QSignalSpy finished(&client, &BuiltInClient::finished);
        client.sendTestMessage(u"proj_none"_s);
        QCOMPARE(finished.size(), 1);
        QVERIFY(client.trail().failed());
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        const auto project = QString::fromStdString(server.projects().list().front()->id);
        client.sendTestMessage(project, u"chat:needs-a-token"_s);
        QTRY_COMPARE(finished.size(), 2);
        QVERIFY(client.trail().failed());
        QVERIFY(client.trail().steps[1].detail.contains(u"103"_s));
    }

    void withoutListeningTheServicesAreThere() {
        const QTemporaryDir folder;
        auto options = optionsFor(folder);
        options.listen = false;
        ServerRuntime server(options);
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        QVERIFY(server.hasServices());
        server.stop();
        QVERIFY(server.state() == State::Stopped);
    }

    void asksForAWindowOnlyWhereOneListens() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        QVERIFY(!server.requestWindow());
        QSignalSpy asked(&server, &ServerRuntime::windowRequested);
        QVERIFY(server.requestWindow());
        QCOMPARE(asked.size(), 1);
    }
};

QTEST_GUILESS_MAIN(ServerRuntimeTest)
#include "tst_server_runtime.moc"
