#pragma once

#include <string>
#include <vector>

namespace xshathra::http {

/// One step of the decision on a request. Texts are short and hold no secret: a key is described, never quoted.
struct Check {
    /// What was looked at, in a word or two.
    std::string name;
    std::string found;
    /// What would have passed; empty where the check passed.
    std::string expected = {};
    /// What to do about a failure, one sentence; empty where the check passed.
    std::string advice = {};
};

/// What a handler learned about a request, for whoever watches the traffic. Unknown texts are empty.
struct Annotation {
    std::string project;
    std::string channel;
    std::string user;
    /// The checks that the request passed, in their order. The one that failed comes with the answer: Response::failed.
    std::vector<Check> passed;
};

}  // namespace xshathra::http
