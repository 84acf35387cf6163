#pragma once

#include "server/protocol/fields.h"
#include "server/protocol/json.h"

#include <charconv>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Writes messages as JSON by appending to one string (section 2.3): nothing in between is allocated.
namespace xshathra::protocol::json {

inline bool isZero(bool value) { return !value; }
template <std::integral T>
bool isZero(T value) {
    return value == 0;
}
inline bool isZero(const std::string& value) { return value.empty(); }
inline bool isZero(const SharedBytes& value) { return value.empty(); }
inline bool isZero(const Raw& value) { return !value || value->empty(); }
template <typename T>
bool isZero(const std::optional<T>& value) {
    return !value;
}
template <typename T>
bool isZero(const std::vector<T>& value) {
    return value.empty();
}
template <typename T>
bool isZero(const std::map<std::string, T>& value) {
    return value.empty();
}
/// An embedded message is there even if it has no content.
template <typename M>
requires std::is_class_v<M>
bool isZero(const M&) { return false; }

inline void write(std::string& out, bool value) { out += value ? "true" : "false"; }

template <std::integral T>
void write(std::string& out, T value) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    out.append(digits, end);
}

inline void write(std::string& out, const std::string& value) { appendJsonString(out, value); }

inline void write(std::string& out, const SharedBytes& value) {
    if (value.empty())
        out += "null";
    else
        appendWithoutLineBreaks(out, value.view());
}

inline void write(std::string& out, const Raw& value) { write(out, value ? *value : SharedBytes()); }

inline void write(std::string& out, const Push& push);
template <typename T>
void write(std::string& out, const std::optional<T>& value);
template <typename T>
void write(std::string& out, const std::vector<T>& values);
template <typename T>
void write(std::string& out, const std::map<std::string, T>& values);
template <typename M>
requires std::is_class_v<M>
void write(std::string& out, const M& message);

/// One object: writes its braces and commas.
class Object {
public:
    explicit Object(std::string& out) : out_(out) { out_ += '{'; }
    ~Object() { out_ += '}'; }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    /// `name` needs no escape.
    void key(std::string_view name) {
        comma();
        out_ += '"';
        out_ += name;
        out_ += "\":";
    }

    void escapedKey(std::string_view name) {
        comma();
        appendJsonString(out_, name);
        out_ += ':';
    }

    template <typename T>
    void field(std::string_view name, const T& value) {
        key(name);
        write(out_, value);
    }

    template <typename T>
    void operator()(std::string_view name, const T& value, Presence presence = Presence::NonZero) {
        if (presence == Presence::Always || !isZero(value))
            field(name, value);
    }

private:
    void comma() {
        if (!first_)
            out_ += ',';
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;
};

template <typename T>
void write(std::string& out, const std::optional<T>& value) {
    write(out, *value);
}

template <typename T>
void write(std::string& out, const std::vector<T>& values) {
    out += '[';
    bool first = true;
    for (const auto& value : values) {
        if (!first)
            out += ',';
        first = false;
        write(out, value);
    }
    out += ']';
}

template <typename T>
void write(std::string& out, const std::map<std::string, T>& values) {
    Object object(out);
    for (const auto& [name, value] : values) {
        object.escapedKey(name);
        write(out, value);
    }
}

template <typename M>
requires std::is_class_v<M>
void write(std::string& out, const M& message) {
    Object object(out);
    fields(message, object);
}

/// The alternative of an envelope's variant under its key; nothing for std::monostate.
template <typename Variant>
void writeAlternative(Object& object, const Variant& variant) {
    std::visit(
        [&]<typename T>(const T& message) {
            if constexpr (!std::is_same_v<T, std::monostate>)
                object.field(kKey<T>, message);
        },
        variant);
}

inline void write(std::string& out, const Push& push) {
    Object object(out);
    object("id", push.id);
    object("channel", push.channel);
    writeAlternative(object, push.message);
}

inline void write(std::string& out, const Reply& reply) {
    Object object(out);
    object("id", reply.id);
    object("error", reply.error);
    if (!reply.error)
        writeAlternative(object, reply.result);
}

inline void write(std::string& out, const Command& command) {
    Object object(out);
    object("id", command.id);
    writeAlternative(object, command.request);
}

}  // namespace xshathra::protocol::json
