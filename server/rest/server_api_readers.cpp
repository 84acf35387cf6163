#include "server/rest/server_api_readers.h"

#include "server/auth/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace xshathra::rest {

namespace {

namespace command = services::command;
using protocol::ErrorCode;

/// Text of a `b64...` field, kept until the whole request has been read: it wins over the plain field.
struct Encoded {
    std::string text;

    /// Replaces `bytes` where there is such a text. False where it is no base64.
    template <typename Bytes>
    [[nodiscard]] bool decodeInto(Bytes& bytes) const {
        if (text.empty())
            return true;
        auto decoded = auth::decodeBase64(text, auth::Base64Rules::Lenient);
        if (!decoded)
            return false;
        bytes = SharedBytes(std::move(*decoded));
        return true;
    }
};

// One Reader for each command: field() takes a member, finish() what can only be judged in the end and gives 107.

template <typename Command>
struct Reader;

/// Whether a field that publications of all kinds have could be read; nothing where it is another field.
template <typename Options>
std::optional<bool> publicationField(JsonField& field, SharedBytes& data, Encoded& encoded, Options& options) {
    if (field.is("data"))
        return field.raw(data);
    if (field.is("b64data"))
        return field.text(encoded.text);
    if (field.is("tags"))
        return field.textMap(options.tags);
    if (field.is("idempotency_key"))
        return field.text(options.idempotencyKey);
    if (field.is("delta"))
        return field.flag(options.delta);
    if (field.is("version"))
        return field.integer(options.version);
    if (field.is("version_epoch"))
        return field.text(options.versionEpoch);
    return std::nullopt;
}

/// Publish and Broadcast.
template <typename Command>
struct PublicationReader {
    Command out;
    Encoded encoded;

    bool shared(JsonField& field) {
        if (const auto read = publicationField(field, out.data, encoded, out.options))
            return *read;
        return !field.is("skip_history") || field.flag(out.options.skipHistory);
    }
    bool finish() {
        out.options.knownJson = encoded.text.empty();
        return encoded.decodeInto(out.data);
    }
};

template <>
struct Reader<command::Publish> : PublicationReader<command::Publish> {
    bool field(JsonField field) {
        if (field.is("channel"))
            return field.text(out.channel);
        return shared(field);
    }
};

template <>
struct Reader<command::Broadcast> : PublicationReader<command::Broadcast> {
    bool field(JsonField field) {
        if (field.is("channels"))
            return field.texts(out.channels);
        return shared(field);
    }
};

std::optional<bool> targetField(JsonField& field, engine::UserTarget& target) {
    if (field.is("user"))
        return field.text(target.user);
    if (field.is("client"))
        return field.text(target.client);
    if (field.is("session"))
        return field.text(target.session);
    return std::nullopt;
}

/// `{"value": bool}`; `{}` means false.
bool boolValue(JsonField field, std::optional<bool>& out) {
    if (field.isNull())
        return true;
    out = false;
    return field.object([&](JsonField member) { return !member.is("value") || member.flag(*out); });
}

bool overridesField(JsonField field, auth::SubscriptionOverrides& out) {
    return field.object([&](JsonField member) {
        if (member.is("presence"))
            return boolValue(member, out.presence);
        if (member.is("join_leave"))
            return boolValue(member, out.joinLeave);
        if (member.is("force_recovery"))
            return boolValue(member, out.forceRecovery);
        if (member.is("force_positioning"))
            return boolValue(member, out.forcePositioning);
        if (member.is("force_push_join_leave"))
            return boolValue(member, out.forcePushJoinLeave);
        return true;
    });
}

bool positionField(JsonField field, std::optional<protocol::StreamPosition>& out) {
    if (field.isNull())
        return true;
    auto& position = out.emplace();
    return field.object([&](JsonField member) {
        if (member.is("offset"))
            return member.integer(position.offset);
        if (member.is("epoch"))
            return member.text(position.epoch);
        return true;
    });
}

/// Seconds since 1970; 0 means that there is no such time.
bool timeField(JsonField field, std::optional<std::int64_t>& out) {
    std::int64_t seconds = 0;
    if (!field.integer(seconds))
        return false;
    out = seconds == 0 ? std::nullopt : std::optional(seconds);
    return true;
}

template <>
struct Reader<command::Subscribe> {
    command::Subscribe out;
    Encoded data;
    Encoded info;

