#include "server/protocol/json_reader.h"

#include "server/protocol/fields.h"
#include "server/protocol/json.h"
#include "server/protocol/json_scanner.h"

#include <simdjson.h>

#include <concepts>
#include <cstring>
#include <limits>
#include <map>
#include <vector>

namespace xshathra::protocol::json {

namespace {

namespace ondemand = simdjson::ondemand;
using Kind = DecodeError::Kind;

/// What is kept from message to message, so that a small one needs no allocation for being parsed.
struct Workspace {
    /// simdjson reads past the end of the text, which the memory of a frame doesn't allow.
    std::vector<char> padded;
    ondemand::parser parser;

    simdjson::padded_string_view pad(std::string_view text) {
        const auto needed = text.size() + simdjson::SIMDJSON_PADDING;
        if (padded.size() < needed)
            padded.resize(needed);
        std::memcpy(padded.data(), text.data(), text.size());
        return simdjson::padded_string_view(padded.data(), text.size(), padded.size());
    }
};

/// A longer text gets a workspace of its own, so that threads don't keep the memory.
constexpr std::size_t kMaxKeptBytes = 256 * 1024;

class Reader {
public:
    /// `padded` is the copy of the line that is parsed. `checkPayloads`: some may be nested too deep.
    Reader(const SharedBytes& line, const char* padded, std::size_t maxDepth, bool checkPayloads)
        : line_(line), padded_(padded), maxDepth_(maxDepth), checkPayloads_(checkPayloads) {}

    const ParseError& error() const { return error_; }

    /// Calls `onField(key, value)` for each field; each returns false to stop at an error.
    bool eachField(auto container, std::size_t depth, auto&& onField) {
        if (depth > maxDepth_)
            return fail(Kind::TooDeep);
        ondemand::object object;
        if (container.get_object().get(object))
            return fail(Kind::WrongType);
        for (auto field : object) {
            std::string_view key;
            ondemand::value value;
            if (field.unescaped_key().get(key) || field.value().get(value))
                return fail(Kind::Malformed);
            if (!onField(key, value))
                return false;
        }
        return true;
    }

    bool read(ondemand::value value, bool& target, std::size_t) { return check(value.get_bool().get(target)); }

    template <std::unsigned_integral T>
    bool read(ondemand::value value, T& target, std::size_t) {
        std::uint64_t number = 0;
        if (value.get_uint64().get(number) || number > std::numeric_limits<T>::max())
            return fail(Kind::WrongType);
        target = static_cast<T>(number);
        return true;
    }

    template <std::signed_integral T>
    bool read(ondemand::value value, T& target, std::size_t) {
        std::int64_t number = 0;
        if (value.get_int64().get(number) || number > std::numeric_limits<T>::max() ||
            number < std::numeric_limits<T>::min())
            return fail(Kind::WrongType);
        target = static_cast<T>(number);
        return true;
    }

    bool read(ondemand::value value, std::string& target, std::size_t) {
        std::string_view text;
        if (value.get_string().get(text))
            return fail(Kind::WrongType);
        target = text;
        return true;
    }

    bool read(ondemand::value value, SharedBytes& target, std::size_t) {
        std::string_view raw = value.raw_json_token();
        if (raw.front() == '{') {
            ondemand::object object;
            if (value.get_object().get(object) || object.raw_json().get(raw))
                return fail(Kind::Malformed);
        } else if (raw.front() == '[') {
            ondemand::array array;
            if (value.get_array().get(array) || array.raw_json().get(raw))
                return fail(Kind::Malformed);
        }
        raw = raw.substr(0, raw.find_last_not_of(" \t\r\n") + 1);
        if (checkPayloads_ && scanJson(raw, kMaxPayloadDepth).outcome != JsonScan::Outcome::Valid)
            return fail(Kind::TooDeep);
        target = line_.slice(static_cast<std::size_t>(raw.data() - padded_), raw.size());
        return true;
    }

    template <typename T>
    bool read(ondemand::value value, std::optional<T>& target, std::size_t depth) {
        return read(value, target.emplace(), depth);
    }

    template <typename T>
    bool read(ondemand::value value, std::vector<T>& target, std::size_t depth) {
        if (depth > maxDepth_)
            return fail(Kind::TooDeep);
        ondemand::array array;
        if (value.get_array().get(array))
            return fail(Kind::WrongType);
        for (auto element : array) {
            ondemand::value item;
            if (element.get(item))
                return fail(Kind::Malformed);
            if (!readOrNull(item, target.emplace_back(), depth + 1))
                return false;
        }
        return true;
    }

    template <typename T>
    bool read(ondemand::value value, std::map<std::string, T>& target, std::size_t depth) {
        return eachField(value, depth, [&](std::string_view key, ondemand::value item) {
            return readOrNull(item, target[std::string(key)], depth + 1);
        });
    }

    template <typename M>
    requires std::is_class_v<M>
    bool read(ondemand::value value, M& message, std::size_t depth) {
        return eachField(value, depth, [&](std::string_view key, ondemand::value item) {
            bool good = true;
            bool known = false;
            fields(message, [&](std::string_view name, auto& member, Presence = {}) {
                if (known || name != key)
                    return;
                known = true;
                good = readField(name, item, member, depth + 1);
            });
            return good;
        });
    }

    /// readOrNull(), and names the field in an error.
    template <typename T>
    bool readField(std::string_view name, ondemand::value value, T& target, std::size_t depth) {
        if (readOrNull(value, target, depth))
            return true;
        if (error_.field.empty())
            error_.field = name;
        return false;
    }

