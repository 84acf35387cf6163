#include "tests/benchmarks/load_client.h"

#include "server/protocol/command_encoder.h"
#include "server/protocol/reply_decoder.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace xshathra::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;
constexpr std::string_view kSequenceKey = "\"seq\":";
constexpr std::string_view kOffsetKey = "\"offset\":";

void appendClientFrame(std::string& out, std::uint8_t opcode, std::string_view payload) {
    // RFC 6455 5.3 asks for an unpredictable mask to protect intermediaries; on loopback a zero mask saves the
    // generator's time.
    out += static_cast<char>(0x80 | opcode);
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else {
        out += static_cast<char>(0x80 | 126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    out.append(4, '\0');
    out += payload;
}

class Load {
public:
    Load(const LoadTarget& target, const LoadScenario& scenario) : target_(target), scenario_(scenario) {
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
    }
    ~Load() {
        for (const auto& connection : connections_) {
            if (connection->descriptor >= 0)
                close(connection->descriptor);
        }
        close(epoll_);
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// Opens subscribers and the publisher in small groups, so that the listen queue never overflows.
    bool open(int subscribers, bool withPublisher) {
        const int total = subscribers + (withPublisher ? 1 : 0);
        int opened = 0;
        const auto deadline = SteadyClock::now() + std::chrono::seconds(60);
        while (ready_ < total && error_.empty()) {
            while (opened < total && opened - ready_ < 64) {
                const bool publisher = withPublisher && opened == subscribers;
                connectOne(publisher ? -1 : opened % scenario_.channels);
                ++opened;
            }
            poll(100);
            if (SteadyClock::now() > deadline)
                error_ = "not all connections became ready within 60 s";
        }
        return error_.empty();
    }

    LoadResult run(std::chrono::milliseconds warmUp, std::chrono::milliseconds duration) {
        LoadResult result;
        publishing_ = true;
        runFor(warmUp);
        const auto cpuBefore = processCpuSeconds(target_.pid);
        const auto deliveredBefore = delivered_;
        const auto publishedBefore = published_;
        const auto start = SteadyClock::now();
        runFor(duration);
        // A slow server may need longer for its first delivery, without which nothing is measured.
        constexpr auto kPatience = std::chrono::seconds(30);
        while (delivered_ == deliveredBefore && error_.empty() && SteadyClock::now() < start + kPatience)
            runFor(std::chrono::milliseconds(10));
        result.seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
        result.serverCpuSeconds = processCpuSeconds(target_.pid) - cpuBefore;
        result.delivered = delivered_ - deliveredBefore;
        result.published = published_ - publishedBefore;
        publishing_ = false;
        const auto deadline = SteadyClock::now() + std::chrono::seconds(5);
        while (delivered_ < expected_ && error_.empty() && SteadyClock::now() < deadline)
            poll(50);
        result.lost = expected_ - delivered_;
        result.outOfOrder = outOfOrder_;
        result.error = error_;
        return result;
    }

    void idle(std::chrono::milliseconds duration) { runFor(duration); }
    const std::string& error() const { return error_; }

private:
    enum class State { Connecting, Upgrading, ConnectSent, SubscribeSent, Ready };
    struct Connection {
        int descriptor = -1;
        int channel = -1;  // -1: the publisher
        State state = State::Connecting;
        std::string in;
        std::string out;
        std::uint64_t lastSequence = 0;
    };

    std::string channelName(int channel) const { return scenario_.nameSpace + ":c" + std::to_string(channel); }
    bool speaksProtobuf(const Connection& connection) const { return scenario_.protobuf && connection.channel >= 0; }

    void fail(std::string_view what, std::string_view detail = {}) {
        if (error_.empty())
            error_ = std::string(what) + (detail.empty() ? "" : ": ") + std::string(detail.substr(0, 200));
    }

    void connectOne(int channel) {
        auto connection = std::make_unique<Connection>();
        connection->channel = channel;
        connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int one = 1;
        setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(target_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(connection->descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 &&
            errno != EINPROGRESS) {
            fail("connect", std::strerror(errno));
            return;
        }
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT;
        event.data.ptr = connection.get();
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->descriptor, &event);
        connections_.push_back(std::move(connection));
    }

    void runFor(std::chrono::milliseconds duration) {
        const auto end = SteadyClock::now() + duration;
        while (SteadyClock::now() < end && error_.empty()) {
            publishWhatFits();
            poll(10);
        }
    }

    void publishWhatFits() {
        if (!publishing_ || !publisher_ || !publisher_->out.empty())
            return;
        const auto perPublication = static_cast<std::uint64_t>(scenario_.subscribersPerChannel);
        while (expected_ - delivered_ + perPublication <=
               perPublication * static_cast<std::uint64_t>(scenario_.inFlight)) {
            std::string data = "{" + std::string(kSequenceKey) + std::to_string(++sequence_) + ",\"pad\":\"";
            const auto size = static_cast<std::size_t>(scenario_.payloadBytes);
            data.append(size > data.size() + 2 ? size - data.size() - 2 : 0, 'x');
            data += "\"}";
            appendClientFrame(publisher_->out, kText,
                              "{\"id\":" + std::to_string(++commandId_) + ",\"publish\":{\"channel\":\"" +
                                  channelName(nextChannel_) + "\",\"data\":" + data + "}}");
            nextChannel_ = (nextChannel_ + 1) % scenario_.channels;
            expected_ += perPublication;
            ++published_;
        }
        flush(*publisher_);
    }

    void poll(int timeoutMs) {
        epoll_event events[512];
        const int count = epoll_wait(epoll_, events, 512, timeoutMs);
        for (int i = 0; i < count; ++i) {
            auto& connection = *static_cast<Connection*>(events[i].data.ptr);
            if ((events[i].events & EPOLLOUT) != 0)
                writable(connection);
            if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
                readable(connection);
            if (!error_.empty())
                return;
        }
    }

    void writable(Connection& connection) {
        if (connection.state == State::Connecting) {
            connection.state = State::Upgrading;
            connection.out = "GET " + target_.path + (speaksProtobuf(connection) ? "?cf_protocol=protobuf" : "") +
                             " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target_.port) +
                             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nUser-Agent: xshathra-bench\r\n"
                             "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        }
        flush(connection);
    }

    void flush(Connection& connection) {
        while (!connection.out.empty()) {
            const auto sent = send(connection.descriptor, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno == EAGAIN) {
                    watch(connection, EPOLLIN | EPOLLOUT);
                    return;
                }
                fail("send", std::strerror(errno));
                return;
            }
            connection.out.erase(0, static_cast<std::size_t>(sent));
        }
        watch(connection, EPOLLIN);
    }

    void watch(Connection& connection, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &connection;
        epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.descriptor, &event);
    }

    void readable(Connection& connection) {
        static thread_local std::vector<char> buffer(1 << 18);
        const auto got = recv(connection.descriptor, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            fail("the server ended a connection", got < 0 ? std::strerror(errno) : "end of stream");
            return;
        }
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        if (!connection.in.empty()) {
            connection.in += bytes;
            bytes = connection.in;
        }
        std::size_t used = 0;
        if (connection.state == State::Upgrading) {
            const auto end = bytes.find("\r\n\r\n");
            if (end != std::string_view::npos) {
                if (!bytes.starts_with("HTTP/1.1 101")) {
                    fail("upgrade refused", bytes);
                    return;
                }
                used = end + 4;
                connection.state = State::ConnectSent;
                protocol::ConnectRequest request;
                request.token = target_.token;
                sendCommand(connection, 1, std::move(request));
            }
        }
        if (connection.state != State::Upgrading)
            used += consumeFrames(connection, bytes.substr(used));
        std::string rest(bytes.substr(used));
        connection.in = std::move(rest);
    }

    std::size_t consumeFrames(Connection& connection, std::string_view bytes) {
        std::size_t at = 0;
        while (bytes.size() - at >= 2 && error_.empty()) {
            const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[at + i]); };
            std::size_t header = 2;
            std::uint64_t length = byte(1) & 0x7f;
            if (length == 126) {
                if (bytes.size() - at < 4)
                    break;
                length = static_cast<std::uint64_t>(byte(2)) << 8 | byte(3);
                header = 4;
            } else if (length == 127) {
                if (bytes.size() - at < 10)
                    break;
                length = 0;
                for (std::size_t i = 2; i < 10; ++i)
                    length = length << 8 | byte(i);
                header = 10;
            }
            if (bytes.size() - at < header + length)
                break;
            const auto opcode = static_cast<std::uint8_t>(byte(0) & 0x0f);
            const auto payload = bytes.substr(at + header, length);
            at += header + length;
            if (opcode == kPing) {
                appendClientFrame(connection.out, kPong, payload);
                flush(connection);
            } else if (opcode == kClose) {
                fail("the server closed a connection", payload.substr(payload.size() < 2 ? payload.size() : 2));
            } else {
                consumeMessage(connection, payload);
            }
        }
        return at;
    }

    void consumeMessage(Connection& connection, std::string_view message) {
        if (speaksProtobuf(connection)) {
            consumeBinary(connection, message);
            return;
        }
        while (!message.empty()) {
            const auto end = message.find('\n');
            consumeReply(connection, message.substr(0, end));
            if (end == std::string_view::npos)
                break;
            message.remove_prefix(end + 1);
        }
    }

    void consumeBinary(Connection& connection, std::string_view message) {
        while (!message.empty()) {
            std::size_t length = 0;
            std::size_t header = 0;
            for (; header < message.size(); ++header) {
                const auto byte = static_cast<std::uint8_t>(message[header]);
                length |= static_cast<std::size_t>(byte & 0x7f) << (7 * header);
                if (byte < 0x80)
                    break;
            }
            if (header + 1 + length > message.size()) {
                fail("a message is cut");
                return;
            }
            const auto reply = message.substr(0, header + 1 + length);
            message.remove_prefix(reply.size());
            if (length == 0) {
                appendClientFrame(connection.out, kBinary, reply);
                flush(connection);
            } else if (connection.state == State::Ready) {
                countDelivery(connection, reply);
            } else {
                const auto decoded =
                    protocol::decodeReplies(protocol::Encoding::Protobuf, SharedBytes::copyOf(reply)).replies;
                if (decoded.empty() || decoded[0].error) {
                    fail("the server answered with an error");
                    return;
                }
                nextState(connection, reply);
            }
        }
    }

    void consumeReply(Connection& connection, std::string_view reply) {
        if (reply == "{}") {
            appendClientFrame(connection.out, kText, "{}");
            flush(connection);
            return;
        }
        if (reply.find("\"error\"") != std::string_view::npos) {
            fail("the server answered with an error", reply);
            return;
        }
        nextState(connection, reply);
    }

    void nextState(Connection& connection, std::string_view reply) {
        switch (connection.state) {
            case State::ConnectSent:
                if (connection.channel < 0) {
                    publisher_ = &connection;
                    becomeReady(connection);
                } else {
                    connection.state = State::SubscribeSent;
                    protocol::SubscribeRequest request;
                    request.channel = channelName(connection.channel);
                    if (scenario_.delta)
                        request.delta = "fossil";
                    sendCommand(connection, 2, std::move(request));
                }
                break;
            case State::SubscribeSent: becomeReady(connection); break;
            case State::Ready: countDelivery(connection, reply); break;
            case State::Connecting:
            case State::Upgrading: break;
        }
    }

    void becomeReady(Connection& connection) {
        connection.state = State::Ready;
        ++ready_;
    }

    void countDelivery(Connection& connection, std::string_view reply) {
        // A patch doesn't show the payload's number, but the stream's.
        const auto key = scenario_.delta ? kOffsetKey : kSequenceKey;
        const auto at = reply.find(key);
        if (at == std::string_view::npos)
            return;  // a reply to the publisher
        std::uint64_t sequence = 0;
        for (auto i = at + key.size(); i < reply.size() && reply[i] >= '0' && reply[i] <= '9'; ++i)
            sequence = sequence * 10 + static_cast<std::uint64_t>(reply[i] - '0');
        if (sequence <= connection.lastSequence)
            ++outOfOrder_;
        connection.lastSequence = sequence;
        ++delivered_;
    }

    template <typename Request>
    void sendCommand(Connection& connection, std::uint32_t id, Request request) {
        protocol::Command command;
        command.id = id;
        command.request = std::move(request);
        const bool binary = speaksProtobuf(connection);
        const auto message =
            protocol::encodeCommand(binary ? protocol::Encoding::Protobuf : protocol::Encoding::Json, command);
        appendClientFrame(connection.out, binary ? kBinary : kText, message.view());
        flush(connection);
    }

    LoadTarget target_;
    LoadScenario scenario_;
    int epoll_ = -1;
    std::vector<std::unique_ptr<Connection>> connections_;
    Connection* publisher_ = nullptr;
    bool publishing_ = false;
    int ready_ = 0;
    int nextChannel_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t commandId_ = 1;
    std::uint64_t published_ = 0;
    std::uint64_t expected_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t outOfOrder_ = 0;
    std::string error_;
};

