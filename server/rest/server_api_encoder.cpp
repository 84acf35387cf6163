#include "server/rest/server_api_encoder.h"

#include "server/protocol/json.h"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace xshathra::rest {

namespace {

namespace command = services::command;
using protocol::ErrorCode;

/// Centrifugo's `node.info_metrics_aggregate_interval`; ours are of the moment.
constexpr Seconds kMetricsInterval{60};

/// Writes the members of one JSON object.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    ~ObjectWriter() { out_ += '}'; }
    ObjectWriter(const ObjectWriter&) = delete;
    ObjectWriter& operator=(const ObjectWriter&) = delete;

    /// Begins a member; the value is the caller's to write.
    std::string& member(std::string_view name) {
        if (!first_)
            out_ += ',';
        first_ = false;
        protocol::appendJsonString(out_, name);
        out_ += ':';
        return out_;
    }
    void number(std::string_view name, std::integral auto value) { member(name) += std::to_string(value); }
    void text(std::string_view name, std::string_view value) { protocol::appendJsonString(member(name), value); }
    void flag(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }

    void numberUnlessZero(std::string_view name, std::integral auto value) {
        if (value != 0)
            number(name, value);
    }
    void textUnlessEmpty(std::string_view name, std::string_view value) {
        if (!value.empty())
            text(name, value);
    }
    void flagIfSet(std::string_view name, bool value) {
        if (value)
            flag(name, true);
    }
    void textsUnlessEmpty(std::string_view name, const std::map<std::string, std::string>& values) {
        if (values.empty())
            return;
        ObjectWriter object(member(name));
        for (const auto& [key, value] : values)
            object.text(key, value);
    }
    /// False where the bytes are no JSON. Empty ones are left out.
    bool payloadUnlessEmpty(std::string_view name, std::string_view bytes, bool knownJson) {
        if (bytes.empty())
            return true;
        if (!knownJson && !protocol::isValidJson(bytes))
            return false;
        member(name) += bytes;
        return true;
    }

private:
    std::string& out_;
    bool first_ = true;
};

/// Writes a list by `write(element)`, which may fail.
template <typename Elements, typename Write>
bool appendList(std::string& out, const Elements& elements, Write write) {
    out += '[';
    bool first = true;
    for (const auto& element : elements) {
        if (!first)
            out += ',';
        first = false;
        if (!write(element))
            return false;
    }
    out += ']';
    return true;
}

std::string_view bytesOf(const std::optional<SharedBytes>& raw) { return raw ? raw->view() : std::string_view(); }

bool appendClientInfo(std::string& out, const protocol::ClientInfo& info) {
    ObjectWriter object(out);
    object.text("user", info.user);
    object.text("client", info.client);
    return object.payloadUnlessEmpty("conn_info", bytesOf(info.connInfo), false) &&
           object.payloadUnlessEmpty("chan_info", bytesOf(info.chanInfo), false);
}

void appendPosition(ObjectWriter& object, std::uint64_t offset, std::string_view epoch) {
    object.numberUnlessZero("offset", offset);
    object.textUnlessEmpty("epoch", epoch);
}

bool appendMapEntry(std::string& out, const engine::MapEntry& entry, bool knownJson) {
    const auto& publication = entry.publication;
    ObjectWriter object(out);
    object.textUnlessEmpty("key", publication.key);
    if (!object.payloadUnlessEmpty("data", publication.data.view(), knownJson))
        return false;
    object.textsUnlessEmpty("tags", publication.tags);
    object.numberUnlessZero("offset", publication.offset);
    object.numberUnlessZero("score", publication.score);
    object.flagIfSet("removed", publication.removed);
    object.numberUnlessZero("time", entry.time);
    return true;
}

/// Pages of a map's state and of its stream.
template <typename Page>
bool appendMapPage(std::string& out, const Page& page, std::string_view cursor) {
    ObjectWriter object(out);
    if (!page.entries.empty()) {
        auto& list = object.member("entries");
        if (!appendList(list, page.entries,
                        [&](const auto& entry) { return appendMapEntry(list, entry, !page.notJson); }))
            return false;
    }
    appendPosition(object, page.offset, page.epoch);
    object.textUnlessEmpty("cursor", cursor);
    return true;
}

class ResultWriter {
public:
    explicit ResultWriter(std::string& out) : out_(out) {}

    bool operator()(const command::Done&) {
        out_ += "{}";
        return true;
    }

    bool operator()(const engine::PublishResult& result) {
        ObjectWriter object(out_);
        appendPosition(object, result.offset, result.epoch);
        return true;
    }

    bool operator()(const command::BroadcastResult& result) {
        ObjectWriter object(out_);
        return appendList(object.member("responses"), result.responses, [&](const auto& response) {
            ObjectWriter one(out_);
            if (!response) {
                appendApiError(one.member("error"), response.error());
                return true;
            }
            one.member("result");
            return (*this)(*response);
        });
    }

    bool operator()(const command::PresenceResult& result) {
        ObjectWriter object(out_);
        ObjectWriter clients(object.member("presence"));
        for (const auto& member : result.members) {
            if (!appendClientInfo(clients.member(member.client), member))
                return false;
        }
        return true;
    }

    bool operator()(const engine::PresenceStats& result) {
        ObjectWriter object(out_);
        object.number("num_clients", result.numClients);
        object.number("num_users", result.numUsers);
        return true;
    }

