#include "server/runtime/built_in_client.h"
#include "server/runtime/server_runtime.h"
#include "server/services/project_service.h"
#include "server/services/settings_service.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

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
        QTRY_COMPARE(server.settings().value(u"server.port"_s).stored, std::optional<QString>(QString::number(offered)));
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
        ServerRuntime second(optionsFor(folder));
        second.start();
        QTRY_VERIFY(second.state() == State::Failed);
        QCOMPARE(second.failure()->code, u"data_folder_in_use"_s);
    }

    void theBuiltInClientSendsARealMessage() {
        const QTemporaryDir folder;
        ServerRuntime server(optionsFor(folder));
        std::vector<capture::Event> seen;
        server.addCaptureObserver([&](const std::vector<capture::Event>& events) { seen.insert(seen.end(), events.begin(), events.end()); });
        server.start();
        QTRY_VERIFY(server.state() == State::Running);
        BuiltInClient client(server);
        QSignalSpy finished(&client, &BuiltInClient::finished);
        QSignalSpy steps(&client, &BuiltInClient::stepChanged);
        client.sendTestMessage(QString::fromStdString(server.projects().list().front()->id), u"public:hello"_s, "{\"n\":1.10}");
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
