#pragma once

#include "server/protocol/messages.h"

#include <map>
#include <string>

namespace xshathra::engine {

/// What is wrong with a publication filter (protocol section 12), in words for people; empty when it is sound.
std::string faultOf(const protocol::FilterNode& filter);

/// Whether publications with these tags pass a sound filter. Numbers are compared as decimals of any sign with up to 19
/// digits behind the point; what isn't such a number never matches. Any thread.
bool matches(const protocol::FilterNode& filter, const std::map<std::string, std::string>& tags);

}  // namespace xshathra::engine
