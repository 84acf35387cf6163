#include "server/proxy/proxy_request.h"

#include "server/auth/base64.h"
#include "server/base/ascii.h"
#include "server/protocol/json.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace xshathra::proxy {

namespace {

/// "X-User-Id": the form in which Go writes names of header fields.
std::string canonical(std::string_view name) {
    std::string out = toLower(name);
    bool first = true;
    for (auto& c : out) {
        if (first)
            c = toUpper(c);
        first = c == '-';
    }
    return out;
}

bool belongsToOneConnection(const std::string& name) {
    static constexpr std::array<std::string_view, 10> kNames{
        "host", "content-length",   "transfer-encoding", "trailer", "connection", "upgrade", "keep-alive",
        "te",   "proxy-connection", "content-type"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool lists(const std::vector<std::string>& names, std::string_view wanted) {
    return std::any_of(names.begin(), names.end(),
                       [wanted](const auto& name) { return equalsIgnoringCase(name, wanted); });
}

/// Writes the members of one object, without those that are empty.
class Members {
public:
    void text(std::string_view name, std::string_view value, bool evenIfEmpty = false) {
        if (value.empty() && !evenIfEmpty)
            return;
        key(name);
        protocol::appendJsonString(out_, value);
    }
    void texts(std::string_view name, const std::vector<std::string>& values) {
        if (values.empty())
            return;
        key(name);
        char separator = '[';
        for (const auto& value : values) {
            out_ += separator;
            protocol::appendJsonString(out_, value);
            separator = ',';
        }
        out_ += ']';
    }
    void raw(std::string_view name, std::string_view json) {
        if (json.empty())
            return;
        key(name);
        out_ += json;
    }
    std::string finish() {
        out_ += out_.empty() ? "{}" : "}";
        return std::move(out_);
    }

private:
    void key(std::string_view name) {
        out_ += out_.empty() ? '{' : ',';
        out_ += '"';
        out_ += name;
        out_ += "\":";
    }

    std::string out_;
};

/// Writes what is special about each kind of request behind the members that all have.
struct BodyWriter {
    const engine::ProxyCall& call;
    Members& members;

    void user(bool evenIfEmpty = true) const { members.text("user", call.caller.user, evenIfEmpty); }
    void meta() const {
        if (call.options->includeConnectionMeta && call.caller.meta)
            members.raw("meta", call.caller.meta->view());
    }
    void data(const SharedBytes& bytes) const {
        if (call.options->binaryEncoding)
            members.text("b64data", auth::encodeBase64(bytes.view()));
        else
            members.raw("data", bytes.view());
    }

    void operator()(const engine::ConnectProxyRequest& request) const {
        data(request.data);
        members.text("name", request.name);
        members.text("version", request.version);
        members.texts("channels", request.channels);
    }
    void operator()(const engine::RefreshProxyRequest&) const {
        user();
        meta();
    }
    void operator()(const engine::SubscribeProxyRequest& request) const {
        user();
        members.text("channel", request.channel);
        members.text("token", request.token);
        meta();
        data(request.data);
    }
    void operator()(const engine::SubRefreshProxyRequest& request) const {
        user();
        members.text("channel", request.channel);
        meta();
    }
    void operator()(const engine::PublishProxyRequest& request) const {
        user();
        members.text("channel", request.channel);
        data(request.data);
        meta();
    }
    void operator()(const engine::RpcProxyRequest& request) const {
        user();
        members.text("method", request.method);
        data(request.data);
        meta();
    }
    void operator()(const engine::MapPublishProxyRequest& request) const {
        user(false);
        members.text("channel", request.channel);
        members.text("key", request.key);
        data(request.data);
        meta();
    }
    void operator()(const engine::MapRemoveProxyRequest& request) const {
        user(false);
        members.text("channel", request.channel);
        members.text("key", request.key);
        meta();
    }
    void operator()(const engine::SharedPollProxyRequest& request) const {
        members.text("channel", request.channel);
        if (request.items.empty())
            return;
        std::string items;
        for (const auto& item : request.items) {
            items += items.empty() ? '[' : ',';
            Members one;
            one.text("key", item.key);
            if (item.version != 0)
                one.raw("version", std::to_string(item.version));
            items += one.finish();
        }
        members.raw("items", items + "]");
    }
};

const SharedBytes* dataOf(const engine::ProxyRequest& request) {
    return std::visit(
        [](const auto& one) -> const SharedBytes* {
            if constexpr (requires { one.data; })
                return &one.data;
            else
                return nullptr;
        },
        request);
}

}  // namespace

Expected<std::string, std::string> buildBody(const engine::ProxyCall& call) {
    // What came over JSON has been parsed; a Protobuf client may have sent anything.
    const auto* data = dataOf(call.request);
    if (data != nullptr && !call.options->binaryEncoding && call.caller.encoding == protocol::Encoding::Protobuf &&
        !data->empty() && !protocol::isValidJson(data->view()))
        return Unexpected<std::string>("The client's data isn't JSON, and the proxy's binary_encoding is off.");
    Members members;
    if (engine::kindOf(call.request) != engine::ProxyKind::SharedPollRefresh) {
        members.text("client", call.caller.client);
        members.text("transport", engine::toString(call.caller.transport));
        members.text("protocol", call.caller.encoding == protocol::Encoding::Protobuf ? "protobuf" : "json");
        members.text("encoding", call.options->binaryEncoding ? "binary" : "json");
    }
    std::visit(BodyWriter{call, members}, call.request);
    return members.finish();
}

httpclient::Headers buildHeaders(const engine::ProxyOptions& options, const engine::ProxyCaller& caller) {
    std::map<std::string, std::vector<std::string>> fields;
    for (const auto& [name, value] : options.http.staticHeaders)
        fields[toLower(name)] = {value};
    if (caller.emulatedHeaders) {
        for (const auto& [name, value] : *caller.emulatedHeaders) {
            if (lists(options.emulatedHeaders, name))
                fields[toLower(name)] = {value};
        }
    }
    if (caller.headers) {
        std::map<std::string, std::vector<std::string>> own;
        for (const auto& [name, value] : *caller.headers) {
            if (lists(options.httpHeaders, name))
                own[toLower(name)].push_back(value);
        }
        for (auto& [name, values] : own)
            fields[name] = std::move(values);
    }
    httpclient::Headers headers;
    for (auto& [name, values] : fields) {
        if (belongsToOneConnection(name))
            continue;
        for (auto& value : values) {
            // The client writes its emulated headers as it likes; a bad one is left out instead of failing the call.
            if (value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos)
                headers.emplace_back(canonical(name), std::move(value));
        }
    }
    headers.emplace_back("Content-Type", "application/json");
    return headers;
}

}  // namespace xshathra::proxy
