#include "server/capture/decision.h"
#include "server/capture/event.h"

#include <array>

namespace xshathra::capture {

namespace {

constexpr std::array<std::string_view, kKindCount> kKindNames = {
    "connect",  "subscribe", "unsubscribe", "publish", "push", "reply", "error", "join",       "leave",
    "presence", "history",   "rpc",         "refresh", "ping", "pong",  "http",  "disconnect", "other",
};

}  // namespace

std::string_view name(Kind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < kKindNames.size() ? kKindNames[index] : kKindNames.back();
}

std::string_view name(Direction direction) { return direction == Direction::In ? "in" : "out"; }

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::Pass: return "passed";
        case Outcome::Fail: return "failed";
        case Outcome::NotReached: break;
    }
    return "not reached";
}

}  // namespace xshathra::capture
