#pragma once

#include "server/engine/proxy.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xshathra::test {

/// A backend that answers when the test says so. For one thread.
class FakeProxy final : public engine::Proxy {
public:
    std::uint64_t call(engine::ProxyCall call, Done done) override {
        calls.push_back(std::move(call));
        waiting_.push_back(std::move(done));
        return waiting_.size();
    }
    void cancel(std::uint64_t ticket) override { cancelled.push_back(ticket); }

    /// Answers the oldest call that has no answer yet.
    template <typename Outcome>
    void answer(Outcome outcome) {
        engine::ProxyAnswer answer;
        answer.outcome = std::move(outcome);
        answer.status = 200;
        answer.took = Milliseconds(12);
        waiting_.at(answered_++)(std::move(answer));
    }
    std::size_t unanswered() const { return waiting_.size() - answered_; }
    const engine::ProxyCall& last() const { return calls.back(); }
    template <typename Request>
    const Request& request() const {
        return std::get<Request>(calls.back().request);
    }

    std::vector<engine::ProxyCall> calls;
    std::vector<std::uint64_t> cancelled;

private:
    std::vector<Done> waiting_;
    std::size_t answered_ = 0;
};

}  // namespace xshathra::test
