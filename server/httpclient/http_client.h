#pragma once

#include "server/base/clock.h"
#include "server/base/expected.h"
#include "server/base/shared_bytes.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::httpclient {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// TLS for https URLs. The members hold PEM text, never file names.
struct TlsOptions {
    std::string clientCertificate;
    std::string clientKey;
    /// Certificates that are trusted in place of the system's; empty: the system's.
    std::string authorities;
    /// Accepts any certificate.
    bool insecure = false;
    /// Name that the certificate must have, and SNI. Empty: the URL's host.
    std::string serverName;
};

/// One request. The defaults suit a call that somebody waits for.
struct Request {
    static constexpr Milliseconds kDefaultTimeout{10'000};
    static constexpr std::size_t kDefaultMaxBodyBytes = std::size_t{4} << 20;

    std::string method = "GET";
    /// `http://` or `https://`; a user and password in it are sent as Basic authentication.
    std::string url;
    Headers headers;
    SharedBytes body;
    /// From send() to the last byte of the answer, waiting for a free connection included.
    Milliseconds timeout = kDefaultTimeout;
    /// An answer with a longer body is given up.
    std::size_t maxBodyBytes = kDefaultMaxBodyBytes;
    /// Redirects that are followed; only as GET, and from https to https alone. 0: a redirect is the answer.
    int maxRedirects = 0;
    /// Null: the system's certificates.
    std::shared_ptr<const TlsOptions> tls;
};

struct Response {
    /// Any status is a response.
    int status = 0;
    /// Names as they came, of the last answer where redirects were followed.
    Headers headers;
    SharedBytes body;

    /// The first value of a header, its name compared without regard to case; empty when there is none.
    std::string_view header(std::string_view name) const;
};

/// Why there is no response.
struct Failure {
    enum class Kind : std::uint8_t {
        /// Not a request that can be sent: another scheme, a bad URL, a header with a line break.
        Invalid,
        /// No connection: refused, reset, unknown host.
        Unreachable,
        /// The certificate or the handshake was refused.
        Tls,
        Timeout,
        /// The body passed maxBodyBytes.
        TooLarge,
        /// The client is being destroyed.
        Stopped,
    };
    Kind kind = Kind::Unreachable;
    /// One sentence for people, without the URL's path, query or password.
    std::string text;
};

/// A word for each kind, for telling failures apart.
std::string_view toString(Failure::Kind kind);

/// Sends HTTP/1.1 requests without blocking anybody: one thread of its own, which the first request starts, looks after
/// all of them and keeps connections alive between requests. It reads no proxy settings of the environment, no cookies
/// and no .netrc.
/// Thread-safe.
class HttpClient {
public:
    struct Limits {
        static constexpr std::size_t kMaxConnections = 256;
        static constexpr std::size_t kMaxConnectionsPerOrigin = 64;
        static constexpr std::size_t kMaxIdleConnections = 32;

        /// Requests under way at a time, each on a connection of its own; more of them wait, within their time-out.
        std::size_t connections = kMaxConnections;
        /// The same for one scheme, host and port, so that a slow server takes no more than its share; requests to
        /// others pass those that wait for it. A request that is redirected counts where it began.
        std::size_t connectionsPerOrigin = kMaxConnectionsPerOrigin;
        /// Connections kept for later requests.
        std::size_t idleConnections = kMaxIdleConnections;
    };
    /// Called once for each request on the client's thread; must be quick and must not destroy the client. What it
    /// sends while the client is being destroyed is answered with Failure::Kind::Stopped at once.
    using Done = std::function<void(Expected<Response, Failure>)>;

    HttpClient() : HttpClient(Limits{}) {}
    explicit HttpClient(Limits limits);
    /// Ends what is under way with Failure::Kind::Stopped; no callback runs when it returns.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// @return the request's number for cancel(), above 0.
    std::uint64_t send(Request request, Done done);
    /// Gives the request up: its callback isn't called any more, unless it is running at this moment. A request that is
    /// over is ignored.
    void cancel(std::uint64_t id);

private:
    class Worker;
    std::unique_ptr<Worker> worker_;
};

/// `url` as it may be shown and logged: scheme, host, port and path, without user, password, query and fragment.
std::string displayUrl(std::string_view url);

}  // namespace xshathra::httpclient
