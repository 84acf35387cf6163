#include "server/runtime/control_client.h"
#include "server/runtime/control_protocol.h"
#include "server/runtime/control_server.h"

#include <QFileInfo>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

using namespace xshathra;
using namespace xshathra::runtime;
using namespace Qt::StringLiterals;

namespace {

/// Sends `bytes` as they are and returns everything that comes back until the server closes or a whole line is there.
QByteArray exchange(const QString& path, const QByteArray& bytes) {
    QLocalSocket socket;
    socket.connectToServer(path);
    if (!socket.waitForConnected(1000))
        return {};
    socket.write(bytes);
    QByteArray answer;
    (void)QTest::qWaitFor([&] {
        answer += socket.readAll();
        return answer.contains('\n');
    });
    return answer;
}

}  // namespace

class ControlTest : public QObject {
    Q_OBJECT

    QTemporaryDir folder_;
    std::unique_ptr<ControlServer> server_;
    std::vector<std::shared_ptr<Answer>> held_;
    int gone_ = 0;
    static constexpr int kFlood = 20;

    void handle(const QString& method, const QJsonObject& params, const std::shared_ptr<Answer>& answer) {
        if (method == u"echo"_s) {
            answer->succeed(params);
        } else if (method == u"refuse"_s) {
            answer->fail({"not_found", "there is none", "project"});
        } else if (method == u"count"_s) {
            for (int n = 1; n <= 3; ++n)
                answer->event({{u"n"_s, n}});
            answer->succeed({});
            answer->event({{u"n"_s, 4}});
            answer->fail({"late", "", ""});
        } else if (method == u"flood"_s) {
            for (int n = 0; n < kFlood; ++n)
                answer->event({{u"n"_s, n}, {u"text"_s, QString(1 << 20, u'x')}});
            held_.push_back(answer);
        } else if (method == u"hold"_s) {
            answer->whenGone([this] { ++gone_; });
            held_.push_back(answer);
        }
        // "forget" lets the answer go.
    }

private Q_SLOTS:
    void init() {
        server_ = std::make_unique<ControlServer>(
            [this](const QString& method, const QJsonObject& params, const std::shared_ptr<Answer>& answer) {
                handle(method, params, answer);
            });
        const auto listening = server_->listen(folder_.path());
        QVERIFY2(listening.has_value(), listening ? "" : listening.error().message.c_str());
        gone_ = 0;
    }
    void cleanup() {
        held_.clear();
        server_.reset();
    }

    void answersACall() {
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
        const QJsonObject params{{u"name"_s, u"grüße\n👋"_s}, {u"n"_s, qint64{9007199254740991}}};
        const auto result = client.callAndWait(u"echo"_s, params);
        QVERIFY(result.has_value());
        QCOMPARE(*result, params);
    }

    void givesTheWholeRefusal() {
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
        const auto result = client.callAndWait(u"refuse"_s, {});
        QVERIFY(!result.has_value());
        QCOMPARE(result.error(), (Error{"not_found", "there is none", "project"}));
    }

    void deliversEventsBeforeTheResultAndNothingAfterIt() {
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
        QList<int> seen;
        int results = 0;
        client.call(
            u"count"_s, {},
            [&](Result<QJsonObject> result) {
                QVERIFY(result.has_value());
                ++results;
            },
            [&](const QJsonObject& event) { seen.append(event.value("n"_L1).toInt()); });
        QTRY_COMPARE(results, 1);
        QVERIFY(client.callAndWait(u"echo"_s, {}).has_value());
        QCOMPARE(seen, (QList<int>{1, 2, 3}));
        QCOMPARE(results, 1);
    }

    void keepsEventsUpToTheLimit_data() {
        QTest::addColumn<qint64>("bytes");
        QTest::addColumn<bool>("kept");
        const auto room = EventGate::kMaxWaitingBytes - 100;
        QTest::newRow("n-1") << room - 1 << true;
        QTest::newRow("n") << room << true;
        QTest::newRow("n+1") << room + 1 << false;
    }
    void keepsEventsUpToTheLimit() {
        QFETCH(qint64, bytes);
        QFETCH(bool, kept);
        EventGate gate;
        QCOMPARE(gate.fits(100, bytes), kept);
        gate.miss();
        gate.miss();
        QCOMPARE(gate.takeMissed(), qint64{2});
        QCOMPARE(gate.takeMissed(), qint64{0});
    }

    void tellsASlowReaderWhatItMissed() {
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
        qint64 seen = 0;
        qint64 missed = 0;
        QList<int> order;
        client.call(
            u"flood"_s, {}, [](const Result<QJsonObject>&) {},
            [&](const QJsonObject& event) {
                missed += event.value("missed"_L1).toInteger();
                if (event.contains("n"_L1))
                    order.append(event.value("n"_L1).toInt());
                seen = order.size();
            });
        // All are sent before the first is read, and nothing comes after them that could carry the count.
        QTRY_COMPARE(seen + missed, qint64{kFlood});
        QVERIFY(missed > 0);
        // What waits here, and what the system keeps on the way.
        QVERIFY2(seen >= EventGate::kMaxWaitingBytes / (1 << 20) - 1 && seen < kFlood / 2,
                 QByteArray::number(seen).constData());
        QVERIFY(std::is_sorted(order.cbegin(), order.cend()));
        // From then on it gets them again, and the count before the end.
        held_.back()->event({{u"n"_s, kFlood}});
        QTRY_COMPARE(order.constLast(), int{kFlood});
    }

