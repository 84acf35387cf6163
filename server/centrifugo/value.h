#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xshathra::centrifugo {

/// A value of a configuration file, whatever the format: null, true or false, a whole number, a number, a text, a list
/// or an object. Remembers where it stood.
class Value {
public:
    struct Member;
    using List = std::vector<Value>;
    /// In the order of the file; names are unique.
    using Object = std::vector<Member>;

    Value() = default;
    explicit Value(bool value);
    explicit Value(std::int64_t value);
    explicit Value(double value);
    explicit Value(std::string value);
    explicit Value(List value);
    explicit Value(Object value);

    bool isNull() const { return std::holds_alternative<std::monostate>(content_); }
    /// Null where the value is of another type.
    const bool* boolean() const { return std::get_if<bool>(&content_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&content_); }
    const double* number() const { return std::get_if<double>(&content_); }
    const std::string* text() const { return std::get_if<std::string>(&content_); }
    const List* list() const { return std::get_if<List>(&content_); }
    List* list() { return std::get_if<List>(&content_); }
    const Object* object() const { return std::get_if<Object>(&content_); }
    Object* object() { return std::get_if<Object>(&content_); }

    /// A member of an object. Null where this is no object or has no such member.
    const Value* find(std::string_view name) const;
    Value* find(std::string_view name);
    /// What stands at `client.token` or `channel.namespaces[2].name`. Null where nothing does.
    const Value* at(std::string_view path) const;
    /// Puts a value at the path of an object's member (`client.token.audience`), and objects where the path has none.
    /// What isn't an object on the way is replaced. Lists can't be on the way.
    void set(std::string_view path, Value value);
    /// Removes what set() would replace, and the objects that are empty then.
    void remove(std::string_view path);

    /// The line of the file, from 1; 0 where the value comes from no file.
    std::size_t line() const { return line_; }
    void setLine(std::size_t line) { line_ = line; }
    /// Where it comes from when not from the file: an environment variable's or flag's name.
    const std::string& origin() const { return origin_; }
    void setOrigin(std::string origin) { origin_ = std::move(origin); }

    /// As compact JSON, for comparing and storing; whole numbers without a fraction.
    std::string toJson() const;

    /// Same content; the place isn't compared. Members may be in any order.
    friend bool operator==(const Value& a, const Value& b);

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Object> content_;
    std::size_t line_ = 0;
    std::string origin_;
};

struct Value::Member {
    std::string name;
    Value value;
    friend bool operator==(const Member& a, const Member& b) { return a.name == b.name && a.value == b.value; }
};

/// A text as a JSON string with its quotes.
std::string jsonText(std::string_view text);

}  // namespace xshathra::centrifugo
