#pragma once

#include "map_test.h"
#include "remote_client.h"
#include "server/protocol/fossil_delta.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A map as a client has it, for tests in which many threads change it. Two channels mean something here: "kept:a" is a
/// map of whose every change the ledger is told, "live:a" one without a stream.
namespace xshathra::test {

using Random = std::mt19937;
/// Values by their keys.
using State = std::map<std::string, std::string>;

inline int below(Random& random, int limit) { return int(random() % std::uint32_t(limit)); }

inline std::string keyName(int number) { return "k" + std::to_string(100 + number); }

/// The team goes with the key, so that what a filter lets pass stays a part of the map.
inline std::map<std::string, std::string> tagsOf(int key) { return {{"team", key % 2 == 0 ? "a" : "b"}}; }

inline std::string valueOf(int number) {
    return q("{'the same in all values':'so that differences are short','n':" + std::to_string(number) + "}");
}

inline int numberOf(std::string_view value) {
    return std::atoi(std::string(value.substr(value.rfind(':') + 1)).c_str());
}

/// What each place of each stream holds, as everybody tells it: all have to agree. Thread-safe.
class Ledger {
public:
    void note(const std::string& channel, const std::string& epoch, std::uint64_t offset, const std::string& key,
              const std::optional<std::string>& value) {
        const std::lock_guard lock(mutex_);
        const auto [at, isNew] = streams_[channel + "/" + epoch].emplace(offset, Change{key, value});
        if (!isNew && (at->second.key != key || at->second.value != value))
            failLocked(channel + ": two changes have the offset " + std::to_string(offset));
    }
    /// What a replica had when it went live, for verify().
    void noteState(const std::string& channel, const std::string& epoch, std::uint64_t offset, State state) {
        const std::lock_guard lock(mutex_);
        states_[channel + "/" + epoch].emplace_back(offset, std::move(state));
    }
    void fail(const std::string& what) {
        const std::lock_guard lock(mutex_);
        failLocked(what);
    }
    /// Plays the changes of each stream anew, and compares with the states that were noted.
    void verify() {
        const std::lock_guard lock(mutex_);
        for (auto& [stream, states] : states_) {
            std::stable_sort(states.begin(), states.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            State truth;
            std::uint64_t offset = 0;
            for (const auto& [wanted, state] : states) {
                for (; offset < wanted; ++offset) {
                    const auto found = streams_[stream].find(offset + 1);
                    if (found == streams_[stream].end())
                        return failLocked(stream + ": nobody made " + std::to_string(offset + 1));
                    if (found->second.value)
                        truth[found->second.key] = *found->second.value;
                    else
                        truth.erase(found->second.key);
                }
                if (state != truth)
                    failLocked(stream + ": another state than the map had at " + std::to_string(wanted));
                ++verified_;
            }
        }
    }
    int verified() const { return verified_; }
    std::string faults() const {
        const std::lock_guard lock(mutex_);
        return faults_;
    }

private:
    struct Change {
        std::string key;
        std::optional<std::string> value;
    };
    void failLocked(const std::string& what) {
        if (faults_.size() < 2000)
            faults_ += what + "\n";
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::uint64_t, Change>> streams_;
    std::map<std::string, std::vector<std::pair<std::uint64_t, State>>> states_;
    std::string faults_;
    int verified_ = 0;
};

/// How often what came to pass, over all replicas.
struct Tally {
    std::atomic<int> statePages{0};
    std::atomic<int> streamPages{0};
    std::atomic<int> fromState{0};
    std::atomic<int> recovered{0};
    std::atomic<int> unrecoverable{0};
    std::atomic<int> lost{0};
    std::atomic<int> patches{0};
    std::atomic<int> pushes{0};
};

/// A map as one client has it, by the rules of the SDKs; on its loop's thread only.
class Replica {
public:
    struct Kind {
        const char* channel;
        protocol::Encoding encoding = protocol::Encoding::Json;
        bool delta = false;
        bool filtered = false;
        /// Of the connection, for the server's operations.
        std::string user;
    };

    Replica(engine::NodeRegistry& registry, engine::Loop& loop, Ledger& ledger, Tally& tally, Kind kind)
        : registry_(registry), loop_(loop), ledger_(ledger), tally_(tally), kind_(std::move(kind)) {
        open();
    }

    /// One step of a client that comes, goes and comes back as chance will have it.
    void step(Random& random) {
        drain();
        const int chance = below(random, 100);
        if (phase_ == Phase::Live) {
            if (chance < 20)
                leave();
            else if (chance < 35)
                reconnect();
            else if (chance < 45 && !isKept())
                change(random);
        } else if (chance < 5) {
            leave();
        } else if (chance < 8) {
            reconnect();
        } else if (phase_ == Phase::Away && chance < 20) {
            phase_ = Phase::Nothing;
        } else {
            goOn(chance % 2);
        }
        drain();
    }
    /// Goes on until it is live. False when that takes too long.
    bool becomeLive() {
        drain();
        for (int i = 0; i < 200 && phase_ != Phase::Live; ++i) {
            goOn(i % 2);
            drain();
        }
        return phase_ == Phase::Live;
    }
    void drain() {
        for (const auto& reply : remote_->transport.takeReplies())
            take(reply);
        if (remote_->transport.closed)
            open();
    }
    bool isLive() const { return phase_ == Phase::Live; }
    const State& state() const { return state_; }
    const Kind& kind() const { return kind_; }

private:
    enum class Phase : std::uint8_t { Nothing, Pages, Stream, Live, Away };

    bool hasStream() const { return std::string_view(kind_.channel) != "live:a"; }
    bool isKept() const { return std::string_view(kind_.channel) == "kept:a"; }
    void fail(const std::string& what) {
        ledger_.fail(std::string(kind_.channel) + (kind_.delta ? " delta" : "") + (kind_.filtered ? " filtered" : "") +
                     " at " + std::to_string(offset_) + ": " + what);
    }

    void open() {
        remote_ = connected(registry_, loop_, kind_.user, kind_.encoding);
        becomeAway();
    }
    void reconnect() {
        remote_->client.transportClosed("test");
        open();
    }
    void leave() {
        remote_->send(command(3, protocol::UnsubscribeRequest{kind_.channel}));
        becomeAway();
    }
    /// A position within the stream can be gone on from, one within the pages of the state can't.
    void becomeAway() {
        phase_ = hasStream() && (phase_ == Phase::Live || phase_ == Phase::Stream || phase_ == Phase::Away)
                     ? Phase::Away
                     : Phase::Nothing;
    }
    /// Clients can't give tags, so they have keys of their own, which no filter lets pass.
    void change(Random& random) {
        const auto key = "own" + std::to_string(below(random, 5));
        auto request = below(random, 3) == 0 ? removeKey(kind_.channel, key)
                                             : setKey(kind_.channel, key, valueOf(below(random, 1000)));
        remote_->send(command(4, std::move(request)));
    }

    void goOn(int recoveryPhase) {
        auto request = mapRequest(kind_.channel);
        if (kind_.delta)
            request.delta = "fossil";
        if (kind_.filtered)
            request.tf = teamIs("a");
        switch (phase_) {
            case Phase::Live: return;
            case Phase::Nothing:
                state_.clear();
                numbers_.clear();
                cursor_.clear();
                offset_ = 0;
                epoch_.clear();
                break;
            case Phase::Pages:
                request.cursor = cursor_;
                request.offset = offset_;
                request.epoch = epoch_;
                break;
            case Phase::Away: request.recover = true; [[fallthrough]];
            case Phase::Stream:
                request.phase = phase_ == Phase::Away ? recoveryPhase : 1;
                request.offset = offset_;
                request.epoch = epoch_;
                break;
        }
        remote_->send(command(2, std::move(request)));
    }

    void take(const protocol::Reply& reply) {
        if (const auto* push = std::get_if<protocol::Push>(&reply.result)) {
            // The server's unsubscribe tells every connection of the user.
            if (push->channel != kind_.channel)
                return;
            if (const auto* publication = std::get_if<protocol::Publication>(&push->message))
                takePush(*publication);
            else if (const auto* end = std::get_if<protocol::Unsubscribe>(&push->message))
                takeEnd(end->code);
        } else if (const auto* result = std::get_if<protocol::SubscribeResult>(&reply.result)) {
            takeResult(*result);
        } else if (reply.error) {
            if (reply.error->code != 112)
                return fail("error " + std::to_string(reply.error->code));
            ++tally_.unrecoverable;
            phase_ = Phase::Nothing;
        }
    }
    void takeEnd(std::uint32_t code) {
        if (code == 2500)
            ++tally_.lost;
        else if (code != 2000)
            fail("unsubscribed with " + std::to_string(code));
        becomeAway();
    }
    void takePush(const protocol::Publication& publication) {
        ++tally_.pushes;
        if (phase_ != Phase::Live)
            return fail("a push while not subscribed");
        apply(publication);
    }
    void takeResult(const protocol::SubscribeResult& result) {
        const bool first = phase_ == Phase::Nothing;
        const bool recovers = phase_ == Phase::Away;
        if (!first && hasStream() && result.epoch != epoch_)
            fail("another epoch");
        epoch_ = result.epoch;
        for (const auto& entry : result.state) {
            state_[entry.key] = std::string(entry.data.view());
            numbers_[entry.key] = numberOf(entry.data.view());
        }
        if (result.phase == 2) {
            ++tally_.statePages;
            if (!first && result.offset != offset_)
                fail("another page has another position");
            offset_ = result.offset;
            cursor_ = result.cursor;
            phase_ = cursor_.empty() ? Phase::Stream : Phase::Pages;
            for (const auto& entry : result.state) {
                if (entry.offset > offset_)
                    fail("the state is ahead of its position");
            }
            return;
        }
        // A state that fits one page brings what came after it along, without a word about where it ended.
        if (first && hasStream())
            offset_ = result.publications.empty() ? result.offset : result.publications.front().offset - 1;
        for (const auto& publication : result.publications)
            apply(publication);
        if (hasStream() && (kind_.filtered ? result.offset < offset_ : result.offset != offset_))
            fail("the changes end elsewhere than at " + std::to_string(result.offset));
        offset_ = result.offset;
        if (result.phase == 1) {
            ++tally_.streamPages;
            phase_ = Phase::Stream;
            return;
        }
        if (recovers && !result.recovered)
            fail("not recovered");
        ++(recovers ? tally_.recovered : tally_.fromState);
        phase_ = Phase::Live;
        if (isKept() && !kind_.filtered)
            ledger_.noteState(kind_.channel, epoch_, offset_, state_);
    }
    void apply(const protocol::Publication& publication) {
        if (hasStream()) {
            if (kind_.filtered ? publication.offset <= offset_ : publication.offset != offset_ + 1)
                fail("the change at " + std::to_string(publication.offset) + " is not the next one");
            offset_ = publication.offset;
        }
        std::optional<std::string> value;
        if (publication.removed) {
            state_.erase(publication.key);
        } else {
            value = std::string(publication.data.view());
            if (publication.delta) {
                ++tally_.patches;
                value = protocol::applyFossilDelta(state_[publication.key], *value);
                if (!value)
                    return fail("a patch that doesn't fit");
            }
            state_[publication.key] = *value;
            // Without offsets, the values tell whether one comes twice or late: each key has one publisher there.
            if (!hasStream() && publication.key.front() == 'k') {
                auto [last, isNew] = numbers_.emplace(publication.key, -1);
                if (last->second >= numberOf(*value))
                    fail("an old value of " + publication.key);
                last->second = numberOf(*value);
            }
        }
        if (hasStream())
            ledger_.note(kind_.channel, epoch_, publication.offset, publication.key, value);
    }

    engine::NodeRegistry& registry_;
    engine::Loop& loop_;
    Ledger& ledger_;
    Tally& tally_;
    const Kind kind_;
    std::unique_ptr<Remote> remote_;
    Phase phase_ = Phase::Nothing;
    State state_;
    std::map<std::string, int> numbers_;
    std::string cursor_;
    std::uint64_t offset_ = 0;
    std::string epoch_;
};

}  // namespace xshathra::test
