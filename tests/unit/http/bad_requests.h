#pragma once

#include <string>
#include <vector>

namespace xshathra::test {

/// One request that must be refused: the status of the refusal, and what is odd about it.
struct BadRequest {
    std::string name;
    std::string bytes;
    int status = 400;
};

/// All of them, each followed by a well-formed second request that must never be served.
std::vector<BadRequest> badRequests();

}  // namespace xshathra::test
