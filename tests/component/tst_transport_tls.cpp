#include "server/engine/node.h"
#include "server/transport/tls.h"
#include "tests/component/stream_fixture.h"
#include "tests/support/self_signed.h"

#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSignalSpy>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QWebSocket>

#include <memory>
#include <string>

using namespace xshathra;
using namespace xshathra::test;

namespace {

constexpr long kDay = 24L * 3600;

}  // namespace

class TestTransportTls : public QObject {
    Q_OBJECT

private:
    std::string put(const char* name, const std::string& text) {
        const auto path = folder_.filePath(QLatin1StringView(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), static_cast<qint64>(text.size())) < 0)
            return {};
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        return path.toStdString();
    }

    void useTls(ServerFixture& fixture) {
        const auto pem = makePem(-60, 100 * kDay);
        fixture.options.certificate = put("good.crt", pem.certificate);
        fixture.options.privateKey = put("good.key", pem.key);
    }

    /// A request that trusts nobody but the server of useTls().
    QNetworkRequest secure(std::uint16_t port, const std::string& target) const {
        QNetworkRequest request(
            QUrl(QStringLiteral("https://localhost:%1%2").arg(port).arg(QString::fromStdString(target))));
        auto configuration = request.sslConfiguration();
        configuration.setCaCertificates(QSslCertificate::fromPath(folder_.filePath(QStringLiteral("good.crt"))));
        request.setSslConfiguration(configuration);
        request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
        return request;
    }

    QTemporaryDir folder_;