    bool field(JsonField field) {
        if (const auto read = targetField(field, out.target))
            return *read;
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("expire_at"))
            return timeField(field, out.options.expireAt);
        if (field.is("info"))
            return field.raw(out.options.info);
        if (field.is("b64info"))
            return field.text(info.text);
        if (field.is("data"))
            return field.raw(out.options.data);
        if (field.is("b64data"))
            return field.text(data.text);
        if (field.is("recover_since"))
            return positionField(field, out.options.recoverSince);
        if (field.is("override"))
            return overridesField(field, out.options.overrides);
        return true;
    }
    bool finish() { return data.decodeInto(out.options.data) && info.decodeInto(out.options.info); }
};

template <>
struct Reader<command::Unsubscribe> {
    command::Unsubscribe out;

    bool field(JsonField field) {
        if (const auto read = targetField(field, out.target))
            return *read;
        return !field.is("channel") || field.text(out.channel);
    }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Disconnect> {
    command::Disconnect out;

    bool field(JsonField field) {
        if (const auto read = targetField(field, out.target))
            return *read;
        if (field.is("whitelist"))
            return field.texts(out.whitelist);
        if (!field.is("disconnect") || field.isNull())
            return true;
        auto& reason = out.reason.emplace();
        return field.object([&](JsonField member) {
            if (member.is("code"))
                return member.integer(reason.code);
            if (member.is("reason"))
                return member.text(reason.reason);
            return true;
        });
    }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Refresh> {
    command::Refresh out;

    bool field(JsonField field) {
        if (const auto read = targetField(field, out.target))
            return *read;
        if (field.is("expired"))
            return field.flag(out.expired);
        if (field.is("expire_at"))
            return timeField(field, out.expireAt);
        if (field.is("info"))
            return field.raw(out.info);
        return true;
    }
    static bool finish() { return true; }
};

/// Commands that have a channel and nothing else.
template <typename Command>
struct ChannelReader {
    Command out;

    bool field(JsonField field) { return !field.is("channel") || field.text(out.channel); }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Presence> : ChannelReader<command::Presence> {};
template <>
struct Reader<command::PresenceStats> : ChannelReader<command::PresenceStats> {};
template <>
struct Reader<command::HistoryRemove> : ChannelReader<command::HistoryRemove> {};
template <>
struct Reader<command::MapStats> : ChannelReader<command::MapStats> {};
template <>
struct Reader<command::MapClear> : ChannelReader<command::MapClear> {};

/// `limit` has 32 bits on the wire.
bool limitField(JsonField field, std::int64_t& out) {
    std::int32_t limit = 0;
    if (!field.integer(limit))
        return false;
    out = limit;
    return true;
}

template <>
struct Reader<command::History> {
    command::History out;

    bool field(JsonField field) {
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("limit"))
            return limitField(field, out.options.limit);
        if (field.is("since"))
            return positionField(field, out.options.since);
        if (field.is("reverse"))
            return field.flag(out.options.reverse);
        return true;
    }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Channels> {
    command::Channels out;

    bool field(JsonField field) { return !field.is("pattern") || field.text(out.pattern); }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Connections> {
    command::Connections out;

    bool field(JsonField field) {
        if (field.is("user"))
            return field.isNull() || field.text(out.user.emplace());
        return !field.is("expression") || field.text(out.expression);
    }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Info> {
    command::Info out;

    static bool field(const JsonField&) { return true; }
    static bool finish() { return true; }
};

template <>
struct Reader<command::Rpc> {
    command::Rpc out;

    bool field(JsonField field) {
        if (field.is("method"))
            return field.text(out.method);
        return !field.is("params") || field.raw(out.params);
    }
    static bool finish() { return true; }
};

template <>
struct Reader<command::MapPublish> {
    command::MapPublish out;
    Encoded encoded;

    bool field(JsonField field) {
        if (const auto read = publicationField(field, out.data, encoded, out.options))
            return *read;
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("key"))
            return field.text(out.key);
        return !field.is("key_mode") || field.text(out.keyMode);
    }
    bool finish() {
        out.options.knownJson = encoded.text.empty() && !out.data.empty();
        return encoded.decodeInto(out.data);
    }
};

template <>
struct Reader<command::MapRemove> {
    command::MapRemove out;

    bool field(JsonField field) {
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("key"))
            return field.text(out.key);
        return !field.is("idempotency_key") || field.text(out.options.idempotencyKey);
    }
    static bool finish() { return true; }
};

/// A position whose parts are fields of their own. Absent where both are at their default.
struct FlatPosition {
    protocol::StreamPosition position;

    void moveTo(std::optional<protocol::StreamPosition>& out) {
        if (position.offset > 0 || !position.epoch.empty())
            out = std::move(position);
    }
};

template <>
struct Reader<command::MapReadState> {
    command::MapReadState out;
    FlatPosition revision;

    bool field(JsonField field) {
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("cursor"))
            return field.text(out.query.cursor);
        if (field.is("limit"))
            return limitField(field, out.query.limit);
        if (field.is("key"))
            return field.text(out.query.key);
        if (field.is("revision_offset"))
            return field.integer(revision.position.offset);
        if (field.is("revision_epoch"))
            return field.text(revision.position.epoch);
        return true;
    }
    bool finish() {
        revision.moveTo(out.query.revision);
        return true;
    }
};

template <>
struct Reader<command::MapReadStream> {
    command::MapReadStream out;
    FlatPosition since;

    bool field(JsonField field) {
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("limit"))
            return limitField(field, out.query.limit);
        if (field.is("reverse"))
            return field.flag(out.query.reverse);
        if (field.is("since_offset"))
            return field.integer(since.position.offset);
        if (field.is("since_epoch"))
            return field.text(since.position.epoch);
        return true;
    }
    bool finish() {
        since.moveTo(out.query.since);
        return true;
    }
};

template <>
struct Reader<command::SharedPollPublish> {
    command::SharedPollPublish out;
    Encoded encoded;

