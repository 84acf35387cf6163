#include "server/runtime/port_holder.h"

#include <QDir>
#include <QFile>
#include <QHostAddress>
#include <QSet>
#include <QTcpServer>

#include <array>

#ifdef Q_OS_LINUX
#include <unistd.h>
#endif

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

constexpr int kPortsTried = 100;

bool isXshathraProgram(const QString& program) { return program.startsWith("xshathra"_L1); }

#ifdef Q_OS_LINUX

/// Inodes of the sockets that listen on `port` (proc(5), /proc/net/tcp: local address, state 0A, inode).
QSet<QByteArray> listeningInodes(std::uint16_t port) {
    QSet<QByteArray> inodes;
    const auto suffix = ':' + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    for (const auto& table : {u"/proc/net/tcp"_s, u"/proc/net/tcp6"_s}) {
        QFile file(table);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const auto lines = file.readAll().split('\n');
        for (const auto& line : lines) {
            const auto columns = line.simplified().split(' ');
            if (columns.size() > 9 && columns[1].endsWith(suffix) && columns[3] == "0A")
                inodes.insert(columns[9]);
        }
    }
    return inodes;
}

bool holdsOneOf(const QString& process, const QSet<QByteArray>& inodes) {
    const QDir descriptors(process + u"/fd"_s);
    const auto names = descriptors.entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
    for (const auto& name : names) {
        std::array<char, 64> target{};
        const auto length =
            ::readlink(QFile::encodeName(descriptors.filePath(name)).constData(), target.data(), target.size());
        const QByteArrayView link(target.data(), length > 0 ? length : 0);
        constexpr QByteArrayView kPrefix("socket:[");
        if (link.startsWith(kPrefix) && link.endsWith(']') &&
            inodes.contains(link.sliced(kPrefix.size(), link.size() - kPrefix.size() - 1).toByteArray()))
            return true;
    }
    return false;
}

QByteArray readAll(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// When a process was started: field 22 of /proc/PID/stat is in clock ticks since the boot, whose time is in
/// /proc/stat.
QDateTime startTime(const QString& process) {
    const auto stat = readAll(process + u"/stat"_s);
    // The second field, the name in parentheses, may itself hold spaces and parentheses.
    const auto columns = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    constexpr int kStartColumn = 22 - 3;
    const auto general = readAll(u"/proc/stat"_s);
    const auto bootAt = general.indexOf("btime ");
    const auto ticks = ::sysconf(_SC_CLK_TCK);
    if (columns.size() <= kStartColumn || bootAt < 0 || ticks <= 0)
        return {};
    const auto boot = general.mid(bootAt + 6, general.indexOf('\n', bootAt) - bootAt - 6).toLongLong();
    return QDateTime::fromSecsSinceEpoch(boot + columns[kStartColumn].toLongLong() / ticks);
}

#endif

bool canBind(const QHostAddress& address, std::uint16_t port) {
    QTcpServer probe;
    return probe.listen(address, port) || probe.serverError() == QAbstractSocket::UnsupportedSocketOperationError ||
           probe.serverError() == QAbstractSocket::SocketAddressNotAvailableError;
}

}  // namespace

QString PortHolder::description() const {
    if (isXshathra)
        return pid > 0 ? u"another Xshathra Console (pid %1)"_s.arg(pid) : u"another Xshathra Console"_s;
    if (program.isEmpty())
        return pid > 0 ? u"another program (pid %1)"_s.arg(pid) : u"another program"_s;
    auto text = u"%1, pid %2"_s.arg(program).arg(pid);
    if (startedAt.isValid()) {
        const bool today = startedAt.date() == QDate::currentDate();
        text += u", started %1"_s.arg(startedAt.toString(today ? u"HH:mm"_s : u"yyyy-MM-dd HH:mm"_s));
    }
    return text;
}

PortHolder findPortHolder(std::uint16_t port) {
    PortHolder holder;
    holder.port = port;
#ifdef Q_OS_LINUX
    const auto inodes = listeningInodes(port);
    if (inodes.isEmpty())
        return holder;
    const auto entries = QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const auto& entry : entries) {
        bool isNumber = false;
        const auto pid = entry.toLongLong(&isNumber);
        const auto process = u"/proc/"_s + entry;
        if (!isNumber || !holdsOneOf(process, inodes))
            continue;
        holder.pid = pid;
        holder.program = QString::fromLocal8Bit(readAll(process + u"/comm"_s)).trimmed();
        holder.startedAt = startTime(process);
        holder.isXshathra = isXshathraProgram(holder.program);
        break;
    }
#endif
    return holder;
}

std::uint16_t nextFreePort(std::uint16_t port) {
    for (int candidate = port + 1; candidate <= port + kPortsTried && candidate <= 65535; ++candidate) {
        const auto tried = static_cast<std::uint16_t>(candidate);
        if (canBind(QHostAddress(QHostAddress::LocalHost), tried) &&
            canBind(QHostAddress(QHostAddress::LocalHostIPv6), tried))
            return tried;
    }
    return 0;
}

}  // namespace xshathra::runtime
