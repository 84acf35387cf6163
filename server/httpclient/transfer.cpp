#include "server/httpclient/transfer.h"

#include "server/base/ascii.h"

#include <algorithm>
#include <utility>

namespace xshathra::httpclient {

namespace {

constexpr const char* kUserAgent = "User-Agent: xshathra/" XSHATHRA_VERSION;

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

Url parseUrl(const std::string& text) {
    Url url(curl_url());
    if (url && curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
        url.reset();
    return url;
}

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK)
        return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

curl_blob blobOf(const std::string& text) { return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY}; }

Failure::Kind kindOf(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT: return Failure::Kind::Timeout;
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_TOO_MANY_REDIRECTS: return Failure::Kind::Invalid;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_USE_SSL_FAILED: return Failure::Kind::Tls;
        default: return Failure::Kind::Unreachable;
    }
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [name](const auto& field) { return equalsIgnoringCase(field.first, name); });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view toString(Failure::Kind kind) {
    switch (kind) {
        case Failure::Kind::Invalid: return "invalid";
        case Failure::Kind::Unreachable: return "unreachable";
        case Failure::Kind::Tls: return "tls";
        case Failure::Kind::Timeout: return "timeout";
        case Failure::Kind::TooLarge: return "too large";
        case Failure::Kind::Stopped: return "stopped";
    }
    return {};
}

std::string displayUrl(std::string_view url) {
    const auto parsed = parseUrl(std::string(url));
    if (!parsed)
        return "(not a URL)";
    auto shown = part(parsed, CURLUPART_SCHEME) + "://" + part(parsed, CURLUPART_HOST);
    if (const auto port = part(parsed, CURLUPART_PORT); !port.empty())
        shown += ":" + port;
    return shown + part(parsed, CURLUPART_PATH);
}

Transfer::Transfer(std::uint64_t id, Request request, HttpClient::Done done)
    : id_(id),
      request_(std::move(request)),
      deadline_(std::chrono::steady_clock::now() + request_.timeout),
      done_(std::move(done)) {}

const std::string& Transfer::origin() {
    if (!origin_) {
        const auto url = parseUrl(request_.url);
        origin_ = url ? toLower(part(url, CURLUPART_SCHEME) + "://" + part(url, CURLUPART_HOST) + ":" +
                                part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT))
                      : std::string();
    }
    return *origin_;
}

std::optional<Failure> Transfer::prepare() {
    const auto url = parseUrl(request_.url);
    const auto scheme = url ? part(url, CURLUPART_SCHEME) : std::string();
    if (scheme != "http" && scheme != "https")
        return Failure{Failure::Kind::Invalid, "The URL isn't one of http:// or https://."};
    if (!isToken(request_.method))
        return Failure{Failure::Kind::Invalid, "The method isn't one of HTTP."};
    handle_.reset(curl_easy_init());
    if (!handle_)
        return Failure{Failure::Kind::Unreachable, "There is no memory for another request."};
    auto* curl = handle_.get();
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    // What was asked for under TLS isn't taken from somebody without it.
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, scheme == "https" ? "https" : "http,https");
#if LIBCURL_VERSION_NUM >= 0x075700
    // A request that is given up while its host's name is looked up would otherwise hold the thread, and with it all
    // others, until the system's resolver has answered.
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request_.maxRedirects > 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, long(request_.maxRedirects));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, long(std::max<std::int64_t>(left().count(), 1)));
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
    if (request_.method == "POST" || !request_.body.empty()) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request_.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request_.body.empty() ? "" : request_.body.data());
    }
    if (request_.method == "HEAD")
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else if (request_.method != "GET" && request_.method != "POST")
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    curl_easy_setopt(curl, CURLOPT_URL, request_.url.c_str());
    if (auto failure = applyTls())
        return failure;
    return applyHeaders();
}

