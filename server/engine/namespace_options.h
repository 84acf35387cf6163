#pragma once

#include "server/base/clock.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

enum class RecoveryMode : std::uint8_t { Stream, Cache };
enum class DataFormat : std::uint8_t { Any, Json, JsonObject, Binary };
enum class SubscriptionType : std::uint8_t { Stream, Map, MapClients, MapUsers, SharedPoll };
/// Whether channels of that type are maps.
constexpr bool isMap(SubscriptionType type) {
    return type == SubscriptionType::Map || type == SubscriptionType::MapClients || type == SubscriptionType::MapUsers;
}

enum class MapMode : std::uint8_t { Unset, Ephemeral, Recoverable, Persistent };
enum class MapClientKey : std::uint8_t { Unset, ClientId, UserId };
enum class SharedPollMode : std::uint8_t { Unset, Versionless, Versioned };
enum class DeltaType : std::uint8_t { Fossil };

/// Centrifugo's words for the values ("stream", "json_object", "map_clients", ...); the unset or default one is ""
/// where Centrifugo's is, except RecoveryMode::Stream ("stream") and SubscriptionType::Stream ("stream").
std::string_view toString(RecoveryMode value);
std::string_view toString(DataFormat value);
std::string_view toString(SubscriptionType value);
std::string_view toString(MapMode value);
std::string_view toString(MapClientKey value);
std::string_view toString(SharedPollMode value);
std::string_view toString(DeltaType value);
/// Reads such a word; "" gives the default. False, and `out` as it was, when it is none.
bool fromString(std::string_view word, RecoveryMode& out);
bool fromString(std::string_view word, DataFormat& out);
bool fromString(std::string_view word, SubscriptionType& out);
bool fromString(std::string_view word, MapMode& out);
bool fromString(std::string_view word, MapClientKey& out);
bool fromString(std::string_view word, SharedPollMode& out);
bool fromString(std::string_view word, DeltaType& out);

/// The `map.*` options of a namespace (protocol section 22).
struct MapOptions {
    MapMode mode = MapMode::Unset;
    Milliseconds keyTtl{0};
    std::int64_t streamSize = 0;
    Milliseconds streamTtl{0};
    Milliseconds metaTtl{0};
    bool removeClientOnUnsubscribe = false;
    MapClientKey clientKey = MapClientKey::Unset;
    bool allowPublishForClient = false;
    bool allowPublishForSubscriber = false;
    bool allowPublishForAnonymous = false;
    bool allowRemoveForClient = false;
    bool allowRemoveForSubscriber = false;
    bool allowRemoveForAnonymous = false;
    bool publishProxyEnabled = false;
    std::string publishProxyName = "default";
    bool removeProxyEnabled = false;
    std::string removeProxyName = "default";
    std::int64_t defaultPageSize = 0;
    std::int64_t minPageSize = 0;
    std::int64_t maxPageSize = 0;
    std::int64_t liveTransitionMaxPublicationLimit = 0;
    Milliseconds subscribeCatchUpTimeout{0};

    friend bool operator==(const MapOptions&, const MapOptions&) = default;
};

/// The `shared_poll.*` options of a namespace (protocol section 22).
struct SharedPollOptions {
    std::string proxyName = "default";
    Milliseconds refreshInterval{0};
    std::int64_t refreshBatchSize = 0;
    std::int64_t maxKeysPerConnection = 0;
    SharedPollMode mode = SharedPollMode::Unset;
    Milliseconds channelShutdownDelay{0};
    Milliseconds trackExpiredExtraDelay{0};
    bool publishEnabled = false;

    friend bool operator==(const SharedPollOptions&, const SharedPollOptions&) = default;
};

/// What is wrong with an option: its name as in Centrifugo's configuration (`history_ttl`, `map.key_ttl`), and one
/// sentence that says what was found and what is allowed.
struct OptionError {
    std::string option;
    std::string message;

    friend bool operator==(const OptionError&, const OptionError&) = default;
};

/// All channel options of the protocol reference section 22, named as there. A default-constructed value is
/// Centrifugo's default.
struct ChannelOptions {
    bool presence = false;
    bool joinLeave = false;
    bool forcePushJoinLeave = false;
    std::string mapClientsPresenceChannelPrefix;
    std::string mapUsersPresenceChannelPrefix;
    std::int64_t historySize = 0;
    Milliseconds historyTtl{0};
    /// Zero: the project's value.
    Milliseconds historyMetaTtl{0};
    bool forcePositioning = false;
    bool allowPositioning = false;
    bool forceRecovery = false;
    bool allowRecovery = false;
    RecoveryMode forceRecoveryMode = RecoveryMode::Stream;
    bool autoCacheRecover = false;
    std::vector<DeltaType> allowedDeltaTypes;
    bool deltaPublish = false;
    bool allowTagsFilter = false;
    bool allowSubscribeForClient = false;
    bool allowSubscribeForAnonymous = false;
    bool allowPublishForClient = false;
    bool allowPublishForSubscriber = false;
    bool allowPublishForAnonymous = false;
    bool allowPresenceForClient = false;
    bool allowPresenceForSubscriber = false;
    bool allowPresenceForAnonymous = false;
    bool allowHistoryForClient = false;
    bool allowHistoryForSubscriber = false;
    bool allowHistoryForAnonymous = false;
    bool allowUserLimitedChannels = false;
    /// Matched against the channel name without the namespace, with ECMAScript syntax. Empty: the whole channel must be
    /// ASCII.
    std::string channelRegex;
    DataFormat publicationDataFormat = DataFormat::Any;
    bool subscribeProxyEnabled = false;
    std::string subscribeProxyName = "default";
    bool publishProxyEnabled = false;
    std::string publishProxyName = "default";
    bool subRefreshProxyEnabled = false;
    std::string subRefreshProxyName = "default";
    bool subscribeStreamProxyEnabled = false;
    std::string subscribeStreamProxyName = "default";
    bool subscribeStreamProxyBidirectional = false;
    SubscriptionType subscriptionType = SubscriptionType::Stream;
    MapOptions map;
    SharedPollOptions sharedPoll;

    bool hasHistory() const { return historySize > 0 && historyTtl.count() > 0; }
    bool allowsDelta(DeltaType type) const;

    /// Every fault of these options by themselves; rules that need the other namespaces are checked by
    /// ChannelLayout::validate(). `projectHistoryMetaTtl` is what historyMetaTtl 0 stands for.
    std::vector<OptionError> validate(Milliseconds projectHistoryMetaTtl = kDefaultHistoryMetaTtl) const;

    static constexpr Milliseconds kDefaultHistoryMetaTtl{std::chrono::hours(720)};
    /// Bounds of ours for options that Centrifugo leaves open, so that a slip of the keyboard can't exhaust memory.
    static constexpr std::int64_t kMaxHistorySize = 1'000'000;
    static constexpr Milliseconds kMaxDuration{std::chrono::hours(24 * 365 * 10)};
    static constexpr std::size_t kMaxRegexLength = 1024;

    friend bool operator==(const ChannelOptions&, const ChannelOptions&) = default;
};

/// A namespace: a name and its options.
struct NamespaceOptions {
    std::string name;
    ChannelOptions options;

    friend bool operator==(const NamespaceOptions&, const NamespaceOptions&) = default;
};

}  // namespace xshathra::engine
