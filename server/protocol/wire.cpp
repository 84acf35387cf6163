#include "server/protocol/wire.h"

#include "server/protocol/wire_fields.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#endif

#include <algorithm>
#include <limits>

namespace xshathra::protocol::wire {

static void map(const Push& push, pb::Push& envelope);
static void map(Push& push, pb::Push& envelope);

namespace {

// The place of each alternative of an envelope, for both directions.
// clang-format off
#define XSHATHRA_REQUESTS(X)                \
    X(connect, ConnectRequest)              \
    X(subscribe, SubscribeRequest)          \
    X(unsubscribe, UnsubscribeRequest)      \
    X(publish, PublishRequest)              \
    X(presence, PresenceRequest)            \
    X(presence_stats, PresenceStatsRequest) \
    X(history, HistoryRequest)              \
    X(ping, PingRequest)                    \
    X(send, SendRequest)                    \
    X(rpc, RpcRequest)                      \
    X(refresh, RefreshRequest)              \
    X(sub_refresh, SubRefreshRequest)
#define XSHATHRA_RESULTS(X)                \
    X(push, Push)                          \
    X(connect, ConnectResult)              \
    X(subscribe, SubscribeResult)          \
    X(unsubscribe, UnsubscribeResult)      \
    X(publish, PublishResult)              \
    X(presence, PresenceResult)            \
    X(presence_stats, PresenceStatsResult) \
    X(history, HistoryResult)              \
    X(ping, PingResult)                    \
    X(rpc, RpcResult)                      \
    X(refresh, RefreshResult)              \
    X(sub_refresh, SubRefreshResult)
#define XSHATHRA_PUSHES(X)      \
    X(pub, Publication)         \
    X(join, Join)               \
    X(leave, Leave)             \
    X(unsubscribe, Unsubscribe) \
    X(message, Message)         \
    X(subscribe, Subscribe)     \
    X(connect, Connect)         \
    X(disconnect, Disconnect)   \
    X(refresh, Refresh)
// clang-format on

#define XSHATHRA_PLACE(name, Type)                                                                   \
    void place(const Type& message, auto& envelope) requires requires { envelope.mutable_##name(); } \
    { map(message, *envelope.mutable_##name()); }
#define XSHATHRA_TAKE(name, Type)                                          \
    if (envelope.has_##name()) {                                           \
        ++taken;                                                           \
        map(variant.template emplace<Type>(), *envelope.mutable_##name()); \
    }

void place(const std::monostate&, auto&) {}

XSHATHRA_REQUESTS(XSHATHRA_PLACE)
XSHATHRA_RESULTS(XSHATHRA_PLACE)
XSHATHRA_PUSHES(XSHATHRA_PLACE)

template <typename Variant>
void placeAlternative(const Variant& variant, auto& envelope) {
    std::visit([&](const auto& message) { place(message, envelope); }, variant);
}

/// Each returns how many alternatives were there; the last one wins.
int takeRequest(Command::Request& variant, pb::Command& envelope) {
    int taken = 0;
    XSHATHRA_REQUESTS(XSHATHRA_TAKE)
    return taken;
}

int takeResult(Reply::Result& variant, pb::Reply& envelope) {
    int taken = 0;
    XSHATHRA_RESULTS(XSHATHRA_TAKE)
    return taken;
}

int takePush(Push::Body& variant, pb::Push& envelope) {
    int taken = 0;
    XSHATHRA_PUSHES(XSHATHRA_TAKE)
    return taken;
}

#undef XSHATHRA_REQUESTS
#undef XSHATHRA_RESULTS
#undef XSHATHRA_PUSHES
#undef XSHATHRA_PLACE
#undef XSHATHRA_TAKE

/// protobuf reports text that isn't UTF-8 to stderr, where a hostile client could fill the disk with it.
void silenceProtobuf() {
#if GOOGLE_PROTOBUF_VERSION < 4022000
    [[maybe_unused]] static const auto once = google::protobuf::SetLogHandler(nullptr);
#endif
}

void appendMessage(std::string& out, const google::protobuf::MessageLite& message) {
    silenceProtobuf();
    using google::protobuf::io::CodedOutputStream;
    const auto size = message.ByteSizeLong();
    const auto prefix = CodedOutputStream::VarintSize64(size);
    const auto start = out.size();
    out.resize(start + prefix + size);
    auto* at = reinterpret_cast<std::uint8_t*>(out.data() + start);
    at = CodedOutputStream::WriteVarint64ToArray(size, at);
    message.SerializeWithCachedSizesToArray(at);
}

bool parseMessage(std::string_view bytes, std::size_t depth, google::protobuf::MessageLite& message) {
    silenceProtobuf();
    if (bytes.size() > std::size_t(std::numeric_limits<int>::max()) || depth == 0)
        return false;
    google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                  static_cast<int>(bytes.size()));
    stream.SetRecursionLimit(static_cast<int>(std::min<std::size_t>(depth - 1, std::numeric_limits<int>::max())));
    return message.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

}  // namespace

static void map(const Push& push, pb::Push& envelope) {
    envelope.set_id(push.id);
    envelope.set_channel(push.channel);
    placeAlternative(push.message, envelope);
}

static void map(Push& push, pb::Push& envelope) {
    push.id = envelope.id();
    push.channel = std::move(*envelope.mutable_channel());
    takePush(push.message, envelope);
}

void append(std::string& out, const Command& command) {
    pb::Command envelope;
    envelope.set_id(command.id);
    placeAlternative(command.request, envelope);
    appendMessage(out, envelope);
}

void append(std::string& out, const Reply& reply) {
    pb::Reply envelope;
    envelope.set_id(reply.id);
    if (reply.error)
        map(*reply.error, *envelope.mutable_error());
    else
        placeAlternative(reply.result, envelope);
    appendMessage(out, envelope);
}

void append(std::string& out, const Push& push) {
    pb::Push envelope;
    map(push, envelope);
    appendMessage(out, envelope);
}

void appendPublicationPush(std::string& out, std::string_view channel, const Publication& publication) {
    pb::Reply envelope;
    auto& push = *envelope.mutable_push();
    push.set_channel(channel.data(), channel.size());
    map(publication, *push.mutable_pub());
    appendMessage(out, envelope);
}

ParseOutcome parse(std::string_view bytes, std::size_t depth, Command& command) {
    pb::Command envelope;
    if (!parseMessage(bytes, depth, envelope))
        return ParseOutcome::Malformed;
    command.id = envelope.id();
    return takeRequest(command.request, envelope) > 1 ? ParseOutcome::Ambiguous : ParseOutcome::Good;
}

ParseOutcome parse(std::string_view bytes, std::size_t depth, Reply& reply) {
    pb::Reply envelope;
    if (!parseMessage(bytes, depth, envelope))
        return ParseOutcome::Malformed;
    reply.id = envelope.id();
    if (envelope.has_error())
        map(reply.error.emplace(), *envelope.mutable_error());
    return takeResult(reply.result, envelope) > 1 ? ParseOutcome::Ambiguous : ParseOutcome::Good;
}

bool parse(std::string_view bytes, std::size_t depth, EmulationRequest& request) {
    pb::EmulationRequest message;
    if (!parseMessage(bytes, depth, message))
        return false;
    request.node = std::move(*message.mutable_node());
    request.session = std::move(*message.mutable_session());
    request.commands = SharedBytes(std::move(*message.mutable_data()));
    return true;
}

void appendWithoutLength(std::string& out, const EmulationRequest& request) {
    pb::EmulationRequest message;
    message.set_node(request.node);
    message.set_session(request.session);
    if (request.commands)
        message.set_data(request.commands->data(), request.commands->size());
    message.AppendToString(&out);
}

}  // namespace xshathra::protocol::wire
