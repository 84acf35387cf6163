#include "server/engine/client_session.h"
#include "server/engine/token_checks.h"

#include <utility>

namespace xshathra::engine {

namespace {

/// A command's token and who judges it.
struct Judged {
    std::string_view token;
    const auth::TokenVerifier* verifier = nullptr;
    auth::TokenUse use = auth::TokenUse::Connection;
};

Judged judgedBy(const ProjectConfig& project, const protocol::Command& command) {
    if (const auto* connect = std::get_if<protocol::ConnectRequest>(&command.request))
        return {connect->token, project.tokenVerifier.get(), auth::TokenUse::Connection};
    if (const auto* refresh = std::get_if<protocol::RefreshRequest>(&command.request))
        return {refresh->token, project.tokenVerifier.get(), auth::TokenUse::Connection};
    if (const auto* subscribe = std::get_if<protocol::SubscribeRequest>(&command.request))
        return {subscribe->token, subscriptionVerifier(project), auth::TokenUse::Subscription};
    if (const auto* refresh = std::get_if<protocol::SubRefreshRequest>(&command.request))
        return {refresh->token, subscriptionVerifier(project), auth::TokenUse::Subscription};
    return {};
}

}  // namespace

bool ClientSession::waitForKey(const Context& context, const protocol::Command& command) {
    std::shared_ptr<const ProjectConfig> project;
    if (const auto* request = std::get_if<protocol::ConnectRequest>(&command.request)) {
        if (request->token.empty())
            return false;
        DecisionBuilder unseen(false);
        const auto node = chooseNode(*request, unseen);
        project = node ? (*node)->config() : nullptr;
    } else if (node_) {
        project = node_->config();
    }
    if (!project)
        return false;
    const auto judged = judgedBy(*project, command);
    if (judged.token.empty() || judged.verifier == nullptr)
        return false;
    const auto needed = judged.verifier->neededKey(judged.token, judged.use);
    if (!needed)
        return false;
    const auto keys = judged.verifier->options().keySource;
    keys->fetch(*needed, [resumed = suspend(context)] {
        // Whether the key has come or not: what is not in memory now makes the token invalid.
        resumed([](ClientSession& self, const Context& held, const protocol::Command& again) {
            return self.carryOut(held, again);
        });
    });
    return true;
}

}  // namespace xshathra::engine
