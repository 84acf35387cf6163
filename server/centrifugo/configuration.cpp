#include "server/centrifugo/configuration.h"

#include "server/centrifugo/fields.h"
#include "server/centrifugo/format.h"
#include "server/services/duration_text.h"
#include "server/services/namespace_json.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

namespace xshathra::centrifugo {

namespace {

struct NoVisit {
    template <typename... T>
    void operator()(T&&...) const {}
};

/// Whether fields() knows a type.
template <typename T>
concept Described = requires(T& object) {
    fields(object, NoVisit());
};

std::string joined(const std::string& prefix, std::string_view name) {
    return prefix.empty() ? std::string(name) : prefix + "." + std::string(name);
}

std::string wordsOf(engine::DataFormat) { return "allowed are \"\", \"json\", \"json_object\" and \"binary\""; }

/// Takes the members' values out of a document.
class Reader {
public:
    Reader(const Value& root, std::string prefix, std::vector<Fault>& faults)
        : root_(root), prefix_(std::move(prefix)), faults_(faults) {}

    template <typename T>
    void operator()(std::string_view name, T& member) {
        const auto path = joined(prefix_, name);
        if constexpr (Described<T>) {
            Reader inner(root_, path, faults_);
            fields(member, inner);
        } else {
            const auto* value = root_.at(path);
            if (value != nullptr)
                read(*value, path, member);
        }
    }

private:
    void fault(const std::string& path, const Value& value, std::string message) {
        faults_.push_back({path, value.line(), value.origin(), std::move(message)});
    }

    void read(const Value& value, const std::string&, bool& member) { member = *value.boolean(); }
    void read(const Value& value, const std::string&, std::string& member) { member = *value.text(); }
    void read(const Value& value, const std::string&, auth::Secret& member) { member = auth::Secret(*value.text()); }
    void read(const Value& value, const std::string&, Milliseconds& member) {
        services::parseDuration(*value.text(), member);
    }
    void read(const Value& value, const std::string&, std::vector<std::string>& member) {
        member.clear();
        for (const auto& item : *value.list())
            member.push_back(*item.text());
    }
    void read(const Value& value, const std::string&, std::map<std::string, std::string>& member) {
        member.clear();
        for (const auto& entry : *value.object())
            member[entry.name] = *entry.value.text();
    }
    void read(const Value& value, const std::string& path, engine::DataFormat& member) {
        if (!engine::fromString(*value.text(), member))
            fault(path, value, value.toJson() + " is not allowed; " + wordsOf(member) + ".");
    }
    template <typename T>
    requires std::is_integral_v<T>
    void read(const Value& value, const std::string& path, T& member) {
        const auto number = *value.integer();
        constexpr auto kMin = std::is_unsigned_v<T> ? std::int64_t(0) : std::int64_t(std::numeric_limits<T>::min());
        constexpr auto kMax = sizeof(T) >= sizeof(std::int64_t) ? std::numeric_limits<std::int64_t>::max()
                                                                : std::int64_t(std::numeric_limits<T>::max());
        if (number < kMin || number > kMax)
            fault(path, value,
                  std::to_string(number) + " is not allowed; allowed are " + std::to_string(kMin) + " to " +
                      std::to_string(kMax) + ".");
        else
            member = static_cast<T>(number);
    }
    template <Described T>
    void read(const Value& value, const std::string& path, std::vector<T>& member) {
        member.clear();
        for (std::size_t i = 0; i < value.list()->size(); ++i) {
            Reader inner(root_, path + "[" + std::to_string(i) + "]", faults_);
            fields(member.emplace_back(), inner);
        }
    }
    void read(const Value& value, const std::string& path, engine::ChannelOptions& member) {
        Value options = value;
        options.remove("name");
        auto made = services::channelOptionsFromJson(options.toJson());
        if (made) {
            member = std::move(*made);
            return;
        }
        const auto* at = value.at(made.error().field);
        auto message = made.error().message;
        if (message.starts_with(made.error().field + ": "))
            message.erase(0, made.error().field.size() + 2);
        fault(joined(path, made.error().field), at == nullptr ? value : *at, std::move(message));
    }
    void read(const Value& value, const std::string& path, std::vector<engine::NamespaceOptions>& member) {
        member.clear();
        for (std::size_t i = 0; i < value.list()->size(); ++i) {
            const auto& item = (*value.list())[i];
            auto& made = member.emplace_back();
            const auto* name = item.find("name");
            made.name = name == nullptr ? std::string() : *name->text();
            read(item, path + "[" + std::to_string(i) + "]", made.options);
        }
    }

    const Value& root_;
    std::string prefix_;
    std::vector<Fault>& faults_;
};

/// Puts the members' values into a document; Document leaves out the defaults.
class Writer {
public:
    Writer(Value& into, std::string prefix) : into_(into), prefix_(std::move(prefix)) {}

