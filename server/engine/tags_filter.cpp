#include "server/engine/tags_filter.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace xshathra::engine {

using protocol::FilterNode;

namespace {

using Tags = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 5> kTextComparisons{"eq", "neq", "sw", "ew", "ct"};
constexpr std::array<std::string_view, 4> kOrderComparisons{"lt", "lte", "gt", "gte"};
constexpr std::array<std::string_view, 2> kListComparisons{"in", "nin"};
constexpr std::array<std::string_view, 2> kPresenceComparisons{"ex", "nex"};

template <std::size_t N>
bool isOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string inQuotes(const std::string& text) { return "\"" + text + "\""; }

/// A decimal number as its digits: no leading zero before the point, no trailing one behind it.
struct Decimal {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;

    bool isZero() const { return whole.empty() && fraction.empty(); }
};

bool isDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Decimal> parseDecimal(std::string_view text) {
    constexpr std::size_t kMaxLength = 200;
    constexpr std::size_t kMaxFraction = 19;
    if (text.empty() || text.size() > kMaxLength)
        return std::nullopt;
    Decimal number;
    number.negative = text.front() == '-';
    if (number.negative || text.front() == '+')
        text.remove_prefix(1);
    const auto point = text.find('.');
    number.whole = text.substr(0, point);
    if (!isDigits(number.whole))
        return std::nullopt;
    if (point != std::string_view::npos) {
        number.fraction = text.substr(point + 1);
        if (!isDigits(number.fraction) || number.fraction.size() > kMaxFraction)
            return std::nullopt;
    }
    number.whole.remove_prefix(std::min(number.whole.find_first_not_of('0'), number.whole.size()));
    number.fraction = number.fraction.substr(0, number.fraction.find_last_not_of('0') + 1);
    if (number.isZero())
        number.negative = false;
    return number;
}

/// Below, at or above 0 as `a` is below, at or above `b`.
int compare(const Decimal& a, const Decimal& b) {
    if (a.negative != b.negative)
        return a.negative ? -1 : 1;
    int magnitude = 0;
    if (a.whole.size() != b.whole.size())
        magnitude = a.whole.size() < b.whole.size() ? -1 : 1;
    else if (magnitude = a.whole.compare(b.whole); magnitude == 0)
        magnitude = a.fraction.compare(b.fraction);
    return a.negative ? -magnitude : magnitude;
}

bool matchesOrder(std::string_view comparison, const std::string& tag, const std::string& bound) {
    const auto number = parseDecimal(tag);
    const auto limit = parseDecimal(bound);
    if (!number || !limit)
        return false;
    const auto order = compare(*number, *limit);
    if (comparison == "lt")
        return order < 0;
    if (comparison == "lte")
        return order <= 0;
    return comparison == "gt" ? order > 0 : order >= 0;
}

bool matchesLeaf(const FilterNode& leaf, const Tags& tags) {
    const auto tag = tags.find(leaf.key);
    const bool present = tag != tags.end();
    const std::string_view cmp = leaf.cmp;
    if (cmp == "ex")
        return present;
    if (cmp == "nex")
        return !present;
    if (isOneOf(cmp, kListComparisons)) {
        static const std::string kMissing;
        const auto& value = present ? tag->second : kMissing;
        const bool listed = std::find(leaf.vals.begin(), leaf.vals.end(), value) != leaf.vals.end();
        return listed == (cmp == "in");
    }
    if (!present)
        return cmp == "neq";
    const std::string_view value = tag->second;
    if (cmp == "eq")
        return value == leaf.val;
    if (cmp == "neq")
        return value != leaf.val;
    if (cmp == "sw")
        return value.substr(0, leaf.val.size()) == leaf.val;
    if (cmp == "ew")
        return value.size() >= leaf.val.size() && value.substr(value.size() - leaf.val.size()) == leaf.val;
    if (cmp == "ct")
        return value.find(leaf.val) != std::string_view::npos;
    return matchesOrder(cmp, tag->second, leaf.val);
}

std::string faultOfLeaf(const FilterNode& leaf) {
    const bool list = isOneOf(leaf.cmp, kListComparisons);
    const bool presence = isOneOf(leaf.cmp, kPresenceComparisons);
    const bool single = isOneOf(leaf.cmp, kTextComparisons) || isOneOf(leaf.cmp, kOrderComparisons);
    if (leaf.cmp.empty())
        return "a leaf without cmp";
    if (!list && !presence && !single)
        return "unknown cmp " + inQuotes(leaf.cmp);
    if (single && leaf.val.empty())
        return "cmp " + inQuotes(leaf.cmp) + " without val";
    if (list && leaf.vals.empty())
        return "cmp " + inQuotes(leaf.cmp) + " without vals";
    if (!single && !leaf.val.empty())
        return "cmp " + inQuotes(leaf.cmp) + " with val";
    if (!list && !leaf.vals.empty())
        return "cmp " + inQuotes(leaf.cmp) + " with vals";
    if (!presence && leaf.key.empty())
        return "a leaf without key";
    return {};
}

}  // namespace

std::string faultOf(const FilterNode& filter) {
    if (filter.op.empty())
        return faultOfLeaf(filter);
    if (filter.op != "and" && filter.op != "or" && filter.op != "not")
        return "unknown op " + inQuotes(filter.op);
    if (filter.nodes.empty())
        return "op " + inQuotes(filter.op) + " without nodes";
    if (filter.op == "not" && filter.nodes.size() != 1)
        return "op \"not\" with " + std::to_string(filter.nodes.size()) + " nodes";
    for (const auto& node : filter.nodes) {
        if (auto fault = faultOf(node); !fault.empty())
            return fault;
    }
    return {};
}

bool matches(const FilterNode& filter, const Tags& tags) {
    if (filter.op.empty())
        return matchesLeaf(filter, tags);
    const auto passes = [&tags](const FilterNode& node) { return matches(node, tags); };
    if (filter.op == "and")
        return std::all_of(filter.nodes.begin(), filter.nodes.end(), passes);
    if (filter.op == "or")
        return std::any_of(filter.nodes.begin(), filter.nodes.end(), passes);
    return !matches(filter.nodes.front(), tags);
}

}  // namespace xshathra::engine
