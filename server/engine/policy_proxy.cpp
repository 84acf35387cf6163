#include "server/engine/policy.h"

namespace xshathra::engine {

using protocol::ErrorCode;

auth::SubscriptionOverrides overridesOf(const ProxyOverrides& overrides) {
    auth::SubscriptionOverrides result;
    result.presence = overrides.presence;
    result.joinLeave = overrides.joinLeave;
    result.forceRecovery = overrides.forceRecovery;
    result.forcePositioning = overrides.forcePositioning;
    result.forcePushJoinLeave = overrides.forcePushJoinLeave;
    return result;
}

namespace policy {

std::optional<Failure> failureOf(const ProxyAnswer& answer, ProxyKind kind, DecisionBuilder& decision) {
    const auto label = decision.wanted() ? std::string(toString(kind)) + " proxy" : std::string();
    if (const auto* failure = answer.as<ProxyFailure>()) {
        decision.fail(
            label, [&] { return answer.describe() + ": " + failure->text; },
            "an answer with status 200 and JSON, in time",
            "Look at the call's two HTTP events, at the backend's log, and at the proxy's endpoint and timeout.");
        return ErrorCode::Internal;
    }
    if (const auto* error = answer.as<protocol::ClientError>()) {
        decision.fail(
            label, [&] { return answer.describe() + ": error " + std::to_string(error->code) + " " + error->message; },
            "an answer with a result", "The backend refused: its log says why.");
        return std::make_shared<const protocol::ClientError>(*error);
    }
    if (const auto* end = answer.as<protocol::Disconnect>()) {
        decision.fail(
            label, [&] { return answer.describe() + ": disconnect " + std::to_string(end->code) + " " + end->reason; },
            "an answer with a result", "The backend refused: its log says why.");
        return std::make_shared<const protocol::Disconnect>(*end);
    }
    decision.pass(label, [&] { return answer.describe(); });
    return std::nullopt;
}

}  // namespace policy

}  // namespace xshathra::engine
