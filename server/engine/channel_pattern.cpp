#include "server/engine/channel_pattern.h"

#include <regex>
#include <utility>

namespace xshathra::engine {

struct ChannelPattern::Compiled {
    std::regex regex;
};

ChannelPattern::ChannelPattern(const std::string& expression) {
    if (expression.empty())
        return;
    auto flags = std::regex_constants::ECMAScript;
#ifdef __GLIBCXX__
    // Breadth-first matching: an expression such as (a+)+$ must not let a client's channel name hang the loop.
    // Back-references are refused by it, as they are by Centrifugo's Go syntax.
    flags |= std::regex_constants::__polynomial;
#endif
    try {
        compiled_ = std::make_unique<const Compiled>(Compiled{std::regex(expression, flags)});
    } catch (const std::regex_error& error) {
        error_ = error.what();
    }
}

ChannelPattern::~ChannelPattern() = default;

bool ChannelPattern::matches(std::string_view text) const {
    if (!compiled_)
        return false;
    try {
        return std::regex_search(text.begin(), text.end(), compiled_->regex);
    } catch (const std::regex_error&) {
        return false;
    }
}

}  // namespace xshathra::engine
