#include "server/protocol/messages.h"

#include "server/protocol/fields.h"

namespace xshathra::protocol {

namespace {

template <typename Variant>
std::string_view keyOf(const Variant& variant) {
    return std::visit([]<typename T>(const T&) { return kKey<T>; }, variant);
}

}  // namespace

std::string_view methodName(const Command::Request& request) { return keyOf(request); }
std::string_view methodName(const Reply::Result& result) { return keyOf(result); }
std::string_view pushName(const Push::Body& message) { return keyOf(message); }

}  // namespace xshathra::protocol
