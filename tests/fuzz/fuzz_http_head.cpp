// Any bytes as an HTTP connection: peeking and parsing must agree, and where the bytes are cut must not matter.
#include "server/http/guard.h"
#include "server/http/parser.h"
#include "server/http/response.h"
#include "server/http/upgrade.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace xshathra::http;
using State = RequestParser::State;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

constexpr std::uint64_t kBodyLimit = 512;

/// Everything that came of a connection's bytes, as one comparable text.
std::string serve(std::string_view bytes, std::size_t step) {
    RequestParser parser;
    std::string log;
    while (!bytes.empty() && parser.state() != State::Failed) {
        auto part = bytes.substr(0, step);
        bytes.remove_prefix(part.size());
        std::size_t turns = 0;
        while (!part.empty() && parser.state() != State::Failed) {
            require(++turns < 100000);
            const auto consumed = parser.feed(part);
            require(consumed <= part.size());
            part.remove_prefix(consumed);
            if (parser.state() == State::HeadComplete)
                parser.acceptBody(kBodyLimit);
            if (parser.state() == State::Complete) {
                const auto request = parser.takeRequest();
                require(request.body.size() <= kBodyLimit);
                require(request.head.size <= HeadLimits{}.headBytes);
                require(request.head.path == "*" || request.head.path.starts_with('/'));
                log += request.head.method + ' ' + request.head.path + '?' + request.head.query + '\n';
                for (const auto& field : request.head.fields)
                    log += field.name + ": " + field.value + '\n';
                log += std::string(request.body.view()) + '\n';
            }
        }
    }
    if (parser.state() == State::Failed) {
        require(parser.refusal().status >= 400 && !parser.refusal().reason.empty());
        // Of several doubts in one line the first to arrive is named, so only the status is the same.
        log += std::to_string(parser.refusal().status);
    }
    return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto result = inspectHead(bytes);
    if (result.state == HeadResult::State::Complete) {
        const Head& head = result.head;
        require(head.size <= size && bytes.substr(0, head.size).ends_with("\r\n\r\n"));
        require(!(head.chunked && head.contentLength));
        static const Guard guard([] {
            GuardConfig config;
            config.hosts = {"dev.example.test"};
            config.origins = {"https://app.example.test"};
            config.originPatterns = {"https://*.example.test"};
            return config;
        }());
        const auto answer = guard.check(head);
        require(answer.allowed == (answer.status == 0));
        for (const char c : answer.found)
            require(c >= 0x20 && c < 0x7f);
        (void)checkUpgrade(head);
        (void)subprotocolWasTyped(head);
        (void)chosenSubprotocol(head);
        (void)credentialInQuery(head.query);
        (void)queryValue(head.query, "cf_connect");
        require(!serialize(Response::text(200, "x"), &head).empty());
    } else if (result.state != HeadResult::State::NeedMore) {
        require(result.refusal.status >= 400 && !result.refusal.reason.empty());
    }
    // The line ends at the end make sure that nothing is still waiting to be looked at.
    const std::string ended = std::string(bytes) + "\r\n\r\n";
    const auto whole = serve(ended, ended.size());
    require(serve(ended, 1) == whole);
    require(serve(ended, 7) == whole);
    return 0;
}
