#include "server/transport/frame_scanner.h"

#include <QTest>

#include <string>

using xshathra::transport::FrameScanner;

namespace {

constexpr FrameScanner::Limits kLimits{1000, 8};

/// A client's frame: masked with four zero bytes.
std::string frame(unsigned char first, std::size_t length, bool masked = true) {
    std::string bytes(1, static_cast<char>(first));
    const unsigned char mask = masked ? 0x80 : 0;
    if (length < 126) {
        bytes += static_cast<char>(mask | length);
    } else if (length < 65536) {
        bytes += static_cast<char>(mask | 126U);
        bytes += static_cast<char>(length >> 8);
        bytes += static_cast<char>(length & 0xff);
    } else {
        bytes += static_cast<char>(mask | 127U);
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes += static_cast<char>((length >> shift) & 0xff);
    }
    if (masked)
        bytes.append(4, '\0');
    return bytes.append(std::min<std::size_t>(length, 4096), 'x');
}

constexpr unsigned char kText = 0x81;
constexpr unsigned char kTextStart = 0x01;
constexpr unsigned char kContinue = 0x00;
constexpr unsigned char kContinueEnd = 0x80;
constexpr unsigned char kPing = 0x89;
constexpr unsigned char kClose = 0x88;

}  // namespace

class TestFrameScanner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judgesFrames_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const std::string& bytes, int code) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << code;
        };
        std::string eight = frame(kTextStart, 0);
        for (int i = 0; i < 6; ++i)
            eight += frame(kContinue, 1);
        row("text", frame(kText, 10), 0);
        row("binary", frame(0x82, 300), 0);
        row("not masked", frame(kText, 10, false), 1002);
        row("first reserved bit", frame(0xC1, 1), 1002);
        row("last reserved bit", frame(0x91, 1), 1002);
        row("reserved data opcode", frame(0x83, 1), 1002);
        row("reserved control opcode", frame(0x8B, 1), 1002);
        row("ping of 125", frame(kPing, 125), 0);
        row("ping of 126", frame(kPing, 126), 1002);
        row("fragmented ping", frame(0x09, 1), 1002);
        row("continuation of nothing", frame(kContinueEnd, 1), 1002);
        row("message inside a message", frame(kTextStart, 1) + frame(kText, 1), 1002);
        row("ping inside a message", frame(kTextStart, 1) + frame(kPing, 1) + frame(kContinueEnd, 1), 0);
        row("message of n-1", frame(kText, 999), 0);
        row("message of n", frame(kText, 1000), 0);
        row("message of n+1", frame(kText, 1001), 1009);
        row("fragments of n together", frame(kTextStart, 500) + frame(kContinueEnd, 500), 0);
        row("fragments of n+1 together", frame(kTextStart, 500) + frame(kContinueEnd, 501), 1009);
        row("length of 2^63", std::string("\x81\xff\x80\0\0\0\0\0\0\0mask", 14), 1009);
        row("length of 2^64-1", std::string("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffmask", 14), 1009);
        row("n-1 fragments", eight.substr(0, eight.size() - 7) + frame(kContinueEnd, 1), 0);
        row("n fragments", eight + frame(kContinueEnd, 1), 0);
        row("n+1 fragments", eight + frame(kContinue, 1) + frame(kContinueEnd, 1), 1008);
        row("bound starts anew with each message", frame(kText, 900) + frame(kText, 900), 0);
        row("anything after close", frame(kClose, 2) + "garbage without sense", 0);
    }

    void judgesFrames() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        FrameScanner whole(kLimits);
        const auto fault = whole.feed(bytes.toStdString());
        QCOMPARE(fault ? fault->code : 0, code);
        // The same with the bytes cut at every place, and one by one.
        for (qsizetype cut = 0; cut <= bytes.size(); cut += bytes.size() > 300 ? 37 : 1) {
            FrameScanner halves(kLimits);
            halves.feed(bytes.first(cut).toStdString());
            const auto later = halves.feed(bytes.sliced(cut).toStdString());
            QCOMPARE(later ? later->code : 0, code);
        }
        FrameScanner single(kLimits);
        std::optional<FrameScanner::Fault> last;
        for (const char byte : bytes)
            last = single.feed({&byte, 1});
        QCOMPARE(last ? last->code : 0, code);
        QCOMPARE(single.controlFrames(), whole.controlFrames());
        QCOMPARE(single.closed(), whole.closed());
    }

    void countsControlFramesAndSeesClose() {
        FrameScanner scanner(kLimits);
        QVERIFY(!scanner.feed(frame(kPing, 0) + frame(0x8A, 5) + frame(kText, 3)));
        QCOMPARE(scanner.controlFrames(), 2U);
        QCOMPARE(scanner.dataFrames(), 1U);
        QVERIFY(!scanner.closed());
        const auto close = frame(kClose, 2);
        scanner.feed(close.substr(0, close.size() - 1));
        QVERIFY(!scanner.closed());
        scanner.feed(close.substr(close.size() - 1));
        QVERIFY(scanner.closed());
    }
};

QTEST_GUILESS_MAIN(TestFrameScanner)
#include "tst_frame_scanner.moc"
