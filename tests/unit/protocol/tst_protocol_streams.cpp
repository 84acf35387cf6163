#include "server/protocol/command_decoder.h"
#include "server/protocol/emulation.h"
#include "server/protocol/reply_encoder.h"
#include "server/protocol/unidirectional.h"
#include "tests/unit/protocol/golden.h"

#include <QtTest>

#include <string>
#include <variant>

using namespace xshathra;
using namespace xshathra::protocol;

namespace {

std::string q(std::string text) {
    for (char& c : text)
        c = c == '\'' ? '"' : c;
    return text;
}

SharedBytes bytes(std::string text) { return SharedBytes(std::move(text)); }

}  // namespace

class ProtocolStreamsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPushIsTheSameBareFromEitherWay() {
        int pushes = 0;
        for (const auto& row : golden::replies()) {
            const auto* push = std::get_if<Push>(&row.message.result);
            if (push == nullptr || row.message.id != 0)
                continue;
            ++pushes;
            const auto framed = encodePush(Encoding::Json, *push);
            const auto bare = encodeBarePush(Encoding::Json, *push);
            QCOMPARE(barePush(framed).view(), bare.messageView());
            QCOMPARE(barePushFrame(framed).framed().view(), bare.framed().view());
        }
        QVERIFY(pushes > 5);
        Publication publication;
        publication.data = bytes(q("{'a':'}'}"));
        const auto framed = encodePublicationPush(Encoding::Json, "ch", publication);
        QCOMPARE(barePush(framed).view(), std::string_view(q("{'channel':'ch','pub':{'data':{'a':'}'}}}")));
        QCOMPARE(barePush(encodePing(Encoding::Json)).view(), std::string_view("{}"));
    }

    void connectRequestsBecomeCommands() {
        const auto frame = connectFrame(q(" {'token':'t',\n'data':{'a':\r\n[1,2]},'subs':{'x':{'recover':true}}}\n"));
        QVERIFY(frame);
        const auto decoded = decodeCommands(Encoding::Json, *frame);
        QVERIFY(!decoded.error);
        QCOMPARE(decoded.commands.size(), std::size_t(1));
        QCOMPARE(decoded.commands.front().id, 1U);
        const auto& request = std::get<ConnectRequest>(decoded.commands.front().request);
        QCOMPARE(request.token, std::string("t"));
        QCOMPARE(request.data->view(), std::string_view(q("{'a':[1,2]}")));
        QVERIFY(request.subs.at("x").recover);
        QVERIFY(connectFrame("null") && connectFrame(" null\n") && connectFrame("{}"));
    }

    void refusesWhatIsNoConnectRequest_data() {
        QTest::addColumn<QByteArray>("text");
        for (const auto* text : {"", " ", "{", "[]", "5", "\"x\"", "true", "nul", "{}{}", "{} x", "{\"token\":5}",
                                 "{\"subs\":[]}", "{}},\"subscribe\":{\"channel\":\"a\"", "{}}\n{\"id\":2"})
            QTest::newRow(text[0] == '\0' ? "empty" : text) << QByteArray(text);
    }

    void refusesWhatIsNoConnectRequest() {
        QFETCH(QByteArray, text);
        QVERIFY(!connectFrame(text.toStdString()));
    }

    void connectRequestsCutAnywhereAreRefused() {
        const auto whole = q("{'token':'t','data':{'a':[1,2]},'subs':{'x':{'recover':true}},'name':'n'}");
        for (std::size_t length = 0; length < whole.size(); ++length)
            QVERIFY2(!connectFrame(whole.substr(0, length)), whole.substr(0, length).c_str());
    }

    void emulationRequestsSurviveTheWay_data() {
        QTest::addColumn<bool>("binary");
        QTest::newRow("JSON") << false;
        QTest::newRow("Protobuf") << true;
    }

    void emulationRequestsSurviveTheWay() {
        QFETCH(bool, binary);
        const auto encoding = binary ? Encoding::Protobuf : Encoding::Json;
        const EmulationRequest request{"node-1", "session-1", bytes(q("{'id':2,'rpc':{'data':'\\u0041\\n'}}\n{}"))};
        const auto body = encodeEmulation(encoding, request);
        const auto decoded = decodeEmulation(encoding, bytes(body));
        QVERIFY(decoded);
        QCOMPARE(decoded->node, request.node);
        QCOMPARE(decoded->session, request.session);
        QCOMPARE(decoded->commands->view(), request.commands->view());
        // Cut anywhere: refused, or (Protobuf, between fields) with fewer fields, never more.
        for (std::size_t length = 0; length < body.size(); ++length) {
            const auto part = decodeEmulation(encoding, bytes(body.substr(0, length)));
            QVERIFY(binary ? !part || part->commands->view().size() < request.commands->size() : !part);
        }
    }

    void emulationRequestsInJson_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("good");
        QTest::addColumn<QByteArray>("commands");
        const auto row = [](const char* body, bool good, const char* commands) {
            QTest::newRow(body) << QByteArray::fromStdString(q(body)) << good << QByteArray(commands);
        };
        row("{'session':'s','node':'n','data':'a\\nb'}", true, "a\nb");
        row("{'data':'\\u00e4','node':'n','session':'s','more':[1]}", true, "\xc3\xa4");
        row("{'session':'s','node':'n'}", true, "absent");
        row("{'session':'s','node':'n','data':{}}", true, "absent");
        row("{'session':'s','node':'n','data':null}", true, "absent");
        row("{'session':null,'node':'n','data':''}", true, "");
        row("{}", true, "absent");
        row("null", true, "absent");
        row(" null ", true, "absent");
        row("{'session':1}", false, "");
        row("{'node':{}}", false, "");
        row("[]", false, "");
        row("'x'", false, "");
        row("{'session':'s'", false, "");
    }

    void emulationRequestsInJson() {
        QFETCH(QByteArray, body);
        QFETCH(bool, good);
        QFETCH(QByteArray, commands);
        const auto decoded = decodeEmulation(Encoding::Json, bytes(body.toStdString()));
        QCOMPARE(decoded.has_value(), good);
        if (!good)
            return;
        QCOMPARE(decoded->commands.has_value(), commands != "absent");
        if (decoded->commands)
            QCOMPARE(decoded->commands->view(), std::string_view(commands.constData(), std::size_t(commands.size())));
    }
};

QTEST_APPLESS_MAIN(ProtocolStreamsTest)
#include "tst_protocol_streams.moc"
