#include "server/transport/admission.h"

#include <algorithm>

namespace xshathra::transport {

Admission::Admission(const ConnectionLimits& limits, const Clock& clock)
    : limits_(limits), clock_(clock), tokens_(static_cast<double>(limits.perSecond)), filledAt_(clock.monotonic()) {}

bool Admission::takeToken() {
    const auto now = clock_.monotonic();
    const auto most = static_cast<double>(limits_.perSecond);
    tokens_ = std::min(most, tokens_ + most * std::chrono::duration<double>(now - filledAt_).count());
    filledAt_ = now;
    if (tokens_ < 1)
        return false;
    tokens_ -= 1;
    return true;
}

std::optional<std::string> Admission::refuse(const std::string& address) {
    if (limits_.total == 0 && limits_.perAddress == 0 && limits_.perSecond == 0)
        return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (limits_.total > 0 && open_ >= limits_.total)
        return "There are " + std::to_string(limits_.total) + " connections already, which is the limit.";
    const auto found = addresses_.find(address);
    if (limits_.perAddress > 0 && found != addresses_.end() && found->second >= limits_.perAddress)
        return "There are " + std::to_string(limits_.perAddress) +
               " connections from this address already, which is the limit.";
    if (limits_.perSecond > 0 && !takeToken())
        return "There were " + std::to_string(limits_.perSecond) +
               " new connections within a second, which is the limit.";
    if (limits_.perAddress > 0)
        ++addresses_[address];
    ++open_;
    return std::nullopt;
}

void Admission::release(const std::string& address) {
    if (limits_.total == 0 && limits_.perAddress == 0 && limits_.perSecond == 0)
        return;
    const std::lock_guard lock(mutex_);
    --open_;
    if (limits_.perAddress == 0)
        return;
    const auto found = addresses_.find(address);
    if (found != addresses_.end() && --found->second == 0)
        addresses_.erase(found);
}

}  // namespace xshathra::transport
