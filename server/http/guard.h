#pragma once

#include "server/http/head.h"
#include "server/http/response.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::http {

/// A host with its port, from a Host header or a setting. Host in lower case; IPv6 in brackets.
struct HostPort {
    std::string host;
    /// Absent where the text names none.
    std::optional<std::uint16_t> port;

    friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// `host`, `host:port`, `[v6]`, `[v6]:port` in their plain form: no user, no path, no empty label, no leading zero in
/// the port, no percent sign. Nothing otherwise.
std::optional<HostPort> parseHostPort(std::string_view text);

/// An origin (RFC 6454 section 6.2), scheme and host in lower case, the scheme's default port filled in.
struct Origin {
    std::string scheme;
    std::string host;
    /// 0 where the scheme has no default port and none is given (`app://localhost`).
    std::uint16_t port = 0;

    friend bool operator==(const Origin&, const Origin&) = default;
};

/// A serialised origin: `scheme://host[:port]` and nothing more; `null` is none.
std::optional<Origin> parseOrigin(std::string_view text);

/// `localhost`, a name under `.localhost`, `127.0.0.1` or `[::1]`, written so.
bool isLoopbackHost(std::string_view host);

struct GuardConfig {
    /// The port that the server listens on: what a Host must name.
    std::uint16_t port = 3001;
    /// Whether the server itself speaks TLS; decides which port a Host without one means (443 or 80).
    bool tls = false;
    /// Names besides the loopback ones: `dev.example.test` (with the own port) or `dev.example.test:443` (with that
    /// port, as behind a proxy or a forwarded port).
    std::vector<std::string> hosts;
    /// Origins besides the loopback ones, compared exactly: `https://app.example.test`.
    std::vector<std::string> origins;
    /// Pages served from this machine, whatever their port, may connect: the app under development runs at
    /// `http://localhost:5173` or the like.
    bool allowLoopbackOrigins = true;
    /// Origins besides those by pattern (matchesOriginPattern()), as in Centrifugo's `client.allowed_origins`.
    std::vector<std::string> originPatterns;
    /// Any Host will do, as in Centrifugo, which has no such check. For a server that other machines reach under names
    /// unknown to it; a page that lets its own name point here is then told from others by its Origin alone.
    bool anyHost = false;
};

/// The guard's decision, with its reason for the log and the Decision view.
struct GuardAnswer {
    bool allowed = true;
    /// 421 for the host, 403 for the origin; 0 when allowed.
    int status = 0;
    /// `host` or `origin`: the check that decided; empty when allowed.
    std::string check;
    /// What was sent (control characters escaped, at most 200 characters), and what would be accepted.
    std::string found;
    std::string expected;
    /// What to do about it, one sentence. Empty when allowed.
    std::string advice;

    /// The answer, in the form of the path that was asked for; closes the connection.
    Response response(std::string_view path) const;
};

/// First filter of every request: Host, then Origin (reliability 2.1 rows 1 and 3). Immutable, thread-safe.
class Guard {
public:
    /// Entries that can't be parsed are left out; check them with invalidEntries() first.
    explicit Guard(GuardConfig config);

    /// Host first, then Origin. To be asked before routing, for every request and upgrade.
    GuardAnswer check(const Head& head) const;
    GuardAnswer checkHost(const Head& head) const;
    /// A request without Origin passes: it comes from a program, not from a page.
    GuardAnswer checkOrigin(const Head& head) const;

    /// Whether the request comes from a page of this very server: its Origin is `http(s)://` + its Host. For
    /// cookie-authenticated changes, where an Origin is required.
    bool isOwnPage(const Head& head) const;

    const GuardConfig& config() const { return config_; }

    /// The entries of `hosts`, `origins` and `originPatterns` that can't be parsed, for the settings' validation.
    static std::vector<std::string> invalidEntries(const GuardConfig& config);

private:
    bool hostAllowed(const HostPort& host) const;
    std::uint16_t defaultPort() const { return config_.tls ? 443 : 80; }

    GuardConfig config_;
    std::vector<HostPort> hosts_;
    std::vector<Origin> origins_;
};

/// CORS answer headers for the browser transports (http_stream, sse, emulation; reference 1.4), to be added when the
/// guard allowed an Origin: echoes it with credentials and `Vary: Origin`. Without an Origin only `Vary` is added.
void addCorsHeaders(const Head& request, Response& response);
/// 204 to a preflight of such a transport: `POST, OPTIONS`, requested headers echoed, 300 s.
Response corsPreflight(const Head& request);

}  // namespace xshathra::http
