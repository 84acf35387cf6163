#include "server/engine/namespace_options.h"

#include "server/engine/channel_pattern.h"

#include <algorithm>
#include <array>
#include <utility>

namespace xshathra::engine {

namespace {

template <typename E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

constexpr Words<RecoveryMode, 2> kRecoveryModes{{{RecoveryMode::Stream, "stream"}, {RecoveryMode::Cache, "cache"}}};
constexpr Words<DataFormat, 4> kDataFormats{{{DataFormat::Any, ""},
                                             {DataFormat::Json, "json"},
                                             {DataFormat::JsonObject, "json_object"},
                                             {DataFormat::Binary, "binary"}}};
constexpr Words<SubscriptionType, 5> kSubscriptionTypes{{{SubscriptionType::Stream, "stream"},
                                                         {SubscriptionType::Map, "map"},
                                                         {SubscriptionType::MapClients, "map_clients"},
                                                         {SubscriptionType::MapUsers, "map_users"},
                                                         {SubscriptionType::SharedPoll, "shared_poll"}}};
constexpr Words<MapMode, 4> kMapModes{{{MapMode::Unset, ""},
                                       {MapMode::Ephemeral, "ephemeral"},
                                       {MapMode::Recoverable, "recoverable"},
                                       {MapMode::Persistent, "persistent"}}};
constexpr Words<MapClientKey, 3> kMapClientKeys{
    {{MapClientKey::Unset, ""}, {MapClientKey::ClientId, "client_id"}, {MapClientKey::UserId, "user_id"}}};
constexpr Words<SharedPollMode, 3> kSharedPollModes{{{SharedPollMode::Unset, ""},
                                                     {SharedPollMode::Versionless, "versionless"},
                                                     {SharedPollMode::Versioned, "versioned"}}};
constexpr Words<DeltaType, 1> kDeltaTypes{{{DeltaType::Fossil, "fossil"}}};

template <typename E, std::size_t N>
std::string_view wordOf(const Words<E, N>& words, E value) {
    for (const auto& [candidate, word] : words) {
        if (candidate == value)
            return word;
    }
    return {};
}

template <typename E, std::size_t N>
bool valueOf(const Words<E, N>& words, std::string_view word, E& out) {
    if (word.empty()) {
        out = words.front().first;
        return true;
    }
    for (const auto& [value, candidate] : words) {
        if (candidate == word) {
            out = value;
            return true;
        }
    }
    return false;
}

std::string text(Milliseconds duration) {
    return duration.count() % 1000 == 0 ? std::to_string(duration.count() / 1000) + "s"
                                        : std::to_string(duration.count()) + "ms";
}

/// Collects the faults of one set of options.
class Validator {
public:
    void fail(std::string option, std::string message) { errors_.push_back({std::move(option), std::move(message)}); }
    void failIf(bool wrong, const char* option, std::string message) {
        if (wrong)
            fail(option, std::move(message));
    }
    void count(const char* option, std::int64_t value, std::int64_t max) {
        failIf(value < 0 || value > max, option,
               std::to_string(value) + " is out of range; allowed are 0 to " + std::to_string(max) + ".");
    }
    void duration(const char* option, Milliseconds value) {
        failIf(value.count() < 0 || value > ChannelOptions::kMaxDuration, option,
               text(value) + " is out of range; allowed are 0 to " + text(ChannelOptions::kMaxDuration) + ".");
    }
    /// A duration that is kept in whole seconds.
    void seconds(const char* option, Milliseconds value) {
        duration(option, value);
        failIf(value.count() % 1000 != 0, option, text(value) + " is not allowed; use whole seconds.");
    }
    void proxyName(const char* option, bool enabled, const std::string& name) {
        failIf(enabled && name.empty(), option, "is empty; name the proxy, or \"default\".");
    }
    std::vector<OptionError> take() { return std::move(errors_); }

private:
    std::vector<OptionError> errors_;
};

void validateHistory(Validator& check, const ChannelOptions& options, Milliseconds projectHistoryMetaTtl) {
    check.count("history_size", options.historySize, ChannelOptions::kMaxHistorySize);
    check.seconds("history_ttl", options.historyTtl);
    check.seconds("history_meta_ttl", options.historyMetaTtl);
    check.failIf(options.historySize > 0 && options.historyTtl.count() == 0, "history_ttl",
                 "is 0 while history_size is " + std::to_string(options.historySize) + "; history needs both.");
    check.failIf(options.historySize == 0 && options.historyTtl.count() > 0, "history_size",
                 "is 0 while history_ttl is " + text(options.historyTtl) + "; history needs both.");
    const auto metaTtl = options.historyMetaTtl.count() > 0 ? options.historyMetaTtl : projectHistoryMetaTtl;
    check.failIf(metaTtl < options.historyTtl, "history_meta_ttl",
                 text(metaTtl) + " is shorter than history_ttl (" + text(options.historyTtl) +
                     "); it must be at least as long.");
    check.failIf(options.forceRecovery && !options.hasHistory(), "force_recovery",
                 "needs history: set history_size and history_ttl.");
    check.failIf(
        options.autoCacheRecover && (!options.forceRecovery || options.forceRecoveryMode != RecoveryMode::Cache),
        "auto_cache_recover", "needs force_recovery and force_recovery_mode \"cache\".");
}

void validateProxies(Validator& check, const ChannelOptions& options) {
    check.proxyName("subscribe_proxy_name", options.subscribeProxyEnabled, options.subscribeProxyName);
    check.proxyName("publish_proxy_name", options.publishProxyEnabled, options.publishProxyName);
    check.proxyName("sub_refresh_proxy_name", options.subRefreshProxyEnabled, options.subRefreshProxyName);
    check.proxyName("subscribe_stream_proxy_name", options.subscribeStreamProxyEnabled,
                    options.subscribeStreamProxyName);
    check.failIf(
        options.subscribeStreamProxyEnabled &&
            (options.subscribeProxyEnabled || options.publishProxyEnabled || options.subRefreshProxyEnabled),
        "subscribe_stream_proxy_enabled",
        "can't be used together with subscribe_proxy_enabled, publish_proxy_enabled or sub_refresh_proxy_enabled.");
}

void validatePages(Validator& check, const MapOptions& map) {
    constexpr std::int64_t kMaxPage = 1'000'000;
    check.count("map.default_page_size", map.defaultPageSize, kMaxPage);
    check.count("map.min_page_size", map.minPageSize, kMaxPage);
    check.count("map.max_page_size", map.maxPageSize, kMaxPage);
    check.count("map.live_transition_max_publication_limit", map.liveTransitionMaxPublicationLimit, kMaxPage);
    const auto above = [&check](const char* option, std::int64_t lower, std::int64_t upper, const char* upperName) {
        check.failIf(lower > 0 && upper > 0 && lower > upper, option,
                     std::to_string(lower) + " is above " + upperName + " (" + std::to_string(upper) + ").");
    };
    above("map.min_page_size", map.minPageSize, map.maxPageSize, "map.max_page_size");
    above("map.default_page_size", map.defaultPageSize, map.maxPageSize, "map.max_page_size");
    above("map.min_page_size", map.minPageSize, map.defaultPageSize, "map.default_page_size");
}

void validateMap(Validator& check, const ChannelOptions& options) {
    const auto& map = options.map;
    const bool isMap = options.subscriptionType == SubscriptionType::Map ||
                       options.subscriptionType == SubscriptionType::MapClients ||
                       options.subscriptionType == SubscriptionType::MapUsers;
    check.duration("map.key_ttl", map.keyTtl);
    check.duration("map.stream_ttl", map.streamTtl);
    check.duration("map.meta_ttl", map.metaTtl);
    check.duration("map.subscribe_catch_up_timeout", map.subscribeCatchUpTimeout);
    check.count("map.stream_size", map.streamSize, ChannelOptions::kMaxHistorySize);
    check.failIf(isMap && map.mode == MapMode::Unset, "map.mode",
                 "is missing; a map subscription_type needs \"ephemeral\", \"recoverable\" or \"persistent\".");
    check.failIf((map.mode == MapMode::Ephemeral || map.mode == MapMode::Recoverable) && map.keyTtl.count() == 0,
                 "map.key_ttl", "is 0; map.mode \"" + std::string(toString(map.mode)) + "\" needs it.");
    check.failIf(map.mode == MapMode::Persistent && map.keyTtl.count() > 0, "map.key_ttl",
                 "must be 0 with map.mode \"persistent\", whose entries don't expire.");
    check.failIf(map.mode == MapMode::Persistent && (options.subscriptionType == SubscriptionType::MapClients ||
                                                     options.subscriptionType == SubscriptionType::MapUsers),
                 "map.mode", "\"persistent\" can't be used for presence; use \"ephemeral\" or \"recoverable\".");
    if (map.mode == MapMode::Ephemeral) {
        check.failIf(map.streamSize > 0, "map.stream_size", "must be 0 with map.mode \"ephemeral\".");
        check.failIf(map.streamTtl.count() > 0, "map.stream_ttl", "must be 0 with map.mode \"ephemeral\".");
        check.failIf(map.metaTtl.count() > 0, "map.meta_ttl", "must be 0 with map.mode \"ephemeral\".");
    }
    const auto streamTtl = map.streamTtl.count() > 0 ? map.streamTtl : Milliseconds(60'000);
    check.failIf(map.mode == MapMode::Recoverable && map.metaTtl.count() > 0 && map.metaTtl < streamTtl, "map.meta_ttl",
                 text(map.metaTtl) + " is shorter than map.stream_ttl (" + text(streamTtl) + ").");
    check.failIf(map.mode == MapMode::Recoverable && map.metaTtl.count() > 0 && map.metaTtl < map.keyTtl,
                 "map.meta_ttl", text(map.metaTtl) + " is shorter than map.key_ttl (" + text(map.keyTtl) + ").");
    check.failIf(map.mode == MapMode::Persistent && map.metaTtl.count() > 0, "map.meta_ttl",
                 "must be 0 with map.mode \"persistent\", whose entries don't expire.");
    check.failIf(map.removeClientOnUnsubscribe && !isMap, "map.remove_client_on_unsubscribe",
                 "needs a map subscription_type.");
    check.failIf(map.clientKey != MapClientKey::Unset && map.publishProxyEnabled, "map.client_key",
                 "can't be used together with map.publish_proxy_enabled: the proxy chooses the key.");
    check.failIf(map.clientKey != MapClientKey::Unset && map.removeProxyEnabled, "map.client_key",
                 "can't be used together with map.remove_proxy_enabled: the proxy chooses the key.");
    check.proxyName("map.publish_proxy_name", map.publishProxyEnabled, map.publishProxyName);
    check.proxyName("map.remove_proxy_name", map.removeProxyEnabled, map.removeProxyName);
    validatePages(check, map);
}

void validateSharedPoll(Validator& check, const ChannelOptions& options) {
    const auto& poll = options.sharedPoll;
    check.duration("shared_poll.refresh_interval", poll.refreshInterval);
    check.duration("shared_poll.channel_shutdown_delay", poll.channelShutdownDelay);
    check.duration("shared_poll.track_expired_extra_delay", poll.trackExpiredExtraDelay);
    check.count("shared_poll.refresh_batch_size", poll.refreshBatchSize, 1'000'000);
    check.count("shared_poll.max_keys_per_connection", poll.maxKeysPerConnection, 1'000'000);
    check.failIf(options.subscriptionType == SubscriptionType::SharedPoll && poll.publishEnabled &&
                     poll.mode != SharedPollMode::Versioned,
                 "shared_poll.publish_enabled", "needs shared_poll.mode \"versioned\".");
}

}  // namespace

std::string_view toString(RecoveryMode value) { return wordOf(kRecoveryModes, value); }
std::string_view toString(DataFormat value) { return wordOf(kDataFormats, value); }
std::string_view toString(SubscriptionType value) { return wordOf(kSubscriptionTypes, value); }
std::string_view toString(MapMode value) { return wordOf(kMapModes, value); }
std::string_view toString(MapClientKey value) { return wordOf(kMapClientKeys, value); }
std::string_view toString(SharedPollMode value) { return wordOf(kSharedPollModes, value); }
std::string_view toString(DeltaType value) { return wordOf(kDeltaTypes, value); }

bool fromString(std::string_view word, RecoveryMode& out) { return valueOf(kRecoveryModes, word, out); }
bool fromString(std::string_view word, DataFormat& out) { return valueOf(kDataFormats, word, out); }
bool fromString(std::string_view word, SubscriptionType& out) { return valueOf(kSubscriptionTypes, word, out); }
bool fromString(std::string_view word, MapMode& out) { return valueOf(kMapModes, word, out); }
bool fromString(std::string_view word, MapClientKey& out) { return valueOf(kMapClientKeys, word, out); }
bool fromString(std::string_view word, SharedPollMode& out) { return valueOf(kSharedPollModes, word, out); }
bool fromString(std::string_view word, DeltaType& out) { return !word.empty() && valueOf(kDeltaTypes, word, out); }

bool ChannelOptions::allowsDelta(DeltaType type) const {
    return std::find(allowedDeltaTypes.begin(), allowedDeltaTypes.end(), type) != allowedDeltaTypes.end();
}

std::vector<OptionError> ChannelOptions::validate(Milliseconds projectHistoryMetaTtl) const {
    Validator check;
    validateHistory(check, *this, projectHistoryMetaTtl);
    check.failIf(
        channelRegex.size() > kMaxRegexLength, "channel_regex",
        "has " + std::to_string(channelRegex.size()) + " bytes; allowed are " + std::to_string(kMaxRegexLength) + ".");
    if (channelRegex.size() <= kMaxRegexLength) {
        const ChannelPattern pattern(channelRegex);
        check.failIf(!pattern.error().empty(), "channel_regex",
                     "\"" + channelRegex + "\" is not a regular expression: " + pattern.error() + ".");
    }
    validateProxies(check, *this);
    validateMap(check, *this);
    validateSharedPoll(check, *this);
    return check.take();
}

}  // namespace xshathra::engine
