#pragma once

#include <QDateTime>
#include <QMetaType>
#include <QString>

#include <cstdint>

namespace xshathra::runtime {

/// Who listens on a port that was wanted.
struct PortHolder {
    std::uint16_t port = 0;
    /// 0 where the system doesn't tell (another user's process, a reserved port, a system without /proc).
    qint64 pid = 0;
    /// The program's short name (`node`), empty where unknown.
    QString program;
    /// Local time at which it was started; invalid where unknown.
    QDateTime startedAt;
    /// Whether it is another instance of this product.
    bool isXshathra = false;

    /// For people: `node, pid 4121, started 09:12`, or `another program` where nothing is known.
    QString description() const;

    friend bool operator==(const PortHolder&, const PortHolder&) = default;
};

/// Looks for the listener of a TCP port. Reads /proc on Linux; elsewhere only the port is filled in. Takes
/// milliseconds: call it off the hot path.
PortHolder findPortHolder(std::uint16_t port);

/// The next port above `port` that can be bound on the loopback addresses, or 0 when none of the following 100 can.
std::uint16_t nextFreePort(std::uint16_t port);

}  // namespace xshathra::runtime

Q_DECLARE_METATYPE(xshathra::runtime::PortHolder)
