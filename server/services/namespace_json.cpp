#include "server/services/namespace_json.h"

#include "server/services/channel_check.h"
#include "server/services/duration_text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>
#include <limits>
#include <type_traits>

namespace xshathra::services {

using engine::ChannelOptions;
using engine::DeltaType;

namespace {

/// A name in the JSON; nested ones have their object's name in front.
QString optionName(const QString& prefix, QLatin1StringView name) { return prefix + name; }

Unexpected<Error> wrong(const QString& option, const std::string& what) {
    return fail("invalid_argument", option.toStdString() + ": " + what, option.toStdString());
}

std::string found(const QJsonValue& value) {
    QJsonArray holder{value};
    const auto text = QJsonDocument(holder).toJson(QJsonDocument::Compact);
    return shown(text.mid(1, text.size() - 2).toStdString());
}

/// Visits every option as (name, member), in the order of the reference. `Options` is ChannelOptions or const
/// ChannelOptions.
template <typename Options, typename Visit>
void visitPlain(Options& o, Visit&& visit) {
    visit("presence", o.presence);
    visit("join_leave", o.joinLeave);
    visit("force_push_join_leave", o.forcePushJoinLeave);
    visit("history_size", o.historySize);
    visit("history_ttl", o.historyTtl);
    visit("history_meta_ttl", o.historyMetaTtl);
    visit("force_positioning", o.forcePositioning);
    visit("allow_positioning", o.allowPositioning);
    visit("force_recovery", o.forceRecovery);
    visit("allow_recovery", o.allowRecovery);
    visit("force_recovery_mode", o.forceRecoveryMode);
    visit("auto_cache_recover", o.autoCacheRecover);
    visit("allowed_delta_types", o.allowedDeltaTypes);
    visit("delta_publish", o.deltaPublish);
    visit("allow_tags_filter", o.allowTagsFilter);
    visit("allow_subscribe_for_client", o.allowSubscribeForClient);
    visit("allow_subscribe_for_anonymous", o.allowSubscribeForAnonymous);
    visit("allow_publish_for_client", o.allowPublishForClient);
    visit("allow_publish_for_subscriber", o.allowPublishForSubscriber);
    visit("allow_publish_for_anonymous", o.allowPublishForAnonymous);
    visit("allow_presence_for_client", o.allowPresenceForClient);
    visit("allow_presence_for_subscriber", o.allowPresenceForSubscriber);
    visit("allow_presence_for_anonymous", o.allowPresenceForAnonymous);
    visit("allow_history_for_client", o.allowHistoryForClient);
    visit("allow_history_for_subscriber", o.allowHistoryForSubscriber);
    visit("allow_history_for_anonymous", o.allowHistoryForAnonymous);
    visit("allow_user_limited_channels", o.allowUserLimitedChannels);
    visit("channel_regex", o.channelRegex);
    visit("publication_data_format", o.publicationDataFormat);
    visit("subscribe_proxy_enabled", o.subscribeProxyEnabled);
    visit("subscribe_proxy_name", o.subscribeProxyName);
    visit("publish_proxy_enabled", o.publishProxyEnabled);
    visit("publish_proxy_name", o.publishProxyName);
    visit("sub_refresh_proxy_enabled", o.subRefreshProxyEnabled);
    visit("sub_refresh_proxy_name", o.subRefreshProxyName);
    visit("subscribe_stream_proxy_enabled", o.subscribeStreamProxyEnabled);
    visit("subscribe_stream_proxy_name", o.subscribeStreamProxyName);
    visit("subscribe_stream_proxy_bidirectional", o.subscribeStreamProxyBidirectional);
    visit("map_clients_presence_channel_prefix", o.mapClientsPresenceChannelPrefix);
    visit("map_users_presence_channel_prefix", o.mapUsersPresenceChannelPrefix);
    visit("subscription_type", o.subscriptionType);
}

template <typename Options, typename Visit>
void visitMap(Options& m, Visit&& visit) {
    visit("mode", m.mode);
    visit("key_ttl", m.keyTtl);
    visit("stream_size", m.streamSize);
    visit("stream_ttl", m.streamTtl);
    visit("meta_ttl", m.metaTtl);
    visit("remove_client_on_unsubscribe", m.removeClientOnUnsubscribe);
    visit("client_key", m.clientKey);
    visit("allow_publish_for_client", m.allowPublishForClient);
    visit("allow_publish_for_subscriber", m.allowPublishForSubscriber);
    visit("allow_publish_for_anonymous", m.allowPublishForAnonymous);
    visit("allow_remove_for_client", m.allowRemoveForClient);
    visit("allow_remove_for_subscriber", m.allowRemoveForSubscriber);
    visit("allow_remove_for_anonymous", m.allowRemoveForAnonymous);
    visit("publish_proxy_enabled", m.publishProxyEnabled);
    visit("publish_proxy_name", m.publishProxyName);
    visit("remove_proxy_enabled", m.removeProxyEnabled);
    visit("remove_proxy_name", m.removeProxyName);
    visit("default_page_size", m.defaultPageSize);
    visit("min_page_size", m.minPageSize);
    visit("max_page_size", m.maxPageSize);
    visit("live_transition_max_publication_limit", m.liveTransitionMaxPublicationLimit);
    visit("subscribe_catch_up_timeout", m.subscribeCatchUpTimeout);
}

template <typename Options, typename Visit>
void visitSharedPoll(Options& p, Visit&& visit) {
    visit("proxy_name", p.proxyName);
    visit("refresh_interval", p.refreshInterval);
    visit("refresh_batch_size", p.refreshBatchSize);
    visit("max_keys_per_connection", p.maxKeysPerConnection);
    visit("mode", p.mode);
    visit("channel_shutdown_delay", p.channelShutdownDelay);
    visit("track_expired_extra_delay", p.trackExpiredExtraDelay);
    visit("publish_enabled", p.publishEnabled);
}

QJsonValue write(bool value) { return value; }
QJsonValue write(std::int64_t value) { return static_cast<qint64>(value); }
QJsonValue write(const std::string& value) { return QString::fromStdString(value); }
QJsonValue write(Milliseconds value) { return QString::fromStdString(formatDuration(value)); }
template <typename E>
requires std::is_enum_v<E> QJsonValue write(E value) {
    const auto word = engine::toString(value);
    return QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size()));
}
QJsonValue write(const std::vector<DeltaType>& types) {
    QJsonArray array;
    for (const auto type : types)
        array.append(write(type));
    return array;
}

