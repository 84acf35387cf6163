// The least that any server on this machine can need: one thread, epoll, one send() for each subscriber, and almost
// nothing else. It speaks to the benchmark's own client alone: it takes its masks to be zero, its commands to be
// spelled as they are, and checks nothing. What it takes is the kernel's share of a delivery, below which no other
// server can come.

#include <arpa/inet.h>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace {

constexpr int kEventsPerWait = 256;
constexpr std::size_t kReadBytes = 1 << 16;
constexpr std::size_t kMaskBytes = 4;

struct Connection {
    int descriptor = -1;
    bool upgraded = false;
    std::string in;
    std::string out;
};

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    const auto start = text.find(before);
    if (start == std::string_view::npos)
        return {};
    text.remove_prefix(start + before.size());
    return text.substr(0, text.find(after));
}

void appendFrame(std::string& out, std::string_view message) {
    out += '\x81';
    if (message.size() < 126) {
        out += static_cast<char>(message.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(message.size() >> 8);
        out += static_cast<char>(message.size() & 0xff);
    }
    out += message;
}

class BareServer {
public:
    bool listen() {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(listener_, generic, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
            ::getsockname(listener_, generic, &size) != 0)
            return false;
        port_ = ntohs(address.sin_port);
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        watch(listener_, nullptr);
        return epoll_ >= 0;
    }
    std::uint16_t port() const { return port_; }

    void run() {
        std::vector<epoll_event> events(kEventsPerWait);
        for (;;) {
            const int count = ::epoll_wait(epoll_, events.data(), kEventsPerWait, -1);
            for (int i = 0; i < count; ++i) {
                auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (connection == nullptr)
                    accept();
                else
                    read(*connection);
            }
            for (auto* connection : dirty_)
                flush(*connection);
            dirty_.clear();
        }
    }

private:
    void watch(int descriptor, Connection* connection) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connection;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    }

    void accept() {
        const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0)
            return;
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections_.push_back(std::make_unique<Connection>());
        connections_.back()->descriptor = descriptor;
        watch(descriptor, connections_.back().get());
    }

    void read(Connection& connection) {
        static std::string buffer(kReadBytes, '\0');
        const auto got = ::recv(connection.descriptor, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.descriptor, nullptr);
            return;
        }
        connection.in.append(buffer, 0, static_cast<std::size_t>(got));
        std::string_view rest = connection.in;
        if (!connection.upgraded && rest.find("\r\n\r\n") != std::string_view::npos) {
            rest.remove_prefix(rest.find("\r\n\r\n") + 4);
            connection.upgraded = true;
            say(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        }
        if (connection.upgraded)
            takeFrames(connection, rest);
        connection.in.erase(0, connection.in.size() - rest.size());
    }

    void takeFrames(Connection& connection, std::string_view& rest) {
        while (rest.size() >= 2) {
            std::size_t length = static_cast<std::uint8_t>(rest[1]) & 0x7f;
            std::size_t header = 2 + kMaskBytes;
            if (length == 126) {
                if (rest.size() < 4)
                    return;
                length = static_cast<std::size_t>(static_cast<std::uint8_t>(rest[2])) << 8 |
                         static_cast<std::uint8_t>(rest[3]);
                header += 2;
            }
            if (rest.size() < header + length)
                return;
            take(connection, rest.substr(header, length));
            rest.remove_prefix(header + length);
        }
    }

    void take(Connection& connection, std::string_view command) {
        const std::string id(between(command, "\"id\":", ","));
        const auto channel = std::string(between(command, "\"channel\":\"", "\""));
        if (command.find("\"connect\"") != std::string_view::npos) {
            sayFrame(connection, "{\"id\":" + id + ",\"connect\":{}}");
        } else if (command.find("\"subscribe\"") != std::string_view::npos) {
            channels_[channel].push_back(&connection);
            sayFrame(connection, "{\"id\":" + id + ",\"subscribe\":{}}");
        } else if (command.find("\"publish\"") != std::string_view::npos) {
            const auto data = between(command, "\"data\":", "}}");
            std::string frame;
            appendFrame(frame,
                        "{\"push\":{\"channel\":\"" + channel + "\",\"pub\":{\"data\":" + std::string(data) + "}}}}");
            for (auto* subscriber : channels_[channel])
                say(*subscriber, frame);
            sayFrame(connection, "{\"id\":" + id + ",\"publish\":{}}");
        }
    }

    void sayFrame(Connection& connection, std::string_view message) {
        std::string frame;
        appendFrame(frame, message);
        say(connection, frame);
    }

    void say(Connection& connection, std::string_view bytes) {
        if (connection.out.empty())
            dirty_.push_back(&connection);
        connection.out += bytes;
    }

    /// The client takes everything, so that what the system doesn't take at once is no case here.
    static void flush(Connection& connection) {
        ::send(connection.descriptor, connection.out.data(), connection.out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        connection.out.clear();
    }

    int listener_ = -1;
    int epoll_ = -1;
    std::uint16_t port_ = 0;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::unordered_map<std::string, std::vector<Connection*>> channels_;
    std::vector<Connection*> dirty_;
};

}  // namespace

int main() {
    BareServer server;
    if (!server.listen())
        return 1;
    std::printf("%u\n", static_cast<unsigned>(server.port()));
    std::fflush(stdout);
    server.run();
}
