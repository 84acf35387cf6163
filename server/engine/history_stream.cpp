#include "server/engine/history_stream.h"

#include "server/base/ids.h"
#include "server/engine/compared_text.h"
#include "server/engine/tags_filter.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

namespace {

constexpr std::size_t kEpochLength = 8;

}  // namespace

HistoryStream::HistoryStream(std::uint32_t incarnation, Nanoseconds now, std::atomic<std::size_t>& total)
    : incarnation_(incarnation), epoch_(makeRandomLetters(kEpochLength)), bytes_(total), metaExpiresAt_(now) {}

std::size_t HistoryStream::bytesOf(const protocol::Publication& publication) {
    auto bytes = kPublicationOverhead + publication.data.size() + publication.key.size();
    for (const auto& [key, value] : publication.tags)
        bytes += key.size() + value.size() + 64;
    if (publication.info) {
        bytes += publication.info->user.size() + publication.info->client.size();
        for (const auto* part : {&publication.info->connInfo, &publication.info->chanInfo})
            bytes += part->has_value() ? (*part)->size() : 0;
    }
    return bytes;
}

void HistoryStream::expire(Nanoseconds now) {
    if (now >= expiresAt_)
        clear();
}

void HistoryStream::add(PublicationPtr publication, const StreamOptions& options, std::size_t maxBytes,
                        Nanoseconds now) {
    top_ = publication->offset;
    const auto bytes = bytesOf(*publication);
    publications_.push_back({std::move(publication), bytes});
    auto kept = bytes_.value() + bytes;
    while (publications_.size() > std::size_t(options.size) || (kept > maxBytes && !publications_.empty())) {
        kept -= publications_.front().bytes;
        publications_.pop_front();
    }
    bytes_.set(kept);
    prolong(options, now);
}

void HistoryStream::prolong(const StreamOptions& options, Nanoseconds now) {
    expiresAt_ = now + options.ttl;
    touch(now, options.metaTtl);
}

bool HistoryStream::isOutdated(std::uint64_t version, std::string_view versionEpoch) const {
    return version > 0 && version <= version_ && (versionEpoch.empty() || comparedText(versionEpoch) == versionEpoch_);
}

void HistoryStream::setVersion(std::uint64_t version, std::string_view versionEpoch) {
    version_ = version;
    versionEpoch_ = comparedText(versionEpoch);
}

Recovery HistoryStream::recover(const RecoverFrom& from) const {
    return from.mode == RecoveryMode::Cache ? recoverCache(from) : recoverStream(from);
}

Recovery HistoryStream::recoverStream(const RecoverFrom& from) const {
    Recovery result;
    if (!from.epoch.empty() && from.epoch != epoch_)
        return result;
    if (from.offset == top_) {
        result.recovered = true;
        return result;
    }
    // The list is gapless up to the top, so it holds everything missed exactly if it reaches back to the next offset.
    if (from.offset > top_ || publications_.empty() || publications_.front().publication->offset > from.offset + 1)
        return result;
    if (from.limit > 0 && top_ - from.offset > from.limit)
        return result;
    result.recovered = true;
    result.publications = read(from.offset, -1, false);
    if (from.filter != nullptr)
        std::erase_if(result.publications,
                      [&from](const auto& publication) { return !matches(*from.filter, publication->tags); });
    return result;
}

Recovery HistoryStream::recoverCache(const RecoverFrom& from) const {
    Recovery result;
    const bool atTop = from.offset > 0 && from.offset == top_ && from.epoch == epoch_;
    // The newest one that the client wants, looked for no further back than a recovery may reach.
    auto wanted = newest();
    if (wanted && from.filter != nullptr) {
        wanted = nullptr;
        for (auto& publication : read(0, from.limit > 0 ? std::int64_t(from.limit) : -1, true)) {
            if (matches(*from.filter, publication->tags)) {
                wanted = std::move(publication);
                break;
            }
        }
    }
    result.recovered = wanted != nullptr || atTop;
    if (wanted && !atTop)
        result.publications.push_back(std::move(wanted));
    return result;
}

std::vector<PublicationPtr> HistoryStream::read(std::uint64_t offset, std::int64_t limit, bool reverse) const {
    std::vector<PublicationPtr> found;
    if (publications_.empty() || limit == 0)
        return found;
    const auto first = publications_.front().publication->offset;
    const auto count = publications_.size();
    const auto max = limit < 0 ? count : std::size_t(limit);
    if (reverse) {
        // A position that the stream hasn't reached has nothing before it; the next one to come still counts.
        if (offset > top_ + 1)
            return found;
        // The number of stored publications below the offset.
        auto end = count;
        if (offset > 0)
            end = offset <= first ? 0 : std::min<std::uint64_t>(count, offset - first);
        while (end > 0 && found.size() < max)
            found.push_back(publications_[--end].publication);
        return found;
    }
    auto begin = offset < first ? 0 : offset - first + 1;
    for (; begin < count && found.size() < max; ++begin)
        found.push_back(publications_[begin].publication);
    return found;
}

void HistoryStream::clear() {
    publications_.clear();
    bytes_.set(0);
    expiresAt_ = Nanoseconds::max();
}

}  // namespace xshathra::engine
