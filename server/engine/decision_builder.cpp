#include "server/engine/decision_builder.h"

namespace xshathra::engine {

namespace {

capture::Outcome outcomeOf(auth::Outcome outcome) {
    switch (outcome) {
        case auth::Outcome::Pass: return capture::Outcome::Pass;
        case auth::Outcome::Fail: return capture::Outcome::Fail;
        case auth::Outcome::NotReached: break;
    }
    return capture::Outcome::NotReached;
}

/// "signature" becomes "Token signature".
std::string tokenCheckName(const std::string& name) { return "Token " + name; }

}  // namespace

void DecisionBuilder::append(const std::vector<auth::Check>& checks, std::string_view advice) {
    if (!wanted_)
        return;
    for (const auto& check : checks) {
        const bool failed = check.outcome == auth::Outcome::Fail;
        checks_.push_back({tokenCheckName(check.name), outcomeOf(check.outcome), check.found,
                           failed ? check.expected : std::string(), failed ? std::string(advice) : std::string()});
    }
}

std::shared_ptr<const capture::Decision> DecisionBuilder::allowed(std::string summary) {
    if (!wanted_)
        return nullptr;
    return std::make_shared<const capture::Decision>(
        capture::Decision{capture::Verdict::Allowed, 0, std::move(summary), std::exchange(checks_, {}), {}});
}

std::shared_ptr<const capture::Decision> DecisionBuilder::refused(std::uint32_t code, std::string summary) {
    if (!wanted_)
        return nullptr;
    return std::make_shared<const capture::Decision>(
        capture::Decision{capture::Verdict::Refused, code, std::move(summary), std::exchange(checks_, {}), {}});
}

}  // namespace xshathra::engine
