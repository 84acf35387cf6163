#include "server/http/origin_pattern.h"

#include "server/base/glob.h"

#include <string>

namespace xshathra::http {

bool isOriginPattern(std::string_view pattern) { return !pattern.empty() && Glob(pattern).isValid(); }

bool matchesOriginPattern(std::string_view pattern, std::string_view origin) {
    std::string lower(origin);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return Glob(pattern).matches(lower);
}

}  // namespace xshathra::http
