#include "server/centrifugo/document.h"

#include "server/base/ascii.h"

#include <algorithm>
#include <utility>

namespace xshathra::centrifugo {

namespace {

constexpr std::string_view kVariablePrefix = "CENTRIFUGO_";
constexpr std::string_view kCustomPrefix = "CENTRIFUGO_VAR_";
constexpr std::size_t kMaxShown = 80;

/// The name of a list's element as it stands in variables.
std::string variablePart(std::string name) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
    return toUpper(name);
}

/// Whether it is one of those that Kubernetes makes for a service named "centrifugo": `CENTRIFUGO[_...]_PORT...` and
/// `..._SERVICE_...`.
bool isOfKubernetes(std::string_view name) {
    name.remove_prefix(kVariablePrefix.size() - 1);
    return name.find("_PORT") != std::string_view::npos || name.find("_SERVICE_") != std::string_view::npos;
}

/// Whether a value must not be shown in messages.
bool isSecret(std::string_view option) {
    for (const auto* word :
         {"secret", "password", "key", "credentials", "token", "dsn", "nkey", "connection_string", "static_"}) {
        if (option.find(word) != std::string_view::npos)
            return true;
    }
    return false;
}

std::string shown(const OptionSpec& option, const Value& value) {
    if (option.object == nullptr && isSecret(option.name))
        return "what stands there";
    auto json = value.toJson();
    if (json.size() > kMaxShown)
        json = json.substr(0, kMaxShown) + "...";
    return json;
}

}  // namespace

std::string Fault::toString() const {
    if (!origin.empty())
        return origin + ": " + message;
    return (line == 0 ? std::string() : "line " + std::to_string(line) + ": ") + path + ": " + message;
}

void Document::addFile(const Value& file) { options_ = object(file, rootSchema(), {}, {}); }

Value Document::object(const Value& from, const ObjectSpec& spec, const std::string& path,
                       const std::string& shownPath) {
    Value result{Value::Object()};
    result.setLine(from.line());
    for (const auto& one : *from.object()) {
        const auto name = toLower(one.name);
        const auto* option = spec.find(name);
        const auto shownName = shownPath.empty() ? name : shownPath + "." + name;
        if (option == nullptr)
            unknown_.push_back(shownName +
                               (one.value.line() == 0 ? "" : " (line " + std::to_string(one.value.line()) + ")"));
        else
            member(one, *option, path.empty() ? name : path + "." + name, shownName, result);
    }
    return result;
}

void Document::member(const Value::Member& from, const OptionSpec& spec, const std::string& path,
                      const std::string& shownPath, Value& into) {
    if (from.value.isNull())
        return;
    auto coerced = coerce(spec.kind, from.value);
    if (!coerced) {
        faults_.push_back(
            {path, from.value.line(), {}, shown(spec, from.value) + " is not allowed; " + coerced.error() + "."});
        return;
    }
    auto value = std::move(*coerced);
    if (spec.kind == Kind::Object) {
        value = object(value, *spec.object, path, shownPath);
    } else if (spec.object != nullptr) {
        auto& items = *value.list();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto index = "[" + std::to_string(i) + "]";
            if (items[i].object() != nullptr) {
                items[i] = object(items[i], *spec.object, path + index, shownPath + "." + index);
                continue;
            }
            faults_.push_back({path + index,
                               items[i].line(),
                               {},
                               shown(spec, items[i]) + " is not allowed; give an object of options."});
            items[i] = Value(Value::Object());
        }
    }
    if (isZero(spec.kind, value) || isDefault(spec, value))
        return;
    value.setLine(from.value.line());
    into.set(spec.name, std::move(value));
}

Value Document::fromText(const OptionSpec& spec, const std::string& text, const std::string& origin,
                         const std::string& path) {
    auto value = coerceText(spec.kind, text);
    if (!value) {
        faults_.push_back({path, 0, origin, shown(spec, Value(text)) + " is not allowed; " + value.error() + "."});
        return {};
    }
    if (spec.object != nullptr) {
        Value holder{Value::Object()};
        const auto known = unknown_.size();
        member({std::string(spec.name), *value}, spec, path, path, holder);
        for (auto i = known; i < unknown_.size(); ++i)
            unknown_[i] += " (" + origin + ")";
        const auto* made = holder.find(spec.name);
        *value = made == nullptr ? Value(Value::List()) : *made;
    }
    value->setOrigin(origin);
    return std::move(*value);
}

void Document::addOption(std::string_view path, const std::string& value, const std::string& origin) {
    const auto* option = findOption(path);
    if (option == nullptr || option->kind == Kind::Object || path.find('[') != std::string_view::npos) {
        faults_.push_back({std::string(path), 0, origin, "there is no option with that name."});
        return;
    }
    auto made = fromText(*option, value, origin, std::string(path));
    if (made.isNull())
        return;
    if (isDefault(*option, made))
        options_.remove(path);
    else
        options_.set(path, std::move(made));
}

void Document::addEnvironment(const Environment& environment) {
    knownVariables_.clear();
    variables(environment, rootSchema(), std::string(kVariablePrefix), options_, {});
    for (auto it = environment.lower_bound(kVariablePrefix);
         it != environment.end() && it->first.starts_with(kVariablePrefix); ++it) {
        if (it->first.starts_with(kCustomPrefix) || isOfKubernetes(it->first) ||
            std::find(knownVariables_.begin(), knownVariables_.end(), it->first) != knownVariables_.end())
            continue;
        unknownVariables_.push_back(it->first);
    }
}

void Document::variables(const Environment& environment, const ObjectSpec& spec, const std::string& prefix, Value& into,
                         const std::string& path) {
    for (const auto& option : spec.options) {
        const auto name = prefix + toUpper(option.name);
        const auto optionPath = path.empty() ? std::string(option.name) : path + "." + std::string(option.name);
        if (option.kind == Kind::Object) {
            Value* inner = into.find(option.name);
            Value made{Value::Object()};
            variables(environment, *option.object, name + "_", inner != nullptr ? *inner : made, optionPath);
            if (inner == nullptr && !made.object()->empty())
                into.set(option.name, std::move(made));
            continue;
        }
        const auto found = environment.find(name);
        if (found != environment.end()) {
            knownVariables_.push_back(name);
            if (!found->second.empty()) {
                auto value = fromText(option, found->second, name, optionPath);
                if (option.kind == Kind::NamedList && !found->second.starts_with('[') && value.list() != nullptr) {
                    // Names are added to what the file has, as Centrifugo does.
                    if (const auto* old = into.find(option.name); old != nullptr && old->list() != nullptr)
                        value.list()->insert(value.list()->begin(), old->list()->begin(), old->list()->end());
                }
                if (!value.isNull() && isDefault(option, value))
                    into.remove(option.name);
                else if (!value.isNull())
                    into.set(option.name, std::move(value));
            }
        }
        if (option.kind == Kind::NamedList)
            elements(environment, option, name, into, optionPath);
    }
}

void Document::elements(const Environment& environment, const OptionSpec& option, const std::string& name, Value& into,
                        const std::string& path) {
    auto* list = into.find(option.name);
    if (list == nullptr || list->list() == nullptr)
        return;
    auto& items = *list->list();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto* itemName = items[i].find("name");
        const auto part =
            itemName == nullptr || itemName->text() == nullptr ? std::string() : variablePart(*itemName->text());
        variables(environment, *option.object, name + "_" + part + "_", items[i], path + "[" + std::to_string(i) + "]");
    }
}

}  // namespace xshathra::centrifugo