    template <typename T>
    void operator()(std::string_view name, const T& member) {
        const auto path = joined(prefix_, name);
        if constexpr (Described<const T>) {
            Writer inner(into_, path);
            fields(member, inner);
        } else {
            into_.set(path, valueOf(member));
        }
    }

private:
    static Value valueOf(bool member) { return Value(member); }
    static Value valueOf(const std::string& member) { return Value(member); }
    static Value valueOf(const auth::Secret& member) { return Value(std::string(member.expose())); }
    static Value valueOf(Milliseconds member) { return Value(services::formatDuration(member)); }
    static Value valueOf(engine::DataFormat member) { return Value(std::string(engine::toString(member))); }
    static Value valueOf(const std::vector<std::string>& member) {
        Value::List list;
        for (const auto& text : member)
            list.emplace_back(text);
        return Value(std::move(list));
    }
    static Value valueOf(const std::map<std::string, std::string>& member) {
        Value::Object object;
        for (const auto& [name, text] : member)
            object.push_back({name, Value(text)});
        return Value(std::move(object));
    }
    template <typename T>
    requires std::is_integral_v<T>
    static Value valueOf(T member) { return Value(static_cast<std::int64_t>(member)); }
    template <typename T>
    requires Described<const T>
    static Value valueOf(const std::vector<T>& member) {
        Value::List list;
        for (const auto& item : member) {
            Value made{Value::Object()};
            Writer inner(made, {});
            fields(item, inner);
            list.push_back(std::move(made));
        }
        return Value(std::move(list));
    }
    static Value valueOf(const engine::ChannelOptions& member) {
        auto made = parseJson(services::toJson(member));
        return made ? std::move(*made) : Value(Value::Object());
    }
    static Value valueOf(const std::vector<engine::NamespaceOptions>& member) {
        Value::List list;
        for (const auto& ns : member) {
            Value made{Value::Object{{"name", Value(ns.name)}}};
            auto options = valueOf(ns.options);
            for (auto& option : *options.object())
                made.object()->push_back(std::move(option));
            list.push_back(std::move(made));
        }
        return Value(std::move(list));
    }

    Value& into_;
    std::string prefix_;
};

/// A proxy whose certificates and key are the texts themselves. What can't be read stays as it is, and makes calls
/// fail.
engine::ProxyOptions withPemTexts(engine::ProxyOptions proxy) {
    auto& tls = proxy.http.tls;
    if (!tls.enabled)
        return proxy;
    tls.certPem = loadPem(tls.certPem).value_or(tls.certPem);
    tls.serverCaPem = loadPem(tls.serverCaPem).value_or(tls.serverCaPem);
    if (auto key = loadPem(tls.keyPem.expose()))
        tls.keyPem = auth::Secret(std::move(*key));
    return proxy;
}

/// Collects the paths alone.
class Lister {
public:
    Lister(std::vector<std::string>& into, std::string prefix) : into_(into), prefix_(std::move(prefix)) {}

    template <typename T>
    void operator()(std::string_view name, const T& member) {
        const auto path = joined(prefix_, name);
        if constexpr (Described<const T>) {
            Lister inner(into_, path);
            fields(member, inner);
        } else {
            list(path, member);
        }
    }

private:
    template <typename T>
    void list(const std::string& path, const T&) {
        into_.push_back(path);
    }
    template <typename T>
    requires Described<const T>
    void list(const std::string& path, const std::vector<T>&) {
        into_.push_back(path);
        const T item{};
        Lister inner(into_, path + "[]");
        fields(item, inner);
    }
    void list(const std::string& path, const engine::ChannelOptions&) {
        for (const auto& name : services::channelOptionNames())
            into_.push_back(joined(path, name));
    }
    void list(const std::string& path, const std::vector<engine::NamespaceOptions>&) {
        into_.push_back(path);
        into_.push_back(path + "[].name");
        list(path + "[]", engine::ChannelOptions());
    }

    std::vector<std::string>& into_;
    std::string prefix_;
};

}  // namespace

Configuration Configuration::read(const Value& options, const Environment& variables, std::vector<Fault>& faults) {
    Value expanded = options;
    expandVariables(expanded, variables, faults);
    Configuration configuration;
    Reader reader(expanded, {}, faults);
    fields(configuration, reader);
    return configuration;
}

Value Configuration::write() const {
    Value all{Value::Object()};
    Writer writer(all, {});
    fields(*this, writer);
    Document document;
    document.addFile(all);
    return document.options();
}

std::vector<std::string> actedOnPaths() {
    std::vector<std::string> paths;
    const Configuration configuration;
    Lister lister(paths, {});
    fields(configuration, lister);
    return paths;
}

std::vector<std::string> serverPaths() {
    std::vector<std::string> paths;
    const Configuration configuration;
    Lister lister(paths, {});
    serverFields(configuration, lister);
    return paths;
}

engine::ClientOptions Configuration::clientForEngine() const {
    auto options = client;
    if (!unidirectionalDisconnects)
        options.connectCodeToUnidirectionalDisconnect.clear();
    return options;
}

engine::ProxiesConfig Configuration::proxiesForEngine() const {
    auto result = proxies;
    for (auto* proxy :
         {&result.channel.subscribe, &result.channel.publish, &result.channel.subRefresh, &result.channel.mapPublish,
          &result.channel.mapRemove, &result.channel.sharedPollRefresh, &result.rpc.proxy})
        *proxy = withPemTexts(*proxy);
    if (connectProxy.enabled)
        result.connect = withPemTexts(connectProxy.proxy);
    if (refreshProxy.enabled)
        result.refresh = withPemTexts(refreshProxy.proxy);
    for (const auto& proxy : namedProxies)
        result.named[proxy.name] = withPemTexts(proxy.proxy);
    return result;
}

engine::ChannelLayout Configuration::layoutForEngine() const {
    auto layout = channels;
    const auto inherit = [this](engine::ChannelOptions& options) {
        if (options.publicationDataFormat == engine::DataFormat::Any)
            options.publicationDataFormat = publicationDataFormat;
    };
    inherit(layout.withoutNamespace);
    for (auto& ns : layout.namespaces)
        inherit(ns.options);
    return layout;
}

}  // namespace xshathra::centrifugo
