#include "server/http/fields.h"

#include "server/base/ascii.h"

#include <algorithm>
#include <utility>

namespace xshathra::http {

namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t";
    const auto first = text.find_first_not_of(space);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

void Fields::add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }

void Fields::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Fields::remove(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return equalsIgnoringCase(field.name, name); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    const auto at = position(name);
    return at ? std::optional<std::string_view>(fields_[*at].value) : std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        fields_.begin(), fields_.end(), [&](const Field& field) { return equalsIgnoringCase(field.name, name); }));
}

std::optional<std::size_t> Fields::position(std::string_view name) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (equalsIgnoringCase(fields_[i].name, name))
            return i;
    }
    return std::nullopt;
}

std::vector<std::string_view> Fields::list(std::string_view name) const {
    std::vector<std::string_view> elements;
    for (const auto& field : fields_) {
        if (!equalsIgnoringCase(field.name, name))
            continue;
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            if (const auto element = trim(rest.substr(0, comma)); !element.empty())
                elements.push_back(element);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return elements;
}

bool Fields::listContains(std::string_view name, std::string_view token) const {
    const auto elements = list(name);
    return std::any_of(elements.begin(), elements.end(),
                       [&](std::string_view element) { return equalsIgnoringCase(element, token); });
}

}  // namespace xshathra::http
