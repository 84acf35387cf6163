#include "server/auth/jwks_store.h"
#include "server/base/log.h"
#include "server/httpclient/http_client.h"
#include "server/proxy/key_fetcher.h"
#include "tests/support/key_pair.h"
#include "tests/support/self_signed.h"

#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QtTest>

#include <atomic>
#include <memory>

using namespace xshathra;
using namespace xshathra::test;

/// Key sets from a real HTTP server on this machine.
class KeyFetcherTest : public QObject {
    Q_OBJECT

    QTcpServer server_;
    QByteArray answer_;
    int asked_ = 0;
    const std::string keys_ = keySet({KeyPair::make(auth::PublicKey::Kind::Ed25519).jwk("k1")});

    static QByteArray response(const char* status, const QByteArray& body, const QByteArray& more = {}) {
        return QByteArray("HTTP/1.1 ") + status + "\r\nConnection: close\r\n" + more +
               "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(server_.listen(QHostAddress::LocalHost));
        connect(&server_, &QTcpServer::newConnection, this, [this] {
            auto* socket = server_.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
                const auto request = socket->readAll();
                ++asked_;
                if (request.startsWith("GET /moved "))
                    socket->write(response("200 OK", QByteArray::fromStdString(keys_)));
                else if (!answer_.isEmpty())
                    socket->write(answer_);
                if (!answer_.isEmpty())
                    socket->disconnectFromHost();
            });
        });
    }

    void getsAKeySet_data() {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("found");
        QTest::addColumn<int>("requests");
        const auto keys = QByteArray::fromStdString(keys_);
        QTest::newRow("200") << response("200 OK", keys) << true << 1;
        QTest::newRow("redirect") << response("302 Found", {}, "Location: /moved\r\n") << true << 2;
        QTest::newRow("404 with keys") << response("404 Not Found", keys) << false << 2;
        QTest::newRow("500") << response("500 Internal Server Error", "no") << false << 2;
        QTest::newRow("no key set") << response("200 OK", "<html>") << false << 1;
        QTest::newRow("too long") << response("200 OK", QByteArray(int(1) << 21, ' ')) << false << 2;
        QTest::newRow("no HTTP") << QByteArray("hello\r\n\r\n") << false << 2;
        QTest::newRow("silence") << QByteArray() << false << 2;
    }
    void getsAKeySet() {
        QFETCH(QByteArray, answer);
        QFETCH(bool, found);
        QFETCH(int, requests);
        answer_ = answer;
        asked_ = 0;
        const SystemClock clock;
        Log log(clock);
        httpclient::HttpClient client;
        auth::JwksStore store(clock, proxy::makeKeyFetcher(client, log));
        const auth::KeyRequest request{"http://127.0.0.1:" + std::to_string(server_.serverPort()) + "/jwks", "k1"};
        std::atomic<bool> done = false;
        store.fetch(request, [&done] { done = true; });
        QTRY_VERIFY_WITH_TIMEOUT(done, 10'000);
        QCOMPARE(store.find(request) != nullptr, found);
        QCOMPARE(asked_, requests);
    }

    void failuresOfOneKindAreOneLine() {
        answer_ = response("404 Not Found", {});
        asked_ = 0;
        const SystemClock clock;
        std::atomic<int> lines = 0;
        Log log(clock);
        log.addSink([&lines](const LogRecord&) { ++lines; });
        httpclient::HttpClient client;
        const auto fetch = proxy::makeKeyFetcher(client, log);
        std::atomic<int> answers = 0;
        const auto url = "http://127.0.0.1:" + std::to_string(server_.serverPort()) + "/jwks";
        fetch(url, [&](const Result<std::string>&) { ++answers; });
        fetch(url, [&](const Result<std::string>&) { ++answers; });
        QTRY_COMPARE_WITH_TIMEOUT(answers.load(), 2, 10'000);
        QCOMPARE(lines.load(), 1);
    }

    void theEndOfTheClientIsNoFailureOfTheKeys() {
        answer_.clear();
        asked_ = 0;
        const SystemClock clock;
        std::atomic<int> lines = 0;
        Log log(clock);
        log.addSink([&lines](const LogRecord&) { ++lines; });
        std::string code;
        {
            httpclient::HttpClient client;
            proxy::makeKeyFetcher(client, log)("http://127.0.0.1:" + std::to_string(server_.serverPort()) + "/jwks",
                                               [&](const Result<std::string>& body) { code = body.error().code; });
        }
        QCOMPARE(code, std::string("stopped"));
        QCOMPARE(lines.load(), 0);
    }

    void whatWasAskedForUnderTlsComesUnderTls() {
        if (!QSslSocket::supportsSsl())
            QSKIP("This Qt has no TLS.");
        answer_ = response("200 OK", QByteArray::fromStdString(keys_));
        asked_ = 0;
        const auto pem = makePem(-60, 3600);
        auto configuration = QSslConfiguration::defaultConfiguration();
        configuration.setLocalCertificate(QSslCertificate(QByteArray::fromStdString(pem.certificate)));
        configuration.setPrivateKey(QSslKey(QByteArray::fromStdString(pem.key), QSsl::Ec));
        QSslServer secure;
        secure.setSslConfiguration(configuration);
        QVERIFY(secure.listen(QHostAddress::LocalHost));
        const auto plain = "http://127.0.0.1:" + QByteArray::number(server_.serverPort()) + "/moved";
        const auto own = "https://127.0.0.1:" + QByteArray::number(secure.serverPort());
        connect(&secure, &QTcpServer::pendingConnectionAvailable, &secure, [&] {
            auto* socket = secure.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [&, socket] {
                const auto request = socket->readAll();
                if (request.startsWith("GET /down "))
                    socket->write(response("302 Found", {}, "Location: " + plain + "\r\n"));
                else if (request.startsWith("GET /along "))
                    socket->write(response("302 Found", {}, "Location: " + own + "/keys\r\n"));
                else
                    socket->write(response("200 OK", "keys"));
                socket->disconnectFromHost();
            });
        });
        httpclient::HttpClient client;
        auto tls = std::make_shared<httpclient::TlsOptions>();
        tls->insecure = true;
        for (const bool down : {true, false}) {
            httpclient::Request request;
            request.url = (own + (down ? "/down" : "/along")).toStdString();
            request.maxRedirects = proxy::kKeySetRedirects;
            request.tls = tls;
            std::atomic<int> status = 0;
            client.send(std::move(request),
                        [&status](const Expected<httpclient::Response, httpclient::Failure>& outcome) {
                            status = outcome ? outcome->status : -1 - int(outcome.error().kind);
                        });
            QTRY_VERIFY_WITH_TIMEOUT(status != 0, 10'000);
            QCOMPARE(status.load(), down ? -1 - int(httpclient::Failure::Kind::Invalid) : 200);
        }
        QCOMPARE(asked_, 0);
    }
};

QTEST_GUILESS_MAIN(KeyFetcherTest)
#include "tst_key_fetcher.moc"