    bool field(JsonField field) {
        if (field.is("channel"))
            return field.text(out.channel);
        if (field.is("key"))
            return field.text(out.key);
        if (field.is("data"))
            return field.raw(out.data);
        if (field.is("b64data"))
            return field.text(encoded.text);
        if (field.is("version"))
            return field.integer(out.version);
        if (field.is("epoch"))
            return field.text(out.epoch);
        return true;
    }
    bool finish() { return encoded.decodeInto(out.data); }
};

template <typename Command>
DecodedOrMalformed readCommand(JsonField field) {
    Reader<Command> reader;
    std::string wrong;
    const bool read = field.object([&](JsonField member) {
        if (reader.field(member))
            return true;
        wrong.assign(member.name());
        return false;
    });
    if (!read)
        return Unexpected<Malformed>(
            Malformed{wrong.empty() ? "A command has to be a JSON object."
                                    : "The field " + wrong + " has a value of another type than it takes."});
    if (!reader.finish())
        return DecodedCommand(Unexpected<ErrorCode>(ErrorCode::BadRequest));
    return DecodedCommand(command::Command(std::move(reader.out)));
}

}  // namespace

DecodedOrMalformed readMethod(ApiMethod method, JsonField field) {
    using Read = DecodedOrMalformed (*)(JsonField);
    static constexpr std::array<Read, kApiMethods.size()> kReaders{
        readCommand<command::Publish>,       readCommand<command::Broadcast>,
        readCommand<command::Subscribe>,     readCommand<command::Unsubscribe>,
        readCommand<command::Disconnect>,    readCommand<command::History>,
        readCommand<command::HistoryRemove>, readCommand<command::Presence>,
        readCommand<command::PresenceStats>, readCommand<command::Info>,
        readCommand<command::Rpc>,           readCommand<command::Refresh>,
        readCommand<command::Channels>,      readCommand<command::MapPublish>,
        readCommand<command::MapRemove>,     readCommand<command::MapReadState>,
        readCommand<command::MapReadStream>, readCommand<command::MapStats>,
        readCommand<command::MapClear>,      readCommand<command::SharedPollPublish>,
        readCommand<command::Connections>,
    };
    return kReaders[static_cast<std::size_t>(method)](field);
}

}  // namespace xshathra::rest
