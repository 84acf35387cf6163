#include "server/protocol/codes.h"

#include <QtTest>

#include <map>

using namespace xshathra::protocol;

namespace {

// The tables of protocol section 19, written out a second time.
const std::map<std::uint32_t, std::string_view> kErrors{{100, "internal server error"},
                                                        {101, "unauthorized"},
                                                        {102, "unknown channel"},
                                                        {103, "permission denied"},
                                                        {104, "method not found"},
                                                        {105, "already subscribed"},
                                                        {106, "limit exceeded"},
                                                        {107, "bad request"},
                                                        {108, "not available"},
                                                        {109, "token expired"},
                                                        {110, "expired"},
                                                        {111, "too many requests"},
                                                        {112, "unrecoverable position"},
                                                        {113, "concurrent pagination"}};
const std::map<std::uint32_t, std::string_view> kDisconnects{{3000, "connection closed"},
                                                             {3001, "shutdown"},
                                                             {3004, "internal server error"},
                                                             {3005, "connection expired"},
                                                             {3006, "subscription expired"},
                                                             {3008, "slow"},
                                                             {3009, "write error"},
                                                             {3010, "insufficient state"},
                                                             {3011, "force reconnect"},
                                                             {3012, "no pong"},
                                                             {3013, "too many requests"},
                                                             {3014, "state invalidated"},
                                                             {3500, "invalid token"},
                                                             {3501, "bad request"},
                                                             {3502, "stale"},
                                                             {3503, "force disconnect"},
                                                             {3504, "connection limit"},
                                                             {3505, "channel limit"},
                                                             {3506, "inappropriate protocol"},
                                                             {3507, "permission denied"},
                                                             {3508, "not available"},
                                                             {3509, "too many errors"}};
const std::map<std::uint32_t, std::string_view> kUnsubscribes{
    {0, "client unsubscribed"},   {1, "client disconnected"},     {2000, "server unsubscribe"},
    {2500, "insufficient state"}, {2501, "subscription expired"}, {2502, "state invalidated"}};

template <typename Table, typename Text>
void compare(const Table& table, const std::map<std::uint32_t, std::string_view>& expected, Text text) {
    std::map<std::uint32_t, std::string_view> actual;
    std::uint32_t previous = 0;
    for (const auto& row : table) {
        const auto code = static_cast<std::uint32_t>(row.code);
        QVERIFY2(actual.empty() || code > previous, "the table ascends");
        previous = code;
        actual.emplace(code, text(row));
        QVERIFY2(row.advice.size() > 20 && row.advice.back() == '.', "each code has an advice");
    }
    QCOMPARE(actual, expected);
}

}  // namespace

class ProtocolCodesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void errorsAreThoseOfTheReference() {
        compare(errorTexts(), kErrors, [](const auto& row) { return row.message; });
        for (const auto& row : errorTexts()) {
            const auto code = static_cast<std::uint32_t>(row.code);
            QCOMPARE(row.temporary, code == 100 || code == 111 || code == 113);
        }
    }

    void disconnectsAreThoseOfTheReference() {
        compare(disconnectTexts(), kDisconnects, [](const auto& row) { return row.reason; });
        for (const auto& row : disconnectTexts())
            QVERIFY2(row.reason.size() <= 123, "fits a close frame");
    }

    void unsubscribesAreThoseOfTheReference() {
        compare(unsubscribeTexts(), kUnsubscribes, [](const auto& row) { return row.reason; });
    }

    void valuesTakeTheirTextsFromTheTables() {
        const ClientError error = ErrorCode::TooManyRequests;
        QCOMPARE(error, ClientError(111, "too many requests", true));
        const Disconnect disconnect = DisconnectCode::Slow;
        QCOMPARE(disconnect, Disconnect(3008, "slow"));
        const Unsubscribe unsubscribe = UnsubscribeCode::Server;
        QCOMPARE(unsubscribe, Unsubscribe(2000, "server unsubscribe"));
    }

    void findKnowsOnlyOurOwnCodes() {
        QCOMPARE(findError(109)->code, ErrorCode::TokenExpired);
        QCOMPARE(findDisconnect(3501)->code, DisconnectCode::BadRequest);
        QCOMPARE(findUnsubscribe(2500)->code, UnsubscribeCode::InsufficientState);
        for (const std::uint32_t code : {0U, 99U, 114U, 400U, 3500U})
            QVERIFY(findError(code) == nullptr);
        for (const std::uint32_t code : {100U, 3002U, 3510U, 4000U})
            QVERIFY(findDisconnect(code) == nullptr);
        for (const std::uint32_t code : {2U, 2001U, 2503U})
            QVERIFY(findUnsubscribe(code) == nullptr);
    }

    void reconnectsAsSdksDo_data() {
        QTest::addColumn<quint32>("code");
        QTest::addColumn<bool>("reconnects");
        for (const auto& [code, again] : std::map<quint32, bool>{{1006, true},
                                                                 {3000, true},
                                                                 {3499, true},
                                                                 {3500, false},
                                                                 {3999, false},
                                                                 {4000, true},
                                                                 {4499, true},
                                                                 {4500, false},
                                                                 {4999, false},
                                                                 {5000, true}})
            QTest::addRow("%u", code) << code << again;
    }
    void reconnectsAsSdksDo() {
        QFETCH(quint32, code);
        QTEST(Disconnect(code, "x").reconnects(), "reconnects");
    }

    void resubscribesFrom2500() {
        QVERIFY(!Unsubscribe(0, "").resubscribes());
        QVERIFY(!Unsubscribe(2499, "").resubscribes());
        QVERIFY(Unsubscribe(2500, "").resubscribes());
        QVERIFY(Unsubscribe(2999, "").resubscribes());
    }
};

QTEST_APPLESS_MAIN(ProtocolCodesTest)
#include "tst_protocol_codes.moc"