/// Adds what differs from the default to an object.
class Writer {
public:
    template <typename Options, typename Visitor>
    static QJsonObject objectOf(const Options& options, Visitor&& visitAll) {
        QJsonObject object;
        std::vector<QJsonValue> defaults;
        const Options untouched;
        visitAll(untouched, [&defaults](const char*, const auto& value) { defaults.push_back(write(value)); });
        std::size_t index = 0;
        visitAll(options, [&](const char* name, const auto& value) {
            const auto written = write(value);
            if (written != defaults[index++])
                object.insert(QLatin1StringView(name), written);
        });
        return object;
    }
};

/// Takes options out of an object and keeps the first fault.
class Reader {
public:
    Reader(QJsonObject object, QString prefix) : object_(std::move(object)), prefix_(std::move(prefix)) {}

    template <typename T>
    void operator()(const char* name, T& target) {
        const auto it = object_.find(QLatin1StringView(name));
        if (it == object_.end() || fault_)
            return;
        const QJsonValue value = it.value();
        object_.erase(it);
        if (auto expected = read(value, target); !expected.empty())
            fault_ = wrong(optionName(prefix_, QLatin1StringView(name)), found(value) + " is not allowed; " + expected)
                         .error();
    }

    /// An object inside the object; absent or null counts as empty.
    QJsonObject takeObject(const char* name) {
        const auto value = object_.take(QLatin1StringView(name));
        if (!value.isObject() && !value.isNull() && !value.isUndefined() && !fault_)
            fault_ = wrong(QString::fromLatin1(name), found(value) + " is not allowed; give an object.").error();
        return value.toObject();
    }

