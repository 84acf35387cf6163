#pragma once

#include "server/protocol/encoding.h"
#include "tests/component/raw_client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::test {

/// The bytes of a request for localhost; `headers` each ended by CR LF.
std::string request(std::uint16_t port, const std::string& method, const std::string& target,
                    const std::string& body = {}, const std::string& headers = {});

/// Text with `'` in place of `"`, so that JSON can be read in a test.
std::string q(std::string text);
/// Percent-encoded for a query.
std::string encoded(std::string_view text);
/// The value of a string field in a JSON text, found by its name; empty where it is absent.
std::string field(const std::string& json, const std::string& name);

/// Reads a streaming answer from a RawClient: head, chunks, messages.
class StreamClient {
public:
    explicit StreamClient(std::uint16_t port, int receiveBuffer = 0)
        : raw(port, "127.0.0.1", receiveBuffer), port_(port) {}

    bool send(const std::string& method, const std::string& target, const std::string& body = {},
              const std::string& headers = {}) {
        return raw.send(request(port_, method, target, body, headers));
    }
    /// Head of the answer; empty when there was none.
    std::string readHead();
    /// The next chunk; empty at the end of the answer, and when none came in time.
    std::string readChunk();
    /// The answer has ended in order.
    bool ended() const { return ended_; }
    /// The next JSON message of an http_stream.
    std::string readLine() { return readUntil("\n"); }
    /// What stands behind `data: ` in the next event.
    std::string readEvent();
    /// The next message with its length prefix.
    std::string readProtobuf();

    RawClient raw;

private:
    std::string readUntil(std::string_view end);

    const std::uint16_t port_;
    std::string text_;
    bool ended_ = false;
};

}  // namespace xshathra::test
