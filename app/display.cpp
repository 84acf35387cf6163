#include "app/display.h"

#include <QString>

#ifdef Q_OS_LINUX
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#endif

namespace xshathra::app {

using namespace Qt::StringLiterals;

#ifdef Q_OS_LINUX

namespace {

constexpr int kFirstXPort = 6000;
constexpr int kMaxDisplay = 65535 - kFirstXPort;

template <typename Address>
bool answers(const Address& address, socklen_t size) {
    const int descriptor =
        ::socket(reinterpret_cast<const sockaddr*>(&address)->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0;
    ::close(descriptor);
    return connected;
}

/// `path` in the file system, or in Linux's abstract name space where it starts with a NUL.
bool socketAnswers(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return false;
    std::memcpy(address.sun_path, path.data(), path.size());
    // An abstract name is as long as it is said to be; a path ends with its NUL.
    const auto end = path.front() == '\0' ? path.size() : path.size() + 1;
    return answers(address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + end));
}

bool loopbackAnswers(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return answers(address, sizeof address);
}

/// `display` as X has it: `[host]:number[.screen]`.
bool xAnswers(const QString& display) {
    const auto colon = display.lastIndexOf(u':');
    bool isNumber = false;
    const int number = colon < 0 ? -1 : display.mid(colon + 1).section(u'.', 0, 0).toInt(&isNumber);
    if (!isNumber || number < 0 || number > kMaxDisplay)
        return false;
    const auto host = display.left(colon);
    if (host == "localhost"_L1 || host == "127.0.0.1"_L1)
        return loopbackAnswers(kFirstXPort + number);
    if (!host.isEmpty() && host != "unix"_L1)
        return true;
    const auto path = "/tmp/.X11-unix/X" + std::to_string(number);
    return socketAnswers(std::string(1, '\0') + path) || socketAnswers(path);
}

bool waylandAnswers(const QString& display, const QString& runtimeFolder) {
    return socketAnswers((display.startsWith(u'/') ? display : runtimeFolder + u'/' + display).toStdString());
}

}  // namespace

std::optional<std::string> whyNoDisplay(const QProcessEnvironment& environment) {
    // Whoever names a platform that is neither (offscreen, vnc) knows what it needs.
    const auto platform = environment.value(u"QT_QPA_PLATFORM"_s);
    if (!platform.isEmpty() && !platform.startsWith("xcb"_L1) && !platform.startsWith("wayland"_L1))
        return std::nullopt;
    const auto x = environment.value(u"DISPLAY"_s);
    const auto wayland = environment.value(u"WAYLAND_DISPLAY"_s);
    if (x.isEmpty() && wayland.isEmpty())
        return "no display was found (DISPLAY and WAYLAND_DISPLAY are empty)";
    if (!x.isEmpty() && xAnswers(x))
        return std::nullopt;
    if (!wayland.isEmpty() && waylandAnswers(wayland, environment.value(u"XDG_RUNTIME_DIR"_s)))
        return std::nullopt;
    std::string named = x.isEmpty() ? "" : "DISPLAY=" + x.toStdString();
    if (!wayland.isEmpty())
        named += (named.empty() ? "WAYLAND_DISPLAY=" : " and WAYLAND_DISPLAY=") + wayland.toStdString();
    return "no display answers at " + named;
}

#else

std::optional<std::string> whyNoDisplay(const QProcessEnvironment&) { return std::nullopt; }

#endif

}  // namespace xshathra::app