std::optional<Failure> Transfer::applyHeaders() {
    curl_slist* list = nullptr;
    const auto add = [&list](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
    bool agent = false;
    bool host = false;
    for (const auto& [name, value] : request_.headers) {
        if (!isToken(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
            curl_slist_free_all(list);
            return Failure{Failure::Kind::Invalid, "A header field has a name or a value that HTTP doesn't allow."};
        }
        agent = agent || equalsIgnoringCase(name, "User-Agent");
        host = host || equalsIgnoringCase(name, "Host");
        // libcurl's way to write a field without a value.
        add(value.empty() ? name + ";" : name + ": " + value);
    }
    if (!agent)
        add(kUserAgent);
    if (!host && !hostHeader_.empty())
        add("Host: " + hostHeader_);
    // A body is sent at once, without asking first.
    add("Expect:");
    headers_.reset(list);
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, list);
    return std::nullopt;
}

std::optional<Failure> Transfer::applyTls() {
    if (!request_.tls)
        return std::nullopt;
    auto* curl = handle_.get();
    const auto& tls = *request_.tls;
    if (!tls.clientCertificate.empty()) {
        auto blob = blobOf(tls.clientCertificate);
        curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &blob);
    }
    if (!tls.clientKey.empty()) {
        auto blob = blobOf(tls.clientKey);
        curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &blob);
    }
    if (!tls.authorities.empty()) {
        auto blob = blobOf(tls.authorities);
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    }
    if (tls.insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (tls.serverName.empty())
        return std::nullopt;
    // libcurl takes SNI and the name to verify from the URL, so the URL gets the name, and the connection the address.
    auto url = parseUrl(request_.url);
    const auto host = part(url, CURLUPART_HOST);
    const auto port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    const auto given = part(url, CURLUPART_PORT);
    hostHeader_ = given.empty() ? host : host + ":" + given;
    if (curl_url_set(url.get(), CURLUPART_HOST, tls.serverName.c_str(), 0) != CURLUE_OK)
        return Failure{Failure::Kind::Invalid, "The TLS server name isn't a host name."};
    connectTo_.reset(curl_slist_append(nullptr, (tls.serverName + ":" + port + ":" + host + ":" + port).c_str()));
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connectTo_.get());
    curl_easy_setopt(curl, CURLOPT_URL, part(url, CURLUPART_URL).c_str());
    return std::nullopt;
}

std::size_t Transfer::onBody(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const auto bytes = size * count;
    if (transfer.body_.size() + bytes > transfer.request_.maxBodyBytes) {
        transfer.tooLarge_ = true;
        return 0;
    }
    transfer.body_.append(data, bytes);
    return bytes;
}

std::size_t Transfer::onHeader(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string_view line(data, size * count);
    const auto bytes = line.size();
    // Another answer begins: after "100 Continue", or after a redirect.
    if (line.substr(0, 5) == "HTTP/") {
        transfer.response_.headers.clear();
        return bytes;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return bytes;
    const auto trim = [](std::string_view text) {
        while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos)
            text.remove_prefix(1);
        while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
            text.remove_suffix(1);
        return text;
    };
    transfer.response_.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    return bytes;
}

Expected<Response, Failure> Transfer::finish(CURLcode result) {
    if (tooLarge_)
        return Unexpected<Failure>({Failure::Kind::TooLarge,
                                    "The answer is longer than " + std::to_string(request_.maxBodyBytes) + " bytes."});
    if (result == CURLE_OPERATION_TIMEDOUT)
        return Unexpected<Failure>({Failure::Kind::Timeout,
                                    "There was no answer within " + std::to_string(request_.timeout.count()) + " ms."});
    if (result != CURLE_OK) {
        std::string text = error_[0] != '\0' ? error_.data() : curl_easy_strerror(result);
        return Unexpected<Failure>({kindOf(result), std::move(text)});
    }
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = int(status);
    response_.body = SharedBytes(std::move(body_));
    return std::move(response_);
}

}  // namespace xshathra::httpclient