    /// Reads the alternative whose key it is. True where no key fits.
    template <typename Variant>
    bool readAlternative(std::string_view key, ondemand::value value, Variant& variant, std::size_t depth) {
        return tryAlternatives(key, value, variant, depth, std::make_index_sequence<std::variant_size_v<Variant>>());
    }

    /// Whether a second, different alternative has come.
    bool ambiguous() const { return ambiguous_; }

    bool fail(Kind kind) {
        error_.kind = kind;
        return false;
    }

private:
    bool check(simdjson::error_code code) { return code == simdjson::SUCCESS || fail(Kind::WrongType); }

    static bool isNull(ondemand::value value) { return value.raw_json_token().front() == 'n'; }

    /// A null is the same as an absent field, save for payloads, where it is a value.
    template <typename T>
    bool readOrNull(ondemand::value value, T& target, std::size_t depth) {
        if constexpr (!std::same_as<T, SharedBytes> && !std::same_as<T, Raw>) {
            target = T();
            if (isNull(value))
                return true;
        }
        return read(value, target, depth);
    }

    template <typename Variant, std::size_t... I>
    bool tryAlternatives(std::string_view key, ondemand::value value, Variant& variant, std::size_t depth,
                         std::index_sequence<I...>) {
        bool good = true;
        (void)(... || tryAlternative<I>(key, value, variant, depth, good));
        return good;
    }

    template <std::size_t I, typename Variant>
    bool tryAlternative(std::string_view key, ondemand::value value, Variant& variant, std::size_t depth, bool& good) {
        using T = std::variant_alternative_t<I, Variant>;
        if constexpr (std::same_as<T, std::monostate>) {
            return false;
        } else {
            if (key != kKey<T>)
                return false;
            if (isNull(value))
                return true;
            ambiguous_ = ambiguous_ || (variant.index() != 0 && variant.index() != I);
            good = readEnvelopePart(kKey<T>, value, variant.template emplace<I>(), depth);
            return true;
        }
    }

    template <typename T>
    bool readEnvelopePart(std::string_view name, ondemand::value value, T& message, std::size_t depth) {
        return readField(name, value, message, depth);
    }

    bool readEnvelopePart(std::string_view, ondemand::value value, Push& push, std::size_t depth) {
        return eachField(value, depth, [&](std::string_view key, ondemand::value item) {
            if (key == "id")
                return readField("id", item, push.id, depth + 1);
            if (key == "channel")
                return readField("channel", item, push.channel, depth + 1);
            return readAlternative(key, item, push.message, depth + 1);
        });
    }

    const SharedBytes& line_;
    const char* padded_;
    std::size_t maxDepth_;
    bool checkPayloads_;
    bool ambiguous_ = false;
    ParseError error_;
};

constexpr std::size_t kRootDepth = 1;

/// Parses the root object and gives its fields to `onField(reader, key, value)`.
template <typename OnField>
std::optional<ParseError> parseRoot(const SharedBytes& line, std::size_t maxDepth, OnField&& onField) {
    // simdjson's on-demand parser doesn't look into what it skips, so the grammar is checked before.
    const auto scan = scanJson(line.view(), kMaxPayloadDepth + std::min(maxDepth, kMaxJsonDepth));
    if (scan.outcome != JsonScan::Outcome::Valid)
        return ParseError{scan.outcome == JsonScan::Outcome::TooDeep ? Kind::TooDeep : Kind::Malformed, {}};
    thread_local Workspace shared;
    std::optional<Workspace> own;
    auto& workspace = line.size() > kMaxKeptBytes ? own.emplace() : shared;
    ondemand::document document;
    if (workspace.parser.iterate(workspace.pad(line.view())).get(document))
        return ParseError{Kind::Malformed, {}};
    Reader reader(line, workspace.padded.data(), maxDepth, scan.depth > kMaxPayloadDepth);
    const bool good =
        reader.eachField(std::move(document), kRootDepth,
                         [&](std::string_view key, ondemand::value value) { return onField(reader, key, value); });
    if (!good)
        return reader.error();
    if (reader.ambiguous())
        return ParseError{Kind::Ambiguous, {}};
    return std::nullopt;
}

}  // namespace

std::optional<ParseError> parse(const SharedBytes& line, std::size_t maxDepth, Command& command) {
    return parseRoot(line, maxDepth, [&](Reader& reader, std::string_view key, ondemand::value value) {
        if (key == "id")
            return reader.readField("id", value, command.id, kRootDepth + 1);
        return reader.readAlternative(key, value, command.request, kRootDepth + 1);
    });
}

std::optional<ParseError> parse(const SharedBytes& line, std::size_t maxDepth, Reply& reply) {
    return parseRoot(line, maxDepth, [&](Reader& reader, std::string_view key, ondemand::value value) {
        if (key == "id")
            return reader.readField("id", value, reply.id, kRootDepth + 1);
        if (key == "error")
            return reader.readField("error", value, reply.error, kRootDepth + 1);
        return reader.readAlternative(key, value, reply.result, kRootDepth + 1);
    });
}

std::optional<ParseError> parse(const SharedBytes& body, std::size_t maxDepth, EmulationRequest& request) {
    return parseRoot(body, maxDepth, [&](Reader& reader, std::string_view key, ondemand::value value) {
        if (key == "node")
            return reader.readField("node", value, request.node, kRootDepth + 1);
        if (key == "session")
            return reader.readField("session", value, request.session, kRootDepth + 1);
        if (key == "data") {
            request.commands.reset();
            std::string_view text;
            if (!value.get_string().get(text))
                request.commands = SharedBytes::copyOf(text);
        }
        return true;
    });
}

}  // namespace xshathra::protocol::json