private Q_SLOTS:
    void initTestCase() {
        if (!QSslSocket::supportsSsl())
            QSKIP("This Qt has no TLS.");
    }

    void servesRequestsOverTls() {
        ServerFixture fixture;
        useTls(fixture);
        QVERIFY(fixture.start());
        QVERIFY(fixture.server.tls());
        QSslSocket socket;
        socket.setPeerVerifyMode(QSslSocket::VerifyNone);
        socket.connectToHostEncrypted(QStringLiteral("127.0.0.1"), fixture.server.port());
        QVERIFY(socket.waitForEncrypted(5000));
        const auto request =
            "GET /health HTTP/1.1\r\nHost: localhost:" + QByteArray::number(fixture.server.port()) + "\r\n\r\n";
        socket.write(request + request);
        QByteArray answer;
        QTRY_VERIFY((answer += socket.readAll(), answer.count("HTTP/1.1 200 ") == 2 && answer.endsWith("{}")));
    }

    void speaksWebSocketOverTls() {
        ServerFixture fixture;
        useTls(fixture);
        QVERIFY(fixture.start());
        QWebSocket socket;
        auto configuration = socket.sslConfiguration();
        configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
        socket.setSslConfiguration(configuration);
        QSignalSpy messages(&socket, &QWebSocket::textMessageReceived);
        QSignalSpy closed(&socket, &QWebSocket::disconnected);
        QObject::connect(&socket, &QWebSocket::connected, &socket, [&] {
            socket.sendTextMessage(
                QStringLiteral("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"news\"}}"));
            for (int i = 0; i < 100; ++i)
                socket.sendTextMessage(QStringLiteral("{\"id\":%1,\"publish\":{\"channel\":\"news\",\"data\":\"%2\"}}")
                                           .arg(i + 10)
                                           .arg(QString(2000, u'd')));
        });
        socket.open(
            QUrl(QStringLiteral("wss://localhost:%1/realtime/connection/websocket").arg(fixture.server.port())));
        const auto pushes = [&] {
            return std::count_if(messages.begin(), messages.end(), [](const auto& message) {
                return message[0].toString().contains(QStringLiteral("\"pub\""));
            });
        };
        QTRY_COMPARE_WITH_TIMEOUT(pushes(), 100, 10'000);
        socket.sendTextMessage(QStringLiteral("no json"));
        QTRY_COMPARE(closed.size(), 1);
        QCOMPARE(int(socket.closeCode()), 3501);
    }

    void streamsOverTls_data() {
        QTest::addColumn<bool>("post");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("begin");
        QTest::addColumn<QByteArray>("end");
        const auto sse = QByteArray::fromStdString(kSse);
        QTest::newRow("http_stream") << true << QByteArray::fromStdString(kHttpStream) << QByteArray("{")
                                     << QByteArray("}\n");
        QTest::newRow("sse, connect in the body") << true << sse << QByteArray("\r\ndata: {") << QByteArray("}\n\n");
        QTest::newRow("sse, connect in the URL") << false << sse << QByteArray("\r\ndata: {") << QByteArray("}\n\n");
    }

    void streamsOverTls() {
        QFETCH(bool, post);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, begin);
        QFETCH(QByteArray, end);
        ServerFixture fixture;
        useTls(fixture);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        const auto target = path.toStdString();
        QNetworkAccessManager manager;
        const auto open = [&] {
            return std::unique_ptr<QNetworkReply>(
                post ? manager.post(secure(port, target), QByteArray::fromStdString(kConnect))
                     : manager.get(secure(port, target + "?cf_connect=" + encoded(kConnect))));
        };
        const auto stream = open();
        QByteArray received;
        const auto seen = [&](const std::string& text) {
            received += stream->readAll();
            return received.contains(QByteArray::fromStdString(q(text)));
        };
        QTRY_VERIFY(seen("'connect':"));
        QCOMPARE(stream->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), 200);
        QVERIFY2(received.startsWith(begin) && received.endsWith(end), received.constData());
        const auto half = halfOf(received.toStdString());
        const auto emulate = [&](const std::string& commands) {
            const std::unique_ptr<QNetworkReply> reply(
                manager.post(secure(port, kEmulation), QByteArray::fromStdString(emulation(half, commands))));
            QTRY_VERIFY(reply->isFinished());
            QCOMPARE(reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), 204);
        };
        emulate(kSubscribe);
        QTRY_VERIFY(seen("{'id':2,'subscribe':{}}"));

        const auto node = fixture.registry.find("proj_test");
        for (int i = 0; i < 100; ++i)
            QVERIFY(
                node->publish("news", SharedBytes("\"m" + std::to_string(i) + "_" + std::string(2000, 'd') + "\"")));
        QTRY_VERIFY(seen("m99_" + std::string(2000, 'd')));
        for (qsizetype i = 0, at = 0; i < 100; ++i) {
            at = received.indexOf("{\"data\":\"m" + QByteArray::number(i) + "_" + QByteArray(2000, 'd') + "\"", at);
            QVERIFY2(at >= 0, QByteArray::number(i).constData());
        }

        emulate("{bad");
        QTRY_VERIFY(stream->isFinished());
        QVERIFY(seen("'disconnect':{'code':3501,'reason':'bad request'}"));
        QCOMPARE(stream->error(), QNetworkReply::NoError);
        QTRY_COMPARE(fixture.server.counters().openStreams, 0U);

        const auto left = open();
        QTRY_VERIFY(left->bytesAvailable() > 0);
        QTRY_COMPARE(fixture.registry.counters().clients, 1U);
        left->abort();
        QTRY_COMPARE(fixture.registry.counters().clients, 0U);
    }

    void losesNoFrameThatComesWithTheHandshakeOverTls() {
        ServerFixture fixture;
        useTls(fixture);
        QVERIFY(fixture.start());
        QSslSocket socket;
        socket.setPeerVerifyMode(QSslSocket::VerifyNone);
        socket.connectToHostEncrypted(QStringLiteral("127.0.0.1"), fixture.server.port());
        QVERIFY(socket.waitForEncrypted(5000));
        socket.write(QByteArray::fromStdString(handshake(fixture.server.port()) + textFrame(kConnect)));
        QByteArray answer;
        QTRY_VERIFY((answer += socket.readAll(), answer.contains("{\"id\":1,\"connect\":")));
    }

    void plainRequestToTlsPortIsCountedAndEnded() {
        ServerFixture fixture;
        useTls(fixture);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        client.drain(1000, 2000);
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
        QCOMPARE(fixture.server.counters().of(transport::Refused::Tls), 1U);
    }

    void refusesToStartWithABadCertificate_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("no certificate file")
            << QByteArray("nocert") << QByteArray("certificate") << QByteArray("can't be read");
        QTest::newRow("no key file") << QByteArray("nokey") << QByteArray("privateKey") << QByteArray("can't be read");
        QTest::newRow("no certificate in it")
            << QByteArray("garbage") << QByteArray("certificate") << QByteArray("holds no PEM certificate");
        QTest::newRow("no key in it") << QByteArray("garbagekey") << QByteArray("privateKey")
                                      << QByteArray("holds no PEM private key");
        QTest::newRow("swapped") << QByteArray("swapped") << QByteArray("certificate")
                                 << QByteArray("holds no PEM certificate");
        QTest::newRow("other key") << QByteArray("mismatch") << QByteArray("privateKey")
                                   << QByteArray("does not belong to");
        QTest::newRow("expired") << QByteArray("expired") << QByteArray("certificate") << QByteArray("ended on");
        QTest::newRow("not yet valid") << QByteArray("future") << QByteArray("certificate")
                                       << QByteArray("is not valid before");
        QTest::newRow("passphrase") << QByteArray("encrypted") << QByteArray("privateKey")
                                    << QByteArray("is encrypted");
    }

    void refusesToStartWithABadCertificate() {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, text);
        const auto good = makePem(-60, 100 * kDay);
        auto certificate = good.certificate;
        auto key = good.key;
        if (what == "garbage")
            certificate = "garbage";
        if (what == "garbagekey")
            key = "garbage";
        if (what == "swapped")
            std::swap(certificate, key);
        if (what == "mismatch")
            key = makePem(-60, 100 * kDay).key;
        if (what == "expired") {
            const auto old = makePem(-2 * kDay, -kDay);
            certificate = old.certificate;
            key = old.key;
        }
        if (what == "future") {
            const auto later = makePem(kDay, 2 * kDay);
            certificate = later.certificate;
            key = later.key;
        }
        if (what == "encrypted")
            key = makePem(-60, 100 * kDay, true, "secret").key;
        ServerFixture fixture;
        fixture.options.certificate = what == "nocert" ? "/nonexistent/a.crt" : put("tested.crt", certificate);
        fixture.options.privateKey = what == "nokey" ? "/nonexistent/a.key" : put("tested.key", key);
        const auto result = fixture.start();
        QVERIFY(!result);
        QCOMPARE(result.error().code, std::string("tls"));
        QCOMPARE(result.error().field, field.toStdString());
        QVERIFY2(result.error().message.find(text.toStdString()) != std::string::npos, result.error().message.c_str());
        QVERIFY(!fixture.server.running());
    }

    void warnsBeforeTheEndAndOfAnOpenKeyFile() {
        SystemClock clock;
        const auto soon = makePem(-60, 13 * kDay, false);
        const auto certificate = put("soon.crt", soon.certificate);
        const auto key = put("soon.key", soon.key);
        auto identity = transport::loadTlsIdentity(certificate, key, clock);
        QVERIFY(identity);
        QCOMPARE(identity->warnings.size(), std::size_t(1));
        const auto fine = makePem(-60, 15 * kDay);
        const auto fineCertificate = put("fine.crt", fine.certificate);
        const auto fineKey = put("fine.key", fine.key);
        identity = transport::loadTlsIdentity(fineCertificate, fineKey, clock);
        QVERIFY(identity);
        QVERIFY(identity->warnings.empty());
        QFile(QString::fromStdString(fineKey)).setPermissions(QFile::ReadOwner | QFile::ReadOther);
        identity = transport::loadTlsIdentity(fineCertificate, fineKey, clock);
        QVERIFY(identity);
        QCOMPARE(identity->warnings.size(), std::size_t(1));
        QVERIFY(identity->warnings[0].find("0600") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTransportTls)
#include "tst_transport_tls.moc"
