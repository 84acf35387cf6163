#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace xshathra::test {

/// A backend of an app: a small HTTP/1.1 server with keep-alive on a free port of 127.0.0.1, on plain sockets so that
/// the tests of Qt-free modules can use it.
class HttpBackend {
public:
    struct Request {
        std::string method;
        std::string path;
        std::vector<std::pair<std::string, std::string>> headers;
        std::string body;

        /// Values of a header, name in lower case.
        std::vector<std::string> values(std::string_view name) const {
            std::vector<std::string> found;
            for (const auto& [key, value] : headers) {
                if (key == name)
                    found.push_back(value);
            }
            return found;
        }
        std::string header(std::string_view name) const {
            const auto found = values(name);
            return found.empty() ? std::string() : found.front();
        }
    };
    struct Response {
        int status = 200;
        std::string body;
        std::vector<std::pair<std::string, std::string>> headers;
        /// Never answers; the connection stays open.
        bool silent = false;
        /// Closes without a word.
        bool drop = false;
    };
    using Handler = std::function<Response(const Request&)>;

    /// `handler` runs on threads of the backend.
    explicit HttpBackend(Handler handler) : handler_(std::move(handler)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(listener_, 64);
        socklen_t length = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept(); });
    }
    ~HttpBackend() {
        stopping_ = true;
        acceptor_.join();
        for (auto& thread : connections_)
            thread.join();
        ::close(listener_);
    }
    HttpBackend(const HttpBackend&) = delete;
    HttpBackend& operator=(const HttpBackend&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
    std::vector<Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    Request last() const {
        const std::lock_guard lock(mutex_);
        return requests_.empty() ? Request{} : requests_.back();
    }
    /// Connections that were made so far.
    int accepted() const { return accepted_; }

private:
    void accept() {
        while (!stopping_) {
            pollfd wait{listener_, POLLIN, 0};
            if (::poll(&wait, 1, 20) <= 0)
                continue;
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0)
                continue;
            ++accepted_;
            connections_.emplace_back([this, socket] {
                serve(socket);
                ::close(socket);
            });
        }
    }

    /// False when the peer has gone or the backend stops.
    bool readMore(int socket, std::string& buffer) const {
        while (!stopping_) {
            pollfd wait{socket, POLLIN, 0};
            if (::poll(&wait, 1, 20) <= 0)
                continue;
            char bytes[16384];
            const auto count = ::recv(socket, bytes, sizeof bytes, 0);
            if (count <= 0)
                return false;
            buffer.append(bytes, static_cast<std::size_t>(count));
            return true;
        }
        return false;
    }

    void serve(int socket) {
        std::string buffer;
        while (true) {
            std::size_t end = 0;
            while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
                if (!readMore(socket, buffer))
                    return;
            }
            Request request = parseHead(buffer.substr(0, end));
            buffer.erase(0, end + 4);
            const auto length = std::strtoul(request.header("content-length").c_str(), nullptr, 10);
            while (buffer.size() < length) {
                if (!readMore(socket, buffer))
                    return;
            }
            request.body = buffer.substr(0, length);
            buffer.erase(0, length);
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request);
            }
            const auto response = handler_(request);
            if (response.drop)
                return;
            if (response.silent) {
                while (readMore(socket, buffer)) {
                }
                return;
            }
            std::string out = "HTTP/1.1 " + std::to_string(response.status) + " Status\r\n";
            for (const auto& [name, value] : response.headers)
                out += name + ": " + value + "\r\n";
            out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
            if (::send(socket, out.data(), out.size(), MSG_NOSIGNAL) < 0)
                return;
        }
    }

    static Request parseHead(const std::string& head) {
        Request request;
        std::size_t at = 0;
        bool first = true;
        while (at < head.size()) {
            auto end = head.find("\r\n", at);
            end = std::min(end, head.size());
            const auto line = head.substr(at, end - at);
            at = end + 2;
            if (first) {
                const auto space = line.find(' ');
                request.method = line.substr(0, space);
                request.path = line.substr(space + 1, line.rfind(' ') - space - 1);
                first = false;
                continue;
            }
            const auto colon = line.find(':');
            auto name = line.substr(0, colon);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return char(std::tolower(c)); });
            auto value = line.substr(colon + 1);
            value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
            request.headers.emplace_back(std::move(name), std::move(value));
        }
        return request;
    }

    const Handler handler_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<int> accepted_{0};
    mutable std::mutex mutex_;
    std::vector<Request> requests_;
    std::thread acceptor_;
    std::vector<std::thread> connections_;
};

/// A value that another thread sets once.
template <typename T>
class Awaited {
public:
    void set(T value) {
        // Under the lock: whoever waits may destroy this as soon as it is free.
        const std::lock_guard lock(mutex_);
        value_.push_back(std::move(value));
        changed_.notify_all();
    }
    /// Waits at most ten seconds. False when nothing came.
    bool wait() {
        std::unique_lock lock(mutex_);
        // GCC 12's ThreadSanitizer knows no waits on the steady clock, which wait_for() uses.
        return changed_.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(10),
                                   [this] { return !value_.empty(); });
    }
    bool isSet() const {
        const std::lock_guard lock(mutex_);
        return !value_.empty();
    }
    /// What came; wait() first.
    const T& value() const { return value_.front(); }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<T> value_;
};

}  // namespace xshathra::test
