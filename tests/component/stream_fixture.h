#pragma once

#include "server/protocol/emulation.h"
#include "tests/component/server_fixture.h"
#include "tests/component/stream_client.h"

#include <QByteArray>
#include <QTest>

#include <cstdint>
#include <string>

/// What the tests of the streaming transports share: the endpoints of a ServerFixture and how its clients come in.
namespace xshathra::test {

inline const std::string kHttpStream = "/realtime/connection/http_stream";
inline const std::string kSse = "/realtime/connection/sse";
inline const std::string kEmulation = "/realtime/emulation";
inline const std::string kUniHttpStream = "/realtime/connection/uni_http_stream";
inline const std::string kUniSse = "/realtime/connection/uni_sse";
inline const std::string kUniWebSocket = "/realtime/connection/uni_websocket";

inline const std::string kConnect = q("{'id':1,'connect':{}}");
inline const std::string kSubscribe = q("{'id':2,'subscribe':{'channel':'news'}}");
inline const std::string kOrigin = "Origin: http://localhost:5173\r\n";

/// A bidirectional WebSocket past its connect command; false where that failed.
inline bool enterWebSocket(RawClient& client, std::uint16_t port) {
    return !client.openWebSocket(port).empty() && client.send(textFrame(kConnect)) && client.readFrame();
}

/// Publishes one JSON value into the channel `news` and takes the answer.
inline bool publishNews(RawClient& client, const std::string& data) {
    return client.send(textFrame(q("{'id':2,'publish':{'channel':'news','data':" + data + "}}"))) && client.readFrame();
}

/// Session and node of a connect result.
struct Half {
    std::string session;
    std::string node;
};

inline Half halfOf(const std::string& connectReply) {
    return {field(connectReply, "session"), field(connectReply, "node")};
}

/// Body of an emulation request.
inline std::string emulation(const Half& half, const std::string& commands) {
    return protocol::encodeEmulation(protocol::Encoding::Json, {half.node, half.session, SharedBytes(commands)});
}

/// The columns of a table of requests and the status that each is answered with.
inline void requestColumns() {
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
}

inline void requestRow(const char* method, const std::string& target, const std::string& body, int status) {
    QTest::addRow("%s %s %s", method, target.c_str(), body.substr(0, 30).c_str())
        << QByteArray(method) << QByteArray::fromStdString(target) << QByteArray::fromStdString(body) << status;
}

/// Sends the request of the row to a server of its own and compares the status.
inline void checkRequestRow() {
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    ServerFixture fixture;
    QVERIFY(fixture.start());
    RawClient client(fixture.server.port());
    QVERIFY(
        client.send(request(fixture.server.port(), method.toStdString(), target.toStdString(), body.toStdString())));
    QCOMPARE(QByteArray::fromStdString(client.readResponse(method == "HEAD")).mid(9, 3).toInt(), status);
}

}  // namespace xshathra::test
