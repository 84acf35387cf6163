#include "server/runtime/endpoints.h"

#include <QHostAddress>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

Endpoints makeEndpoints(const QString& host, std::uint16_t port, bool tls) {
    const bool ipv6 = host.contains(u':');
    const auto authority = (ipv6 ? u'[' + host + u']' : host) + u':' + QString::number(port);
    Endpoints endpoints;
    endpoints.origin = (tls ? u"https://"_s : u"http://"_s) + authority;
    endpoints.webSocket = (tls ? u"wss://"_s : u"ws://"_s) + authority + u"/realtime/connection/websocket"_s;
    endpoints.token = endpoints.origin + u"/api/realtime/token"_s;
    endpoints.subscriptionToken = endpoints.origin + u"/api/realtime/subscription-token"_s;
    endpoints.publish = endpoints.origin + u"/api/realtime/publish"_s;
    endpoints.health = endpoints.origin + u"/health"_s;
    endpoints.host = host;
    endpoints.port = port;
    endpoints.tls = tls;
    return endpoints;
}

QString hostForBindAddress(const QString& bindAddress) {
    const QHostAddress address(bindAddress);
    if (bindAddress.isEmpty() || address.isLoopback() || address == QHostAddress(QHostAddress::AnyIPv4) ||
        address == QHostAddress(QHostAddress::AnyIPv6) || address == QHostAddress(QHostAddress::Any))
        return u"localhost"_s;
    return bindAddress;
}

}  // namespace xshathra::runtime