    /// The first fault, where names left over count as one.
    Result<void> finish() const {
        if (fault_)
            return Unexpected<Error>(*fault_);
        if (!object_.isEmpty())
            return wrong(prefix_ + object_.begin().key(), "is not the name of a channel option.");
        return {};
    }

private:
    // Each says what is expected when the value has another form, and nothing otherwise.
    static std::string read(const QJsonValue& value, bool& target) {
        if (!value.isBool())
            return "give true or false.";
        target = value.toBool();
        return {};
    }
    static std::string read(const QJsonValue& value, std::int64_t& target) {
        constexpr double kExact = 9007199254740992.0;
        const auto number = value.toDouble(0.5);
        if (!value.isDouble() || std::floor(number) != number || std::abs(number) > kExact)
            return "give a whole number.";
        target = value.toInteger();
        return {};
    }
    static std::string read(const QJsonValue& value, std::string& target) {
        if (!value.isString())
            return "give a text.";
        target = value.toString().toStdString();
        return {};
    }
    static std::string read(const QJsonValue& value, Milliseconds& target) {
        if (!value.isString() || !parseDuration(value.toString().toStdString(), target))
            return "give a duration such as \"300ms\", \"60s\", \"10m\" or \"1h30m\".";
        return {};
    }
    static std::string read(const QJsonValue& value, std::vector<DeltaType>& target) {
        std::vector<DeltaType> types;
        const auto array = value.toArray();
        for (const auto& item : array) {
            DeltaType type{};
            if (item.toString().isEmpty() || !engine::fromString(item.toString().toStdString(), type))
                return "give a list of: \"fossil\".";
            types.push_back(type);
        }
        if (!value.isArray())
            return "give a list of: \"fossil\".";
        target = std::move(types);
        return {};
    }
    template <typename E>
    requires std::is_enum_v<E>
    static std::string read(const QJsonValue& value, E& target) {
        if (value.isString() && engine::fromString(value.toString().toStdString(), target))
            return {};
        return "allowed are: " + wordsOf<E>() + ".";
    }
    template <typename E>
    static std::string wordsOf() {
        std::string words;
        // Enumerations of options count up from 0 and end where the next number has no word that reads back.
        for (int i = 0; i < 16; ++i) {
            const auto word = engine::toString(static_cast<E>(i));
            E back{};
            if (!engine::fromString(word, back) || back != static_cast<E>(i))
                break;
            words += (words.empty() ? "\"" : ", \"") + std::string(word) + "\"";
        }
        return words;
    }

    QJsonObject object_;
    QString prefix_;
    std::optional<Error> fault_;
};

}  // namespace

std::string toJson(const ChannelOptions& options) {
    auto object = Writer::objectOf(options, [](auto& o, auto&& visit) { visitPlain(o, visit); });
    const auto map = Writer::objectOf(options.map, [](auto& o, auto&& visit) { visitMap(o, visit); });
    const auto poll = Writer::objectOf(options.sharedPoll, [](auto& o, auto&& visit) { visitSharedPoll(o, visit); });
    if (!map.isEmpty())
        object.insert(QLatin1StringView("map"), map);
    if (!poll.isEmpty())
        object.insert(QLatin1StringView("shared_poll"), poll);
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

Result<ChannelOptions> channelOptionsFromJson(std::string_view json) {
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())), &error);
    if (!document.isObject())
        return fail(
            "invalid_argument",
            "The options are not a JSON object" +
                (error.error == QJsonParseError::NoError ? std::string() : ": " + error.errorString().toStdString()) +
                ".",
            "options");
    ChannelOptions options;
    Reader plain(document.object(), QString());
    visitPlain(options, plain);
    Reader map(plain.takeObject("map"), QStringLiteral("map."));
    visitMap(options.map, map);
    Reader poll(plain.takeObject("shared_poll"), QStringLiteral("shared_poll."));
    visitSharedPoll(options.sharedPoll, poll);
    for (const auto& outcome : {plain.finish(), map.finish(), poll.finish()}) {
        if (!outcome)
            return Unexpected<Error>(outcome.error());
    }
    return options;
}

std::vector<std::string> channelOptionNames() {
    std::vector<std::string> names;
    const ChannelOptions options;
    visitPlain(options, [&names](const char* name, const auto&) { names.emplace_back(name); });
    visitMap(options.map, [&names](const char* name, const auto&) { names.push_back(std::string("map.") + name); });
    visitSharedPoll(options.sharedPoll,
                    [&names](const char* name, const auto&) { names.push_back(std::string("shared_poll.") + name); });
    return names;
}

}  // namespace xshathra::services
