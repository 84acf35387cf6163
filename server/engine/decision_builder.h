#pragma once

#include "server/auth/check.h"
#include "server/base/clock.h"
#include "server/capture/decision.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace xshathra::engine {

/// Collects the ordered checks of a decision for the console. Where nobody watches it does nothing, so texts are given
/// as callables that are only called when wanted.
class DecisionBuilder {
public:
    explicit DecisionBuilder(bool wanted) : wanted_(wanted) {}

    bool wanted() const { return wanted_; }

    template <typename Found>
    void pass(std::string_view name, Found&& found) {
        if (wanted_)
            checks_.push_back({std::string(name), capture::Outcome::Pass, text(found), {}, {}});
    }
    template <typename Found, typename Expected, typename Advice>
    void fail(std::string_view name, Found&& found, Expected&& expected, Advice&& advice) {
        if (wanted_)
            checks_.push_back({std::string(name), capture::Outcome::Fail, text(found), text(expected), text(advice)});
    }
    /// The steps of a token's verification.
    void append(const std::vector<auth::Check>& checks, std::string_view advice);

    /// The finished decision, or null when not wanted. The builder is empty afterwards.
    std::shared_ptr<const capture::Decision> allowed(std::string summary);
    std::shared_ptr<const capture::Decision> refused(std::uint32_t code, std::string summary);

private:
    template <typename T>
    static std::string text(T&& source) {
        if constexpr (std::is_invocable_v<T>)
            return std::string(std::forward<T>(source)());
        else
            return std::string(std::forward<T>(source));
    }

    bool wanted_;
    std::vector<capture::Check> checks_;
};

}  // namespace xshathra::engine
