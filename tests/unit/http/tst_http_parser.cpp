#include "server/http/parser.h"
#include "tests/unit/http/bad_requests.h"

#include <QtTest>

#include <set>
#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::http;
using State = RequestParser::State;

namespace {

struct Run {
    std::vector<Request> requests;
    std::optional<Refusal> refusal;
    State state = State::Head;
};

/// Feeds `bytes` cut at the given places, as a connection would, with the REST body limit.
Run run(std::string_view bytes, const std::vector<std::size_t>& cuts = {}, std::uint64_t bodyLimit = kRestBodyLimit,
        HeadLimits limits = {}) {
    RequestParser parser(limits);
    Run result;
    std::size_t start = 0;
    auto ends = cuts;
    ends.push_back(bytes.size());
    for (const std::size_t end : ends) {
        std::string_view part = bytes.substr(start, end - start);
        start = end;
        while (!part.empty() && parser.state() != State::Failed) {
            part.remove_prefix(parser.feed(part));
            if (parser.state() == State::HeadComplete)
                parser.acceptBody(bodyLimit);
            if (parser.state() == State::Complete)
                result.requests.push_back(parser.takeRequest());
        }
    }
    result.state = parser.state();
    if (result.state == State::Failed)
        result.refusal = parser.refusal();
    return result;
}

const std::string kGet = "GET /a?b=c HTTP/1.1\r\nHost: localhost:3001\r\n\r\n";
const std::string kPost = "POST /a HTTP/1.1\r\nHost: localhost:3001\r\nContent-Length: 5\r\n\r\nhello";
const std::string kChunked =
    "POST /c HTTP/1.1\r\nHost: localhost:3001\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\nA;name=\"va;l\";b\r\n, chunked!\r\n0\r\nX-Sum: 1\r\n\r\n";

std::string headOf(std::size_t size) {
    // Fields of at most the line limit fill the head up to exactly `size` bytes.
    std::string head = "GET / HTTP/1.1\r\n";
    std::size_t left = size - head.size() - 2;
    while (left > 0) {
        const std::size_t line = left > 4000 ? 2000 : left;
        head += "A: " + std::string(line - 5, 'x') + "\r\n";
        left -= line;
    }
    return head + "\r\n";
}

}  // namespace

class HttpParserTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsAHead() {
        const auto result = inspectHead(
            "PUT /a%20b/c?x=%2F&y HTTP/1.1\r\nHost: h\r\nX-A: \t v w \t\r\nx-a: second\r\nEmpty:\r\n\r\nrest");
        QVERIFY(result.state == HeadResult::State::Complete);
        QCOMPARE(result.head.method, std::string("PUT"));
        QCOMPARE(result.head.path, std::string("/a b/c"));
        QCOMPARE(result.head.query, std::string("x=%2F&y"));
        QCOMPARE(result.head.header("X-a"), std::string_view("v w"));
        QCOMPARE(result.head.fields.count("x-A"), std::size_t(2));
        QVERIFY(result.head.fields.contains("empty"));
        QVERIFY(!result.head.fields.contains("none"));
        QCOMPARE(result.head.size, std::size_t(77));
        QVERIFY(result.head.keepAlive);
        QVERIFY(!result.head.hasBody());
    }

    void keepsTheOrderAndTheSpellingOfFields() {
        const auto result = inspectHead("GET / HTTP/1.1\r\nb: 1\r\nA: 2\r\nB: 3\r\nHost: h\r\n\r\n");
        std::string names;
        for (const auto& field : result.head.fields)
            names += field.name + field.value + ' ';
        QCOMPARE(names, std::string("b1 B3 A2 Hosth "));
    }

    void everyShorterHeadNeedsMore() {
        const std::string bytes = "GET /a HTTP/1.1\r\nHost: localhost\r\nA: b\r\n\r\n";
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY2(inspectHead(bytes.substr(0, size)).state == HeadResult::State::NeedMore,
                     std::to_string(size).c_str());
        QVERIFY(inspectHead(bytes).state == HeadResult::State::Complete);
    }

    void aBadHeadIsRefusedBeforeItIsComplete() {
        for (const char* bytes :
             {"\x16", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost : ", "GET / HTTP/1.1\r\n ", "GET /\x01", "\r\n"})
            QVERIFY2(inspectHead(bytes).state == HeadResult::State::Bad, bytes);
    }

    void theCorpusIsLarge() {
        const auto rows = test::badRequests();
        QVERIFY2(rows.size() >= 250, std::to_string(rows.size()).c_str());
        std::set<std::string> names;
        for (const auto& row : rows)
            QVERIFY2(names.insert(row.name).second, row.name.c_str());
    }

    void refusesBadRequests_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        for (const auto& row : test::badRequests())
            QTest::newRow(row.name.c_str()) << QByteArray::fromStdString(row.bytes) << row.status;
    }
    void refusesBadRequests() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        const std::string text = bytes.toStdString();
        std::vector<std::size_t> everywhere;
        for (std::size_t i = 1; i < text.size(); ++i)
            everywhere.push_back(i);
        for (const auto& cuts : {std::vector<std::size_t>{}, everywhere, std::vector<std::size_t>{text.size() / 2}}) {
            const auto result = run(text, cuts);
            QVERIFY(result.refusal.has_value());
            QCOMPARE(result.refusal->status, status);
            QVERIFY(!result.refusal->reason.empty());
            QCOMPARE(result.requests.size(), std::size_t(0));
        }
    }

    void afterARefusalNothingIsTaken() {
        RequestParser parser;
        parser.feed("GET / HTTP/1.1\n");
        QVERIFY(parser.state() == State::Failed);
        QCOMPARE(parser.feed(kGet), std::size_t(0));
        parser.acceptBody(10);
        QVERIFY(parser.state() == State::Failed);
    }

    void readsValidRequestsCutAnywhere_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("no body") << QByteArray::fromStdString(kGet) << QByteArray();
        QTest::newRow("with a length") << QByteArray::fromStdString(kPost) << QByteArray("hello");
        QTest::newRow("chunked") << QByteArray::fromStdString(kChunked) << QByteArray("hello, chunked!");
        QTest::newRow("length zero") << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
                                     << QByteArray();
        QTest::newRow("length with zeros")
            << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0005\r\n\r\nhello") << QByteArray("hello");
        QTest::newRow("empty chunked")
            << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n") << QByteArray();
        QTest::newRow("body that looks like a request")
            << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 23\r\n\r\nGET /x HTTP/1.1\r\nA: b\r\n")
            << QByteArray("GET /x HTTP/1.1\r\nA: b\r\n");
        QTest::newRow("binary body") << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n\0\r\n\xff",
                                                   51)
                                     << QByteArray("\0\r\n\xff", 4);
        QTest::newRow("HTTP/1.0") << QByteArray("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nok") << QByteArray("ok");
        QTest::newRow("last chunk with an extension")
            << QByteArray("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n000;x=y\r\n\r\n")
            << QByteArray("a");
    }
    void readsValidRequestsCutAnywhere() {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, body);
        const std::string text = bytes.toStdString();
        const auto check = [&](const std::vector<std::size_t>& cuts) {
            const auto result = run(text, cuts);
            return !result.refusal && result.requests.size() == 1 &&
                   result.requests[0].body.view() == body.toStdString();
        };
        QVERIFY(check({}));
        std::vector<std::size_t> everywhere;
        for (std::size_t first = 1; first < text.size(); ++first) {
            QVERIFY2(check({first}), std::to_string(first).c_str());
            everywhere.push_back(first);
            for (std::size_t second = first + 1; second < text.size(); ++second)
                QVERIFY(check({first, second}));
        }
        QVERIFY(check(everywhere));
    }

    void servesPipelinedRequestsInOrder() {
        const std::string bytes = kGet + kPost + kChunked + kGet + kPost;
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            const auto result = run(bytes, {cut});
            QCOMPARE(result.requests.size(), std::size_t(5));
            QCOMPARE(result.requests[0].head.query, std::string("b=c"));
            QCOMPARE(result.requests[1].body.view(), std::string_view("hello"));
            QCOMPARE(result.requests[2].body.view(), std::string_view("hello, chunked!"));
            QCOMPARE(result.requests[4].body.view(), std::string_view("hello"));
        }
    }

    void saysHowMuchWasConsumed() {
        RequestParser parser;
        QVERIFY(parser.idle());
        QCOMPARE(parser.feed(kPost + kGet), kPost.size() - 5);
        QVERIFY(parser.state() == State::HeadComplete);
        QVERIFY(!parser.idle());
        QCOMPARE(parser.feed("hello"), std::size_t(0));
        parser.acceptBody(5);
        QVERIFY(parser.state() == State::Body);
        QCOMPARE(parser.feed("hello" + kGet), std::size_t(5));
        QVERIFY(parser.state() == State::Complete);
        QCOMPARE(parser.takeRequest().body.view(), std::string_view("hello"));
        QVERIFY(parser.idle());
    }

    void leavesWhatFollowsAnUpgrade() {
        RequestParser parser;
        const std::string head = "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n";
        QCOMPARE(parser.feed(head + "\x81\x85 frames"), head.size());
        QVERIFY(parser.state() == State::HeadComplete);
        QCOMPARE(parser.feed("\x81\x85 frames"), std::size_t(0));
    }

    void theCallerMayRefuseFromTheHead() {
        RequestParser parser;
        parser.feed(kPost);
        parser.refuse({421, "Another host."});
        QVERIFY(parser.state() == State::Failed);
        QCOMPARE(parser.refusal().status, 421);
        QCOMPARE(parser.feed("hello"), std::size_t(0));
    }

    void limitsTheHead_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("status");
        QTest::newRow("n-1") << 16383 << 0;
        QTest::newRow("n") << 16384 << 0;
        QTest::newRow("n+1") << 16385 << 431;
        QTest::newRow("2n") << 32768 << 431;
    }
    void limitsTheHead() {
        QFETCH(int, size);
        QFETCH(int, status);
        const std::string head = headOf(static_cast<std::size_t>(size));
        QCOMPARE(head.size(), static_cast<std::size_t>(size));
        const auto peeked = inspectHead(head);
        QCOMPARE(peeked.refusal.status, status == 0 ? 400 : status);
        QVERIFY(peeked.state == (status == 0 ? HeadResult::State::Complete : HeadResult::State::TooLarge));
        for (const auto& cuts :
             {std::vector<std::size_t>{}, std::vector<std::size_t>{100}, std::vector<std::size_t>{16380}}) {
            const auto result = run(head, cuts);
            QCOMPARE(result.refusal ? result.refusal->status : 0, status);
            QCOMPARE(result.requests.size(), std::size_t(status == 0 ? 1 : 0));
        }
    }

    void refusesAnEndlessHeadBeforeItEnds() {
        QVERIFY(inspectHead("GET / HTTP/1.1\r\nA: " + std::string(8192, 'x')).state == HeadResult::State::TooLarge);
        QVERIFY(inspectHead("GET /" + std::string(8188, 'x')).state == HeadResult::State::TooLarge);
        const auto result = run(std::string(16384, 'x'));
        QCOMPARE(result.refusal->status, 414);
        // A full head without its end can't become valid any more.
        const auto full = headOf(16386).substr(0, 16384);
        QVERIFY(inspectHead(full).state == HeadResult::State::TooLarge);
    }

    void limitsALine_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<bool>("fits");
        QTest::newRow("n-1") << 8191 << true;
        QTest::newRow("n") << 8192 << true;
        QTest::newRow("n+1") << 8193 << false;
    }
    void limitsALine() {
        QFETCH(int, size);
        QFETCH(bool, fits);
        const auto length = static_cast<std::size_t>(size);
        const auto field = run("GET / HTTP/1.1\r\nA: " + std::string(length - 3, 'x') + "\r\n\r\n");
        QCOMPARE(field.refusal ? field.refusal->status : 0, fits ? 0 : 431);
        const auto line = run("GET /" + std::string(length - 14, 'x') + " HTTP/1.1\r\n\r\n");
        QCOMPARE(line.refusal ? line.refusal->status : 0, fits ? 0 : 414);
    }

    void limitsTheNumberOfFields_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("status");
        QTest::newRow("none") << 0 << 0;
        QTest::newRow("n-1") << 99 << 0;
        QTest::newRow("n") << 100 << 0;
        QTest::newRow("n+1") << 101 << 431;
    }
    void limitsTheNumberOfFields() {
        QFETCH(int, count);
        QFETCH(int, status);
        std::string head = "GET / HTTP/1.1\r\n";
        for (int i = 0; i < count; ++i)
            head += "A: b\r\n";
        const auto result = run(head + "\r\n");
        QCOMPARE(result.refusal ? result.refusal->status : 0, status);
    }

    void limitsTheBody_data() {
        QTest::addColumn<bool>("chunked");
        QTest::addColumn<quint64>("limit");
        QTest::addColumn<int>("difference");
        QTest::addColumn<int>("status");
        for (const bool chunked : {false, true}) {
            for (const quint64 limit : {quint64(kRestBodyLimit), quint64(kEmulationBodyLimit)}) {
                const QByteArray name = QByteArray(chunked ? "chunked " : "length ") + QByteArray::number(limit);
                QTest::newRow((name + ": n-1").constData()) << chunked << limit << -1 << 0;
                QTest::newRow((name + ": n").constData()) << chunked << limit << 0 << 0;
                QTest::newRow((name + ": n+1").constData()) << chunked << limit << 1 << 413;
            }
        }
    }
    void limitsTheBody() {
        QFETCH(bool, chunked);
        QFETCH(quint64, limit);
        QFETCH(int, difference);
        QFETCH(int, status);
        const std::size_t size = limit + static_cast<std::size_t>(static_cast<qint64>(difference));
        std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\n";
        if (chunked) {
            bytes += "Transfer-Encoding: chunked\r\n\r\n";
            for (std::size_t left = size; left > 0;) {
                const std::size_t part = std::min<std::size_t>(left, 60000);
                bytes +=
                    QByteArray::number(qulonglong(part), 16).toStdString() + "\r\n" + std::string(part, 'x') + "\r\n";
                left -= part;
            }
            bytes += "0\r\n\r\n";
        } else {
            bytes += "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
        }
        const auto result = run(bytes, {}, limit);
        QCOMPARE(result.refusal ? result.refusal->status : 0, status);
        if (status == 0)
            QCOMPARE(result.requests.at(0).body.size(), size);
    }

    void aLargeLengthIsRefusedFromTheHeadAlone() {
        RequestParser parser;
        parser.feed("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\nExpect: 100-continue\r\n\r\n");
        QVERIFY(parser.state() == State::HeadComplete);
        parser.acceptBody(kRestBodyLimit);
        QVERIFY(parser.state() == State::Failed);
        QCOMPARE(parser.refusal().status, 413);
    }

    void limitsChunkLinesAndTrailers_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("fits");
        for (const int difference : {-1, 0, 1}) {
            const QByteArray name = "n" + QByteArray::number(difference);
            const auto extension = QByteArray(static_cast<int>(kChunkLineLimit) + difference - 2, 'x');
            QTest::newRow(("size line " + name).constData()) << "1;" + extension + "\r\na\r\n0\r\n\r\n"
                                                             << (difference <= 0);
            // All trailer lines together, with their line ends and the empty line.
            const auto value = QByteArray(static_cast<int>(kTrailerLimit) + difference - 7, 'x');
            QTest::newRow(("trailers " + name).constData()) << "0\r\nA: " + value + "\r\n\r\n" << (difference <= 0);
        }
    }
    void limitsChunkLinesAndTrailers() {
        QFETCH(QByteArray, body);
        QFETCH(bool, fits);
        const auto result = run("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body.toStdString());
        QCOMPARE(!result.refusal.has_value(), fits);
    }

    void saysWhoWaitsForContinue_data() {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<bool>("waits");
        QTest::newRow("with a body") << QByteArray(
                                            "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n")
                                     << true;
        QTest::newRow("chunked") << QByteArray(
                                        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
                                 << true;
        QTest::newRow("without a body") << QByteArray("POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n") << false;
        QTest::newRow("HTTP/1.0") << QByteArray("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                                  << false;
        QTest::newRow("no Expect") << QByteArray("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n") << false;
    }
    void saysWhoWaitsForContinue() {
        QFETCH(QByteArray, head);
        QFETCH(bool, waits);
        const auto result = inspectHead(head.toStdString());
        QVERIFY(result.state == HeadResult::State::Complete);
        QCOMPARE(result.head.expectsContinue, waits);
    }

    void saysWhoKeepsTheConnection_data() {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<bool>("keeps");
        QTest::newRow("1.1") << QByteArray("GET / HTTP/1.1\r\n\r\n") << true;
        QTest::newRow("1.1 close") << QByteArray("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n") << false;
        QTest::newRow("1.1 close in a list") << QByteArray("GET / HTTP/1.1\r\nConnection: te, close\r\n\r\n") << false;
        QTest::newRow("1.1 close in a second line")
            << QByteArray("GET / HTTP/1.1\r\nConnection: te\r\nConnection: close\r\n\r\n") << false;
        QTest::newRow("1.0") << QByteArray("GET / HTTP/1.0\r\n\r\n") << false;
        QTest::newRow("1.0 keep-alive") << QByteArray("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") << true;
        QTest::newRow("1.0 both") << QByteArray("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n") << false;
    }
    void saysWhoKeepsTheConnection() {
        QFETCH(QByteArray, head);
        QFETCH(bool, keeps);
        QCOMPARE(inspectHead(head.toStdString()).head.keepAlive, keeps);
    }
};

QTEST_APPLESS_MAIN(HttpParserTest)
#include "tst_http_parser.moc"