    bool operator()(const engine::HistoryPage& page) {
        ObjectWriter object(out_);
        const auto write = [&](const protocol::Publication& publication) {
            ObjectWriter one(out_);
            if (!one.payloadUnlessEmpty("data", publication.data.view(), !page.notJson))
                return false;
            if (publication.info && !appendClientInfo(one.member("info"), *publication.info))
                return false;
            one.numberUnlessZero("offset", publication.offset);
            one.textsUnlessEmpty("tags", publication.tags);
            return true;
        };
        if (!appendList(object.member("publications"), page.publications, write))
            return false;
        object.text("epoch", page.epoch);
        object.number("offset", page.offset);
        return true;
    }

    bool operator()(const command::ChannelsResult& result) {
        ObjectWriter object(out_);
        ObjectWriter channels(object.member("channels"));
        for (const auto& channel : result.channels) {
            ObjectWriter one(channels.member(channel.name));
            one.numberUnlessZero("num_clients", channel.numClients);
        }
        return true;
    }

    bool operator()(const command::ConnectionsResult& result) {
        ObjectWriter object(out_);
        ObjectWriter connections(object.member("connections"));
        for (const auto& connection : result.connections)
            appendConnection(connections.member(connection.client), connection);
        return true;
    }

    bool operator()(const command::InfoResult& result) {
        ObjectWriter object(out_);
        object.member("nodes") += '[';
        {
            ObjectWriter node(out_);
            const auto& figures = result.figures;
            node.text("uid", result.uid);
            node.text("name", result.name);
            node.text("version", result.version);
            node.number("num_clients", figures.numClients);
            node.number("num_users", figures.numUsers);
            node.number("num_channels", figures.numChannels);
            node.numberUnlessZero("uptime", std::chrono::duration_cast<Seconds>(figures.uptime).count());
            appendMetrics(node.member("metrics"), figures);
            node.number("num_subs", figures.numSubscriptions);
        }
        out_ += ']';
        return true;
    }

    bool operator()(const command::RpcResult& result) {
        ObjectWriter object(out_);
        return object.payloadUnlessEmpty("data", result.data.view(), false);
    }

    bool operator()(const engine::MapUpdateResult& result) {
        ObjectWriter object(out_);
        appendPosition(object, result.offset, result.epoch);
        object.flagIfSet("suppressed", result.suppressed != engine::MapSuppressed::No);
        object.textUnlessEmpty("suppress_reason", engine::toString(result.suppressed));
        return true;
    }

    bool operator()(const engine::MapStatePage& page) { return appendMapPage(out_, page, page.cursor); }
    bool operator()(const engine::MapStreamPage& page) { return appendMapPage(out_, page, {}); }

    bool operator()(const command::MapStatsResult& result) {
        ObjectWriter object(out_);
        object.numberUnlessZero("num_keys", result.numKeys);
        return true;
    }

private:
    /// Those of Centrifugo's figures that say how things stand; it also has sums over the interval.
    static void appendMetrics(std::string& out, const engine::NodeInfo& figures) {
        ObjectWriter metrics(out);
        metrics.number("interval", kMetricsInterval.count());
        ObjectWriter items(metrics.member("items"));
        items.number("centrifugo.node.num_channels", figures.numChannels);
        items.number("centrifugo.node.num_clients", figures.numClients);
        items.number("centrifugo.node.num_nodes", 1);
        items.number("centrifugo.node.num_subscriptions", figures.numSubscriptions);
        items.number("centrifugo.node.num_users", figures.numUsers);
    }

    static void appendConnection(std::string& out, const engine::ConnectionSummary& connection) {
        ObjectWriter object(out);
        object.textUnlessEmpty("app_name", connection.name);
        object.textUnlessEmpty("app_version", connection.version);
        object.text("transport", engine::toString(connection.transport.kind));
        object.text("protocol", connection.transport.encoding == protocol::Encoding::Json ? "json" : "protobuf");
        object.textUnlessEmpty("user", connection.user);
        {
            ObjectWriter state(object.member("state"));
            if (!connection.channels.empty()) {
                ObjectWriter channels(state.member("channels"));
                for (const auto& channel : connection.channels)
                    channels.member(channel) += "{}";
            }
        }
        object.number("connected_at_ms", std::chrono::duration_cast<Milliseconds>(connection.connectedAtWall).count());
    }

    std::string& out_;
};

}  // namespace

bool appendResult(std::string& out, const command::Result& result) { return std::visit(ResultWriter(out), result); }

void appendApiError(std::string& out, const protocol::ClientError& error) {
    ObjectWriter object(out);
    object.number("code", error.code);
    // Two codes have other texts here than on connections.
    switch (static_cast<ErrorCode>(error.code)) {
        case ErrorCode::MethodNotFound: object.text("message", "not found"); break;
        case ErrorCode::ConcurrentPagination: object.text("message", "conflict"); break;
        default: object.text("message", error.message); break;
    }
}

int statusOf(const protocol::ClientError& error) {
    switch (static_cast<ErrorCode>(error.code)) {
        case ErrorCode::UnknownChannel:
        case ErrorCode::MethodNotFound: return 404;
        case ErrorCode::BadRequest:
        case ErrorCode::NotAvailable: return 400;
        case ErrorCode::UnrecoverablePosition: return 416;
        case ErrorCode::ConcurrentPagination: return 409;
        default: return 500;
    }
}

}  // namespace xshathra::rest
