#pragma once

#include <QString>

#include <cstdint>

namespace xshathra::runtime {

/// The addresses of a running server, as people copy them. All texts are whole URLs.
struct Endpoints {
    /// `http://localhost:3001`, without a slash at the end.
    QString origin;
    QString webSocket;
    QString token;
    QString subscriptionToken;
    QString publish;
    QString health;
    /// The same host and port as `origin`.
    QString host;
    std::uint16_t port = 0;
    bool tls = false;

    friend bool operator==(const Endpoints&, const Endpoints&) = default;
};

/// Addresses of a server on `host` (a name, an IPv4 address, or an IPv6 address without brackets) and `port`.
Endpoints makeEndpoints(const QString& host, std::uint16_t port, bool tls);

/// The host that a person on this machine types for a bind address: `localhost` for the loopback and the any-addresses,
/// else the address itself.
QString hostForBindAddress(const QString& bindAddress);

}  // namespace xshathra::runtime