    void answersAForgottenCommand() {
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
        const auto result = client.callAndWait(u"forget"_s, {});
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().code, std::string("internal"));
    }

    void tellsAHeldCommandThatItsAskerHasGone() {
        {
            ControlClient client;
            QVERIFY(client.connectTo(folder_.path()));
            client.call(u"hold"_s, {}, [](const Result<QJsonObject>&) { QFAIL("not answered"); });
            QTRY_COMPARE(held_.size(), std::size_t{1});
        }
        QTRY_COMPARE(gone_, 1);
        held_.front()->event({});
        held_.front()->succeed({});
    }

    void answersUnreachableWhenTheServerEnds() {
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
        std::optional<Result<QJsonObject>> result;
        client.call(u"hold"_s, {}, [&](Result<QJsonObject> answer) { result = std::move(answer); });
        QTRY_COMPARE(held_.size(), std::size_t{1});
        server_.reset();
        QTRY_VERIFY(result.has_value());
        QVERIFY(!result->has_value());
        QCOMPARE(result->error().code, std::string("unreachable"));
        QCOMPARE(client.callAndWait(u"echo"_s, {}).error().code, std::string("unreachable"));
    }

    void findsNobodyOnAFolderWithoutServer() {
        QTemporaryDir other;
        ControlClient client;
        QVERIFY(!client.connectTo(other.path()));
        QVERIFY(!client.isConnected());
    }

    void replacesTheSocketOfADeadInstance() {
        // A killed process leaves its socket file behind.
        const auto path = controlSocketPath(folder_.path());
        server_.reset();
        QFile left(path);
        QVERIFY(left.open(QIODevice::WriteOnly));
        left.close();
        init();
        ControlClient client;
        QVERIFY(client.connectTo(folder_.path()));
    }

    void isForTheUserAlone() {
#ifdef Q_OS_UNIX
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY(!(QFileInfo(controlSocketPath(folder_.path())).permissions() & others));
#endif
    }

    void servesAFolderWithALongPath() {
        QTemporaryDir runtimeFolder;
        qputenv("XDG_RUNTIME_DIR", runtimeFolder.path().toUtf8());
        QFile::setPermissions(runtimeFolder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        const auto folder = folder_.path() + u'/' + QString(120, u'x');
        QVERIFY(QDir().mkpath(folder));
        QVERIFY(server_->path() != controlSocketPath(folder));
        server_->close();
        QVERIFY(server_->listen(folder).has_value());
        ControlClient client;
        QVERIFY(client.connectTo(folder));
        QVERIFY(client.callAndWait(u"echo"_s, {}).has_value());
    }

    void refusesWhatIsNoMessage_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("no JSON") << QByteArray("hello\n") << QByteArray("invalid_request");
        QTest::newRow("array") << QByteArray("[]\n") << QByteArray("invalid_request");
        QTest::newRow("no id") << QByteArray("{\"method\":\"echo\"}\n") << QByteArray("invalid_request");
        QTest::newRow("line one byte too long") << QByteArray(kControlLineLimit + 1, ' ') << QByteArray("too_large");
    }
    void refusesWhatIsNoMessage() {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, code);
        const auto answer = exchange(server_->path(), bytes);
        QVERIFY2(answer.contains("\"code\":\"" + code + '"'), answer.constData());
    }

    void takesALineOfTheLimit() {
        QByteArray line = R"({"id":7,"method":"echo","params":{)";
        line += QByteArray(kControlLineLimit - line.size() - 2, ' ') + "}}";
        QCOMPARE(line.size(), kControlLineLimit);
        QCOMPARE(exchange(server_->path(), line + '\n'), QByteArray("{\"id\":7,\"result\":{}}\n"));
    }

    void aLineHoldsAnyConfiguration_data() {
        QTest::addColumn<char>("character");
        QTest::newRow("quotation marks") << '"';
        QTest::newRow("backslashes") << '\\';
        QTest::newRow("letters") << 'x';
    }
    void aLineHoldsAnyConfiguration() {
        QFETCH(char, character);
        ControlMessage message;
        message.id = std::numeric_limits<qint64>::max();
        message.method = u"project.import"_s;
        message.params = {{u"configuration"_s, QString(qsizetype{centrifugo::kMaxFileBytes}, QLatin1Char(character))},
                          {u"name"_s, QString(1'000, u'"')}};
        QVERIFY(encodeControlMessage(message).size() <= kControlLineLimit);
    }

    void servesOneMoreThanTheLimitNot() {
        std::vector<std::unique_ptr<ControlClient>> clients;
        for (int n = 0; n < ControlServer::kMaxConnections; ++n) {
            clients.push_back(std::make_unique<ControlClient>());
            QVERIFY(clients.back()->connectTo(folder_.path()));
            QVERIFY(clients.back()->callAndWait(u"echo"_s, {}).has_value());
        }
        ControlClient late;
        QVERIFY(late.connectTo(folder_.path()));
        QCOMPARE(late.callAndWait(u"echo"_s, {}).error().code, std::string("unreachable"));
        clients.pop_back();
        QTRY_VERIFY([this] {
            ControlClient again;
            return again.connectTo(folder_.path()) && again.callAndWait(u"echo"_s, {}).has_value();
        }());
    }
};

QTEST_GUILESS_MAIN(ControlTest)
#include "tst_control.moc"
