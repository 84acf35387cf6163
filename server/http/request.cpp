#include "server/http/request.h"

#include "server/base/ascii.h"

namespace xshathra::http {

bool Request::hasContentType(std::string_view type) const {
    if (head.fields.count("Content-Type") != 1)
        return false;
    auto value = head.header("Content-Type");
    value = value.substr(0, value.find(';'));
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
        value.remove_suffix(1);
    return equalsIgnoringCase(value, type);
}

}  // namespace xshathra::http
