#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;

namespace {

bool isPong(const protocol::Command& command) {
    return command.id == 0 && !std::holds_alternative<protocol::SendRequest>(command.request);
}

/// A request about a channel keeps its name where it lies, so the view has to be taken anew once it has moved.
std::string_view channelOf(const protocol::Command& command) {
    return std::visit(
        [](const auto& request) -> std::string_view {
            if constexpr (requires { request.channel; })
                return request.channel;
            else
                return {};
        },
        command.request);
}

}  // namespace

std::function<void(ClientSession::Resumed)> ClientSession::suspend(const Context& context,
                                                                   std::function<void()> cancel) {
    if (current_ != nullptr)
        recordCommand(context, *current_, nullptr);
    suspended_ = std::make_unique<Suspended>();
    suspended_->ticket = ++suspensions_;
    suspended_->cancel = std::move(cancel);
    return [post = poster(), ticket = suspensions_](Resumed resumed) {
        post([ticket, resumed = std::move(resumed)](ClientSession& self) { self.resume(ticket, resumed); });
    };
}

void ClientSession::setCancel(std::function<void()> cancel) {
    if (suspended_)
        suspended_->cancel = std::move(cancel);
}

ClientSession::Outcome ClientSession::ask(
    const Context& context, ProxyCall call,
    std::function<Outcome(ClientSession&, const Context&, const protocol::Command&, const ProxyAnswer&)> then) {
    auto resumed = suspend(context);
    auto done = [resumed = std::move(resumed), then = std::move(then)](ProxyAnswer answer) {
        resumed([then, answer = std::move(answer)](ClientSession& self, const Context& held,
                                                   const protocol::Command& command) {
            return then(self, held, command, answer);
        });
    };
    auto* proxy = registry_.proxy();
    if (proxy == nullptr) {
        ProxyAnswer answer;
        answer.outcome = ProxyFailure{"this server can't call backends"};
        done(std::move(answer));
        return std::nullopt;
    }
    const auto ticket = proxy->call(std::move(call), std::move(done));
    setCancel([proxy, ticket] { proxy->cancel(ticket); });
    return std::nullopt;
}

std::function<void(std::function<void(ClientSession&)>)> ClientSession::poster() const {
    return [handle = handle_](std::function<void(ClientSession&)> task) {
        const bool first = handle.mailbox->put(std::function<void(Loop&)>([handle, task = std::move(task)](Loop& loop) {
            if (auto* client = loop.client(handle))
                task(client->impl());
        }));
        if (first)
            handle.mailbox->wake();
    };
}

void ClientSession::hold(Suspended& suspended, protocol::Command&& command, Context context) {
    suspended.command = std::move(command);
    suspended.context = context;
    suspended.context.channel = channelOf(suspended.command);
    suspended.context.recorded = true;
}

void ClientSession::wait(Batch batch) {
    if (batch.commands.size() == 1 && !batch.error && isPong(batch.commands.front()) && state_ == State::Connected)
        return dispatch(batch.commands.front());
    suspended_->waitingBytes += batch.bytes;
    suspended_->waiting.push_back(std::move(batch));
    const auto bytes = std::max(kMaxWaitingBytes, kMaxWaitingLargeFrames * std::min(transport_.info().frameLimit,
                                                                                    SIZE_MAX / kMaxWaitingLargeFrames));
    // The first of them came in the same frame as the suspended command, and doesn't count.
    if (suspended_->waiting.size() - 1 > kMaxWaitingFrames || suspended_->waitingBytes > bytes) {
        DecisionBuilder decision(watched());
        decision.fail(
            "Waiting commands", "too many behind one that waits for the backend",
            [bytes] {
                return "at most " + std::to_string(kMaxWaitingFrames) + " frames and " + std::to_string(bytes) +
                       " bytes";
            },
            "Make the backend answer faster, lower the proxy's timeout, or send less before the reply.");
        disconnect(DisconnectCode::Slow,
                   decision.refused(std::uint32_t(DisconnectCode::Slow), "Too many commands were waiting."));
    }
}

void ClientSession::resume(std::uint32_t ticket, const Resumed& resumed) {
    if (state_ == State::Closed || !suspended_ || suspended_->ticket != ticket)
        return;
    const auto held = std::exchange(suspended_, nullptr);
    renewConfig();
    current_ = &held->command;
    const auto failure = resumed(*this, held->context, held->command);
    current_ = nullptr;
    if (failure)
        fail(held->context, *failure, std::exchange(failureDecision_, nullptr));
    if (slow_)
        disconnect(DisconnectCode::Slow);
    if (state_ == State::Closed)
        return;
    if (suspended_ && !failure)
        hold(*suspended_, std::move(held->command), held->context);
    bool ownFrame = true;
    while (!suspended_ && !held->waiting.empty()) {
        auto batch = std::move(held->waiting.front());
        held->waiting.pop_front();
        if (state_ == State::Connected)
            run(std::move(batch));
        else if (state_ == State::Unusable && !ownFrame)
            disconnect(DisconnectCode::BadRequest);
        if (state_ == State::Closed)
            return;
        ownFrame = false;
    }
    if (suspended_) {
        for (const auto& batch : held->waiting)
            suspended_->waitingBytes += batch.bytes;
        suspended_->waiting.insert(suspended_->waiting.end(), std::make_move_iterator(held->waiting.begin()),
                                   std::make_move_iterator(held->waiting.end()));
    }
}

}  // namespace xshathra::engine
