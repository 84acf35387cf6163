#pragma once

#include "server/base/clock.h"
#include "server/engine/counted_bytes.h"
#include "server/engine/namespace_options.h"
#include "server/protocol/messages.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// A publication as history keeps it.
struct StoredPublication : protocol::Publication {
    /// Data or the publisher's info isn't JSON, so it can't be given to a JSON client.
    bool notJson = false;
};
using PublicationPtr = std::shared_ptr<const StoredPublication>;

/// How a channel keeps its stream; from the namespace at the time of the call.
struct StreamOptions {
    std::int64_t size = 0;
    Nanoseconds ttl{};
    Nanoseconds metaTtl{};

    bool keepsHistory() const { return size > 0 && ttl.count() > 0; }
};

/// Where a client was when it went away (protocol section 9).
struct RecoverFrom {
    std::uint64_t offset = 0;
    std::string_view epoch;
    RecoveryMode mode = RecoveryMode::Stream;
    /// More missed publications than this are not recovered; 0: no limit.
    std::size_t limit = 0;
    /// Only what passes is given; null: all. What is left out counts as received.
    const protocol::FilterNode* filter = nullptr;
};

struct Recovery {
    bool recovered = false;
    /// Ascending; empty unless recovered. Without those that the filter leaves out.
    std::vector<PublicationPtr> publications;
};

/// The stream of one channel: offsets, epoch and the publications that are kept (protocol section 9.3). Times are
/// monotonic and passed in. Not thread-safe; the broker guards it.
class HistoryStream {
public:
    /// What bytes() gives is counted in `total` too, which must outlive the stream.
    HistoryStream(std::uint32_t incarnation, Nanoseconds now, std::atomic<std::size_t>& total);

    std::uint64_t top() const { return top_; }
    const std::string& epoch() const { return epoch_; }
    /// Another number for every epoch that a channel of this broker has had.
    std::uint32_t incarnation() const { return incarnation_; }
    std::size_t size() const { return publications_.size(); }
    std::size_t bytes() const { return bytes_.value(); }

    /// Drops the publications when their time is over. Call before reading.
    void expire(Nanoseconds now);
    /// Whether even offset and epoch are to be forgotten.
    bool isForgotten(Nanoseconds now) const { return now >= metaExpiresAt_; }
    /// Keeps offset and epoch for `metaTtl` from now.
    void touch(Nanoseconds now, Nanoseconds metaTtl) { metaExpiresAt_ = now + metaTtl; }

    /// The offset the next publication gets.
    std::uint64_t nextOffset() const { return top_ + 1; }
    /// Keeps `publication`, whose offset is nextOffset(); the oldest go beyond `options.size` and `maxBytes`.
    void add(PublicationPtr publication, const StreamOptions& options, std::size_t maxBytes, Nanoseconds now);
    /// A publication that was left out prolongs the stream's life as if it had been added.
    void prolong(const StreamOptions& options, Nanoseconds now);
    /// The newest publication that is kept, or null.
    PublicationPtr newest() const { return publications_.empty() ? nullptr : publications_.back().publication; }
    /// Whether a publication with that version is to be left out: not greater than the version of the last one, unless
    /// it comes from another version epoch. Without an epoch it is compared with any.
    bool isOutdated(std::uint64_t version, std::string_view versionEpoch) const;
    void setVersion(std::uint64_t version, std::string_view versionEpoch);

    Recovery recover(const RecoverFrom& from) const;
    /// At most `limit` publications (below 0: all) after `offset`, or before it when `reverse` (0: from the newest on).
    std::vector<PublicationPtr> read(std::uint64_t offset, std::int64_t limit, bool reverse) const;
    /// Drops the publications; offset and epoch stay.
    void clear();

    /// What one publication is counted with against the byte limits, besides its payload, key, tags and info.
    static constexpr std::size_t kPublicationOverhead = 256;
    /// All of that together.
    static std::size_t bytesOf(const protocol::Publication& publication);

private:
    struct Item {
        PublicationPtr publication;
        std::size_t bytes = 0;
    };

    Recovery recoverStream(const RecoverFrom& from) const;
    Recovery recoverCache(const RecoverFrom& from) const;

    const std::uint32_t incarnation_;
    const std::string epoch_;
    std::uint64_t top_ = 0;
    CountedBytes bytes_;
    std::deque<Item> publications_;
    Nanoseconds expiresAt_{Nanoseconds::max()};
    Nanoseconds metaExpiresAt_{Nanoseconds::max()};
    std::uint64_t version_ = 0;
    /// As comparedText() keeps it.
    std::string versionEpoch_;
};

}  // namespace xshathra::engine