void raiseDescriptorLimit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace

LoadResult runLoad(const LoadTarget& target, const LoadScenario& scenario, std::chrono::milliseconds warmUp,
                   std::chrono::milliseconds duration) {
    raiseDescriptorLimit();
    Load load(target, scenario);
    if (!load.open(scenario.channels * scenario.subscribersPerChannel, true)) {
        LoadResult result;
        result.error = load.error();
        return result;
    }
    return load.run(warmUp, duration);
}

IdleResult measureIdle(const LoadTarget& target, int connections) {
    raiseDescriptorLimit();
    LoadScenario scenario;
    IdleResult result;
    {
        // The first connections pay for pools and caches that later ones share.
        Load warm(target, scenario);
        warm.open(50, false);
    }
    const auto before = processResidentKib(target.pid);
    Load load(target, scenario);
    load.open(connections, false);
    load.idle(std::chrono::milliseconds(500));
    result.error = load.error();
    result.kibPerConnection = (processResidentKib(target.pid) - before) / connections;
    return result;
}

double processCpuSeconds(int pid) {
    double total = 0;
    std::error_code failed;
    const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task", failed);
    if (failed)
        return -1;
    for (const auto& task : tasks) {
        std::ifstream stat(task.path() / "schedstat");
        double nanoseconds = 0;
        if (stat >> nanoseconds)
            total += nanoseconds / 1e9;
    }
    return total;
}

double processResidentKib(int pid) {
    std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
    long pages = 0;
    long resident = 0;
    if (!(statm >> pages >> resident))
        return -1;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace xshathra::bench
