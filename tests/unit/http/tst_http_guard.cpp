#include "server/http/guard.h"
#include "server/http/origin_pattern.h"
#include "server/http/upgrade.h"

#include <QtTest>

#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::http;

namespace {

Head headWith(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
    auto result = inspectHead(line + "\r\n" + fields + "\r\n");
    Q_ASSERT(result.state == HeadResult::State::Complete);
    return result.head;
}

GuardConfig config() {
    GuardConfig result;
    result.hosts = {"Dev.Example.test", "proxy.example.test:443", "box:8080", "[fe80::1]"};
    result.origins = {"https://app.example.test", "http://app.example.test:8080", "tauri://localhost"};
    return result;
}

struct Row {
    const char* value;
    bool allowed;
};

constexpr Row kOrigins[] = {
    {"http://localhost", true},
    {"http://localhost:3001", true},
    {"http://localhost:5173", true},
    {"https://localhost:5173", true},
    {"http://LOCALHOST:5173", true},
    {"HTTP://localhost:5173", true},
    {"http://127.0.0.1", true},
    {"http://127.0.0.1:8000", true},
    {"https://127.0.0.1:8000", true},
    {"http://[::1]:8000", true},
    {"http://app.localhost:5173", true},
    {"http://a.b.localhost", true},
    {"http://localhost:65535", true},
    {"http://localhost:1", true},
    {"https://app.example.test", true},
    {"https://app.example.test:443", true},
    {"https://APP.example.test", true},
    {"http://app.example.test:8080", true},
    {"tauri://localhost", true},
    {"http://dev.example.test:3001", true},
    {"https://dev.example.test:3001", true},
    {"https://proxy.example.test", true},
    {"https://proxy.example.test:443", true},
    {"http://box:8080", true},
    {"", false},
    {"null", false},
    {"NULL", false},
    {"*", false},
    {"http://", false},
    {"http:", false},
    {"localhost", false},
    {"localhost:3001", false},
    {"//localhost:3001", false},
    {"http:/localhost:3001", false},
    {"://localhost", false},
    {"http://localhost:3001/", false},
    {"http://localhost:3001/path", false},
    {"http://localhost:3001?x", false},
    {"http://localhost:3001#x", false},
    {"http://localhost:", false},
    {"http://localhost:0", false},
    {"http://localhost:00080", false},
    {"http://localhost:080", false},
    {"http://localhost:65536", false},
    {"http://localhost:99999999999", false},
    {"http://localhost:+80", false},
    {"http://localhost:-80", false},
    {"http://localhost:8o", false},
    {"http://localhost:80:80", false},
    {"http://localhost.", false},
    {"http://.localhost", false},
    {"http://a..localhost", false},
    {"http://localhost.evil.test", false},
    {"http://localhost.evil.test:3001", false},
    {"http://evil-localhost:3001", false},
    {"http://evillocalhost", false},
    {"http://127.0.0.1.evil.test", false},
    {"http://127.0.0.1.nip.io:3001", false},
    {"http://127.0.0.2", false},
    {"http://127.1", false},
    {"http://0.0.0.0:3001", false},
    {"http://0x7f.0.0.1", false},
    {"http://0177.0.0.1", false},
    {"http://2130706433", false},
    {"http://[::]:3001", false},
    {"http://[::ffff:127.0.0.1]", false},
    {"http://[0:0:0:0:0:0:0:1]", false},
    {"http://[::1", false},
    {"http://::1", false},
    {"http://[::1]x", false},
    {"http://[::1].evil.test", false},
    {"http://[]", false},
    {"http://user@localhost:3001", false},
    {"http://localhost@evil.test", false},
    {"http://localhost:80@evil.test", false},
    {"http://evil.test#@localhost", false},
    {"http://evil.test\\@localhost", false},
    {"http://local%68ost", false},
    {"http://localhost%00.evil.test", false},
    {"http://localhost evil.test", false},
    {"http://localhost, http://evil.test", false},
    {"http://localhost http://evil.test", false},
    {"http://evil.test", false},
    {"https://evil.test:3001", false},
    {"http://192.168.1.10:3001", false},
    {"http://app.example.test", false},
    {"https://app.example.test:8443", false},
    {"http://app.example.test:8081", false},
    {"https://x.app.example.test", false},
    {"https://app.example.test.evil.test", false},
    {"https://appXexample.test", false},
    {"ws://localhost:3001", false},
    {"wss://localhost:3001", false},
    {"ftp://localhost", false},
    {"file://", false},
    {"file://localhost", false},
    {"chrome-extension://abcdefgh", false},
    {"tauri://localhost:1", false},
    {"tauri://evil", false},
    {"capacitor://localhost", false},
    {"http://dev.example.test", false},
    {"http://dev.example.test:3002", false},
    {"http://proxy.example.test", false},
    {"http://proxy.example.test:3001", false},
    {"http://box", false},
    {"http://\xc3\xa4.localhost", false},
    {"http://localhost\xc2\xad", false},
};

constexpr Row kHosts[] = {
    {"localhost:3001", true},
    {"LocalHost:3001", true},
    {"127.0.0.1:3001", true},
    {"[::1]:3001", true},
    {"app.localhost:3001", true},
    {"a.b.localhost:3001", true},
    {"dev.example.test:3001", true},
    {"DEV.example.TEST:3001", true},
    {"proxy.example.test:443", true},
    {"box:8080", true},
    {"[fe80::1]:3001", true},
    {"", false},
    {"localhost", false},
    {"localhost:", false},
    {"localhost:80", false},
    {"localhost:3002", false},
    {"localhost:03001", false},
    {"localhost:3001 ", true},
    {"localhost :3001", false},
    {"localhost:3001,evil.test", false},
    {"localhost:3001/", false},
    {"localhost:68537", false},
    {"127.0.0.1", false},
    {"127.0.0.1:3002", false},
    {"127.0.0.2:3001", false},
    {"127.1:3001", false},
    {"0.0.0.0:3001", false},
    {"0x7f000001:3001", false},
    {"2130706433:3001", false},
    {"[::1]", false},
    {"::1:3001", false},
    {"[::]:3001", false},
    {"[::ffff:127.0.0.1]:3001", false},
    {"[::1%25lo]:3001", false},
    {"[::1:3001", false},
    {"[::1]3001", false},
    {"localhost.:3001", false},
    {".localhost:3001", false},
    {"a..localhost:3001", false},
    {"xlocalhost:3001", false},
    {"localhost.evil.test:3001", false},
    {"evil.test:3001", false},
    {"evil.test", false},
    {"user@localhost:3001", false},
    {"http://localhost:3001", false},
    {"local%68ost:3001", false},
    {"dev.example.test", false},
    {"dev.example.test:443", false},
    {"x.dev.example.test:3001", false},
    {"proxy.example.test", false},
    {"proxy.example.test:3001", false},
    {"box", false},
    {"box:3001", false},
    {"*", false},
    {"localhost\xc2\xad:3001", false},
};

}  // namespace

class HttpGuardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theTablesAreLarge() {
        QVERIFY(std::size(kOrigins) >= 80);
        QVERIFY(std::size(kHosts) >= 50);
    }

    void decidesOnOrigins_data() {
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<bool>("allowed");
        for (const auto& row : kOrigins)
            QTest::newRow(row.value[0] == '\0' ? "empty" : row.value) << QByteArray(row.value) << row.allowed;
    }
    void decidesOnOrigins() {
        QFETCH(QByteArray, origin);
        QFETCH(bool, allowed);
        const Guard guard(config());
        const auto answer = guard.check(headWith("Host: localhost:3001\r\nOrigin: " + origin.toStdString() + "\r\n"));
        QCOMPARE(answer.allowed, allowed);
        QCOMPARE(answer.status, allowed ? 0 : 403);
        QCOMPARE(answer.check, std::string(allowed ? "" : "origin"));
        QCOMPARE(answer.found.empty(), allowed);
        QCOMPARE(answer.expected.empty(), allowed);
        QCOMPARE(answer.advice.empty(), allowed);
    }

    void decidesOnHosts_data() {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("allowed");
        for (const auto& row : kHosts)
            QTest::newRow(row.value[0] == '\0' ? "empty" : row.value) << QByteArray(row.value) << row.allowed;
    }
    void decidesOnHosts() {
        QFETCH(QByteArray, host);
        QFETCH(bool, allowed);
        const Guard guard(config());
        const auto answer = guard.check(headWith("Host: " + host.toStdString() + "\r\n"));
        QCOMPARE(answer.allowed, allowed);
        QCOMPARE(answer.status, allowed ? 0 : 421);
        QCOMPARE(answer.check, std::string(allowed ? "" : "host"));
        QCOMPARE(answer.found.empty(), allowed);
    }

    void wantsExactlyOneHost() {
        const Guard guard(config());
        QCOMPARE(guard.check(headWith("")).status, 421);
        QCOMPARE(guard.check(headWith("Host: localhost:3001\r\nHost: localhost:3001\r\n")).status, 421);
        QCOMPARE(guard.check(headWith("Host: localhost:3001\r\nhost: evil.test\r\n")).status, 421);
    }

    void wantsTheSameHostInAnAbsoluteTarget_data() {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<int>("status");
        QTest::newRow("same") << QByteArray("http://localhost:3001/a") << 0;
        QTest::newRow("same without a path") << QByteArray("http://localhost:3001") << 0;
        QTest::newRow("other case") << QByteArray("HTTP://LOCALHOST:3001/a") << 0;
        QTest::newRow("https on a plain server") << QByteArray("https://localhost:3001/a") << 421;
        QTest::newRow("other name") << QByteArray("http://127.0.0.1:3001/a") << 421;
        QTest::newRow("other port") << QByteArray("http://localhost:3002/a") << 421;
        QTest::newRow("no port") << QByteArray("http://localhost/a") << 421;
        QTest::newRow("evil") << QByteArray("http://evil.test/a") << 421;
        QTest::newRow("with a user") << QByteArray("http://a@localhost:3001/a") << 421;
    }
    void wantsTheSameHostInAnAbsoluteTarget() {
        QFETCH(QByteArray, target);
        QFETCH(int, status);
        const Guard guard(config());
        QCOMPARE(guard.check(headWith("Host: localhost:3001\r\n", "GET " + target.toStdString() + " HTTP/1.1")).status,
                 status);
    }

    void checksTheHostFirst() {
        const Guard guard(config());
        QCOMPARE(guard.check(headWith("Host: evil.test\r\nOrigin: http://evil.test\r\n")).status, 421);
        QCOMPARE(guard.checkOrigin(headWith("Host: evil.test\r\n")).status, 0);
    }

    void aSecondOriginIsRefused() {
        const Guard guard(config());
        const auto fields = "Host: localhost:3001\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n";
        QCOMPARE(guard.check(headWith(fields)).status, 403);
    }

    void loopbackOriginsCanBeSwitchedOff() {
        auto strict = config();
        strict.allowLoopbackOrigins = false;
        const Guard guard(strict);
        QCOMPARE(guard.check(headWith("Host: localhost:3001\r\nOrigin: http://localhost:5173\r\n")).status, 403);
        QCOMPARE(guard.check(headWith("Host: localhost:3001\r\nOrigin: http://localhost:3001\r\n")).status, 0);
        QCOMPARE(guard.check(headWith("Host: localhost:3001\r\nOrigin: https://app.example.test\r\n")).status, 0);
    }

    void aHostWithoutPortMeansTheSchemesOwn() {
        GuardConfig plain;
        plain.port = 80;
        QCOMPARE(Guard(plain).check(headWith("Host: localhost\r\n")).status, 0);
        QCOMPARE(Guard(plain).check(headWith("Host: localhost:80\r\n")).status, 0);
        GuardConfig secure;
        secure.port = 443;
        secure.tls = true;
        QCOMPARE(Guard(secure).check(headWith("Host: localhost\r\n")).status, 0);
        QCOMPARE(Guard(secure).check(headWith("Host: localhost:80\r\n")).status, 421);
        QCOMPARE(Guard(secure).check(headWith("Host: localhost\r\n", "GET https://localhost/ HTTP/1.1")).status, 0);
        QCOMPARE(Guard(secure).check(headWith("Host: localhost\r\n", "GET http://localhost/ HTTP/1.1")).status, 421);
    }

    void underTlsAPlainPageOfAConfiguredNameIsForeign() {
        auto secure = config();
        secure.tls = true;
        const Guard guard(secure);
        QCOMPARE(guard.checkOrigin(headWith("Origin: http://dev.example.test:3001\r\n")).status, 403);
        QCOMPARE(guard.checkOrigin(headWith("Origin: https://dev.example.test:3001\r\n")).status, 0);
    }

    void matchesOriginPatterns_data() {
        QTest::addColumn<QByteArray>("pattern");
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<bool>("fits");
        const auto row = [](const char* pattern, const char* origin, bool fits) {
            QTest::addRow("%s against %s", pattern, origin) << QByteArray(pattern) << QByteArray(origin) << fits;
        };
        row("*", "https://any.example.test", true);
        row("*", "null", true);
        row("https://app.example.test", "https://app.example.test", true);
        row("https://app.example.test", "https://APP.Example.test", true);
        row("https://app.example.test", "https://app.example.test:8443", false);
        row("https://*.example.test", "https://a.b.example.test", true);
        row("https://*.example.test", "https://example.test", false);
        row("*.example.test", "https://two.Example.test", true);
        row("http://localhost:*", "http://localhost:5173", true);
        row("http://localhost:*", "http://localhost", false);
        row("http://localhost:300?", "http://localhost:3001", true);
        row("http://localhost:300?", "http://localhost:30011", false);
        row("http://host[123]", "http://host2", true);
        row("http://host[!123]", "http://host2", false);
        row("http://host[a-c]", "http://hostb", true);
        row("http://host[a-c]", "http://hostd", false);
        row("{http,https}://app.test", "https://app.test", true);
        row("{http,https}://app.test", "ftp://app.test", false);
        row("http://{a,b*}.test", "http://bcd.test", true);
        row("a\\*b", "a*b", true);
        row("a\\*b", "axb", false);
        row("", "x", false);
        row("[", "[", false);
        row("{a", "a", true);
        row("{a", "{a", false);
        row("http://host[^1]", "http://host1", true);
        row("http://host[^1]", "http://host2", false);
        row("http://host[a-cx]", "http://hostx", false);
        row("a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false);
    }

    void matchesOriginPatterns() {
        QFETCH(QByteArray, pattern);
        QFETCH(QByteArray, origin);
        QFETCH(bool, fits);
        QCOMPARE(matchesOriginPattern(pattern.toStdString(), origin.toStdString()), fits);
    }

    void originPatternsAddToTheOrigins() {
        auto patterns = config();
        patterns.originPatterns = {"https://*.shop.test"};
        const Guard guard(patterns);
        QVERIFY(guard.checkOrigin(headWith("Origin: https://eu.shop.test\r\n")).allowed);
        QVERIFY(!guard.checkOrigin(headWith("Origin: https://eu.shop.test.evil.test\r\n")).allowed);
        QVERIFY(guard.checkOrigin(headWith("Origin: https://app.example.test\r\n")).allowed);
        patterns.originPatterns = {"[open"};
        QCOMPARE(Guard::invalidEntries(patterns), std::vector<std::string>{"[open"});
    }

    void anyHostWillDoWhereSaid() {
        auto open = config();
        open.anyHost = true;
        const Guard guard(open);
        QVERIFY(guard.checkHost(headWith("Host: centrifugo:8000\r\n")).allowed);
        QVERIFY(guard.checkHost(headWith("", "GET / HTTP/1.0")).allowed);
        QVERIFY(!guard.checkHost(headWith("")).allowed);
        QVERIFY(!guard.checkHost(headWith("Host: a b\r\n")).allowed);
        QVERIFY(!guard.checkOrigin(headWith("Host: evil.test\r\nOrigin: http://evil.test\r\n")).allowed);
    }

    void knowsItsOwnPages_data() {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<bool>("own");
        QTest::newRow("same") << QByteArray("Host: localhost:3001\r\nOrigin: http://localhost:3001\r\n") << true;
        QTest::newRow("other port") << QByteArray("Host: localhost:3001\r\nOrigin: http://localhost:5173\r\n") << false;
        QTest::newRow("other name") << QByteArray("Host: localhost:3001\r\nOrigin: http://127.0.0.1:3001\r\n") << false;
        QTest::newRow("no origin") << QByteArray("Host: localhost:3001\r\n") << false;
        QTest::newRow("no host") << QByteArray("Origin: http://localhost:3001\r\n") << false;
        QTest::newRow("null") << QByteArray("Host: localhost:3001\r\nOrigin: null\r\n") << false;
        QTest::newRow("behind a TLS proxy")
            << QByteArray("Host: proxy.example.test\r\nOrigin: https://proxy.example.test\r\n") << true;
        QTest::newRow("other scheme") << QByteArray("Host: localhost:3001\r\nOrigin: ws://localhost:3001\r\n") << false;
    }
    void knowsItsOwnPages() {
        QFETCH(QByteArray, fields);
        QFETCH(bool, own);
        QCOMPARE(Guard(config()).isOwnPage(headWith(fields.toStdString())), own);
    }

    void namesEntriesThatCannotBeRead() {
        GuardConfig broken;
        broken.hosts = {"good", "http://bad", "bad:0", "good:1"};
        broken.origins = {"https://good", "bad", "https://bad/", "null"};
        const std::vector<std::string> expected{"http://bad", "bad:0", "bad", "https://bad/", "null"};
        QCOMPARE(Guard::invalidEntries(broken), expected);
        QCOMPARE(Guard::invalidEntries(config()).size(), std::size_t(0));
    }

    void theAnswerSaysWhatWasFoundAndWhatToDo() {
        const Guard guard(config());
        const auto answer = guard.check(headWith("Host: localhost:3001\r\nOrigin: http://e\xffvil<b>.test\r\n"));
        QCOMPARE(answer.found, std::string("http://e\\xffvil<b>.test"));
        QVERIFY(answer.expected.find("https://app.example.test") != std::string::npos);
        const auto response = answer.response("/health");
        QCOMPARE(response.status, 403);
        QVERIFY(response.close);
        QVERIFY(response.body.view().find(answer.advice) != std::string_view::npos);
        const auto longOrigin =
            guard.check(headWith("Host: localhost:3001\r\nOrigin: " + std::string(5000, 'x') + "\r\n"));
        QCOMPARE(longOrigin.found.size(), std::size_t(203));
    }

    void corsEchoesTheOriginAlone() {
        Response response;
        addCorsHeaders(headWith("Origin: http://localhost:5173\r\n"), response);
        QCOMPARE(*response.headers.find("Access-Control-Allow-Origin"), std::string_view("http://localhost:5173"));
        QCOMPARE(*response.headers.find("Vary"), std::string_view("Origin"));
        Response none;
        addCorsHeaders(headWith(""), none);
        QVERIFY(!none.headers.contains("Access-Control-Allow-Origin"));
        const auto preflight =
            corsPreflight(headWith("Origin: http://localhost\r\nAccess-Control-Request-Headers: content-type\r\n"));
        QCOMPARE(preflight.status, 204);
        QCOMPARE(*preflight.headers.find("Access-Control-Allow-Headers"), std::string_view("content-type"));
        QCOMPARE(*preflight.headers.find("Access-Control-Allow-Methods"), std::string_view("POST, OPTIONS"));
    }

    void checksUpgrades_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<int>("status");
        const QByteArray get("GET /ws HTTP/1.1");
        const QByteArray upgrade("Upgrade: websocket\r\n");
        const QByteArray connection("Connection: Upgrade\r\n");
        const QByteArray version("Sec-WebSocket-Version: 13\r\n");
        const QByteArray key("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        QTest::newRow("good") << get << upgrade + connection + version + key << 0;
        QTest::newRow("other case") << get
                                    << "UPGRADE: WebSocket\r\nconnection: keep-alive, UPGRADE\r\n" + version + key << 0;
        QTest::newRow("one of several protocols")
            << get << "Upgrade: h2c, websocket\r\n" + connection + version + key << 0;
        QTest::newRow("POST") << QByteArray("POST /ws HTTP/1.1") << upgrade + connection + version + key << 405;
        QTest::newRow("HEAD") << QByteArray("HEAD /ws HTTP/1.1") << upgrade + connection + version + key << 405;
        QTest::newRow("HTTP/1.0") << QByteArray("GET /ws HTTP/1.0") << upgrade + connection + version + key << 400;
        QTest::newRow("no Connection") << get << upgrade + version + key << 400;
        QTest::newRow("Connection keep-alive") << get << upgrade + "Connection: keep-alive\r\n" + version + key << 400;
        QTest::newRow("no Upgrade") << get << connection + version + key << 400;
        QTest::newRow("another Upgrade") << get << "Upgrade: h2c\r\n" + connection + version + key << 400;
        QTest::newRow("Upgrade with a suffix") << get << "Upgrade: websocketx\r\n" + connection + version + key << 400;
        QTest::newRow("no version") << get << upgrade + connection + key << 400;
        QTest::newRow("version 8") << get << upgrade + connection + "Sec-WebSocket-Version: 8\r\n" + key << 400;
        QTest::newRow("version list") << get << upgrade + connection + "Sec-WebSocket-Version: 13, 8\r\n" + key << 400;
        QTest::newRow("version twice") << get << upgrade + connection + version + version + key << 400;
        QTest::newRow("no key") << get << upgrade + connection + version << 400;
        QTest::newRow("key twice") << get << upgrade + connection + version + key + key << 400;
        QTest::newRow("empty key") << get << upgrade + connection + version + "Sec-WebSocket-Key:\r\n" << 400;
        QTest::newRow("15 bytes") << get
                                  << upgrade + connection + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n"
                                  << 400;
        QTest::newRow("17 bytes") << get
                                  << upgrade + connection + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTA=\r\n"
                                  << 400;
        QTest::newRow("not base64") << get
                                    << upgrade + connection + version +
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n"
                                    << 400;
        QTest::newRow("without padding") << get
                                         << upgrade + connection + version +
                                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"
                                         << 400;
        QTest::newRow("with a body") << get << upgrade + connection + version + key + "Content-Length: 5\r\n" << 400;
        QTest::newRow("with a chunked body")
            << get << upgrade + connection + version + key + "Transfer-Encoding: chunked\r\n"
            << 400;
        QTest::newRow("with an empty body") << get << upgrade + connection + version + key + "Content-Length: 0\r\n"
                                            << 0;
    }
    void checksUpgrades() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, fields);
        QFETCH(int, status);
        const auto check = checkUpgrade(headWith(fields.toStdString(), line.toStdString()));
        QCOMPARE(check.status, status);
        QCOMPARE(check.ok(), status == 0);
        QCOMPARE(check.reason.empty(), status == 0);
    }

    void aBadVersionNamesTheRightOne() {
        const auto check =
            checkUpgrade(headWith("Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 7\r\n"));
        QCOMPARE(check.headerName, std::string("Sec-WebSocket-Version"));
        QCOMPARE(check.headerValue, std::string("13"));
    }

    void tellsTypedSubprotocols_data() {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<bool>("typed");
        const QByteArray protocol("Sec-WebSocket-Protocol: centrifuge-json\r\n");
        const QByteArray key("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        QTest::newRow("typed into wscat -H") << protocol + key << true;
        QTest::newRow("other case, others between") << "sec-websocket-protocol: x\r\nA: b\r\n" + key << true;
        QTest::newRow("asked for with wscat -s") << key + protocol << false;
        QTest::newRow("a browser") << "User-Agent: Mozilla/5.0\r\nOrigin: http://localhost\r\n" + protocol + key
                                   << false;
        QTest::newRow("with an origin") << "Origin: http://localhost\r\n" + protocol + key << false;
        QTest::newRow("with a user agent") << "User-Agent: x\r\n" + protocol + key << false;
        QTest::newRow("none") << key << false;
        QTest::newRow("no key") << protocol << false;
    }
    void tellsTypedSubprotocols() {
        QFETCH(QByteArray, fields);
        QFETCH(bool, typed);
        QCOMPARE(subprotocolWasTyped(headWith(fields.toStdString())), typed);
    }

    void choosesTheFirstKnownSubprotocol_data() {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<QByteArray>("chosen");
        QTest::newRow("none") << QByteArray() << QByteArray();
        QTest::newRow("unknown") << QByteArray("Sec-WebSocket-Protocol: graphql-ws\r\n") << QByteArray();
        QTest::newRow("json") << QByteArray("Sec-WebSocket-Protocol: centrifuge-json\r\n")
                              << QByteArray("centrifuge-json");
        QTest::newRow("second") << QByteArray("Sec-WebSocket-Protocol: a, centrifuge-protobuf,centrifuge-json\r\n")
                                << QByteArray("centrifuge-protobuf");
        QTest::newRow("two lines") << QByteArray(
                                          "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: centrifuge-json\r\n")
                                   << QByteArray("centrifuge-json");
        QTest::newRow("other case") << QByteArray("Sec-WebSocket-Protocol: Centrifuge-JSON\r\n") << QByteArray();
    }
    void choosesTheFirstKnownSubprotocol() {
        QFETCH(QByteArray, fields);
        QFETCH(QByteArray, chosen);
        QCOMPARE(chosenSubprotocol(headWith(fields.toStdString())),
                 std::string_view(chosen.constData(), std::size_t(chosen.size())));
    }
};

QTEST_APPLESS_MAIN(HttpGuardTest)
#include "tst_http_guard.moc"
