#include "server/auth/jwks_store.h"

#include "server/auth/jwks.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace xshathra::auth {

struct JwksStore::State {
    struct Set {
        std::unordered_map<std::string, std::shared_ptr<const JsonWebKey>> keys;
        /// Monotonic; absent before the first success.
        std::optional<Nanoseconds> fetchedAt;
        bool underWay = false;
        std::vector<std::function<void()>> waiting;
        /// Fetches that may still begin, as of countedAt.
        int allowance = kFetchBurst;
        Nanoseconds countedAt{};
    };

    State(const Clock& usedClock, Fetcher usedFetcher) : clock(usedClock), fetcher(std::move(usedFetcher)) {}

    /// Makes room for one more set. Sets with a fetch under way stay.
    void makeRoom() {
        if (sets.size() < kMaxKeySets)
            return;
        auto oldest = sets.end();
        for (auto one = sets.begin(); one != sets.end(); ++one) {
            if (!one->second.underWay && (oldest == sets.end() || one->second.countedAt < oldest->second.countedAt))
                oldest = one;
        }
        if (oldest != sets.end())
            sets.erase(oldest);
    }

    bool takeAllowance(Set& set, Nanoseconds now) const {
        const auto gained = (now - set.countedAt) / Nanoseconds(kFetchInterval);
        if (gained > 0) {
            set.allowance = static_cast<int>(std::min<std::int64_t>(kFetchBurst, set.allowance + gained));
            set.countedAt = set.allowance == kFetchBurst ? now : set.countedAt + gained * Nanoseconds(kFetchInterval);
        }
        if (set.allowance == 0)
            return false;
        --set.allowance;
        return true;
    }

    const Clock& clock;
    const Fetcher fetcher;
    mutable std::mutex mutex;
    std::unordered_map<std::string, Set> sets;
    std::size_t fetches = 0;
    std::size_t failures = 0;
    std::size_t refusedByRate = 0;
};

JwksStore::JwksStore(const Clock& clock, Fetcher fetcher)
    : state_(std::make_shared<State>(clock, std::move(fetcher))) {}

JwksStore::~JwksStore() = default;

std::shared_ptr<const JsonWebKey> JwksStore::find(const KeyRequest& request) {
    const std::lock_guard lock(state_->mutex);
    const auto set = state_->sets.find(request.url);
    if (set == state_->sets.end() || !set->second.fetchedAt ||
        state_->clock.monotonic() - *set->second.fetchedAt >= kKeySetTtl)
        return nullptr;
    const auto key = set->second.keys.find(request.keyId);
    return key == set->second.keys.end() ? nullptr : key->second;
}

void JwksStore::fetch(const KeyRequest& request, std::function<void()> done) {
    bool begin = false;
    {
        const std::lock_guard lock(state_->mutex);
        const auto now = state_->clock.monotonic();
        auto found = state_->sets.find(request.url);
        if (found == state_->sets.end()) {
            state_->makeRoom();
            found = state_->sets.try_emplace(request.url).first;
            found->second.countedAt = now;
        }
        auto& set = found->second;
        if (set.underWay) {
            set.waiting.push_back(std::move(done));
            return;
        }
        begin = state_->takeAllowance(set, now);
        if (begin) {
            set.underWay = true;
            set.waiting.push_back(std::move(done));
        } else {
            ++state_->refusedByRate;
        }
    }
    if (begin)
        start(state_, request.url, kFetchTries);
    else
        done();
}

void JwksStore::start(const std::shared_ptr<State>& state, const std::string& url, int triesLeft) {
    {
        const std::lock_guard lock(state->mutex);
        ++state->fetches;
    }
    state->fetcher(url, [weak = std::weak_ptr(state), url, triesLeft](const Result<std::string>& body) {
        const auto alive = weak.lock();
        if (!alive)
            return;
        if (!body && body.error().code != "stopped" && triesLeft > 1)
            return start(alive, url, triesLeft - 1);
        auto keys = body ? parseJwks(*body)
                         : Result<std::vector<std::shared_ptr<const JsonWebKey>>>(Unexpected<Error>(body.error()));
        std::vector<std::function<void()>> waiting;
        {
            const std::lock_guard lock(alive->mutex);
            auto& set = alive->sets[url];
            set.underWay = false;
            waiting.swap(set.waiting);
            // Keys that can't be renewed now stay good until their time is over.
            if (keys) {
                set.keys.clear();
                for (auto& key : *keys)
                    set.keys.emplace(key->id, std::move(key));
                set.fetchedAt = alive->clock.monotonic();
            } else {
                ++alive->failures;
            }
        }
        for (const auto& done : waiting)
            done();
    });
}

JwksStore::Statistics JwksStore::statistics() const {
    const std::lock_guard lock(state_->mutex);
    Statistics result;
    result.sets = state_->sets.size();
    for (const auto& [url, set] : state_->sets)
        result.keys += set.keys.size();
    result.fetches = state_->fetches;
    result.failures = state_->failures;
    result.refusedByRate = state_->refusedByRate;
    return result;
}

}  // namespace xshathra::auth
