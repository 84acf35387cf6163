#pragma once

#include "server/auth/key_source.h"
#include "server/base/clock.h"
#include "server/base/result.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace xshathra::auth {

/// How long a fetched key set is used before it is fetched again. Centrifugo counts this hour from a key's last use, so
/// that a withdrawn key in steady use would never go; here it is counted from the fetch.
inline constexpr Seconds kKeySetTtl{3600};
/// Sets kept in memory; the one fetched longest ago makes room.
inline constexpr std::size_t kMaxKeySets = 64;
/// Fetches of one URL that may follow each other at once, and the time in which one more becomes possible. Every token
/// may name a key that nobody has, and asking for it must not let clients flood the server that publishes the keys.
inline constexpr int kFetchBurst = 10;
inline constexpr Seconds kFetchInterval{1};
/// How often a fetch is tried before its failure counts.
inline constexpr int kFetchTries = 2;

/// The JSON Web Key Sets of all projects, fetched when a token needs one and kept for a while. Any thread.
class JwksStore final : public KeySource {
public:
    using Answer = std::function<void(Result<std::string> body)>;
    /// Gets the body of an URL by HTTP, without blocking the caller; the answer comes once, on any thread. A status
    /// other than 200 is an error. After the error `stopped` nothing is tried again.
    using Fetcher = std::function<void(const std::string& url, Answer answer)>;

    /// `clock` must outlive the store and what it has under way.
    JwksStore(const Clock& clock, Fetcher fetcher);
    ~JwksStore() override;

    std::shared_ptr<const JsonWebKey> find(const KeyRequest& request) override;
    /// Joins a fetch of the same URL that is under way. Beyond the rate it does nothing but call `done`.
    void fetch(const KeyRequest& request, std::function<void()> done) override;

    struct Statistics {
        std::size_t sets = 0;
        std::size_t keys = 0;
        std::size_t fetches = 0;
        std::size_t failures = 0;
        std::size_t refusedByRate = 0;
    };
    Statistics statistics() const;

private:
    struct State;
    static void start(const std::shared_ptr<State>& state, const std::string& url, int triesLeft);

    std::shared_ptr<State> state_;
};

}  // namespace xshathra::auth
