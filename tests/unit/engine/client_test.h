#pragma once

#include "tests/support/engine_fixture.h"

#include <QtTest>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Shortcuts for tests that speak to a client in decoded messages, the same in both encodings.
namespace xshathra::test {

using protocol::DisconnectCode;
using protocol::ErrorCode;

/// Rows of a test that is the same in both: `binary` says which.
inline void bothEncodings() {
    QTest::addColumn<bool>("binary");
    QTest::newRow("json") << false;
    QTest::newRow("protobuf") << true;
}

template <typename Request>
protocol::Command command(std::uint32_t id, Request request) {
    protocol::Command result;
    result.id = id;
    result.request = std::move(request);
    return result;
}

inline protocol::SubscribeRequest subscribeTo(std::string channel) {
    protocol::SubscribeRequest request;
    request.channel = std::move(channel);
    return request;
}

inline protocol::PublishRequest publishTo(std::string channel, std::string data = R"({"n":1})") {
    protocol::PublishRequest request;
    request.channel = std::move(channel);
    request.data = SharedBytes(std::move(data));
    return request;
}

inline protocol::ConnectRequest connectWith(std::string token) {
    protocol::ConnectRequest request;
    request.token = std::move(token);
    return request;
}

/// Sends one command and gives all that came back.
template <typename Request>
std::vector<protocol::Reply> ask(EngineFixture::Peer& peer, Request request, std::uint32_t id = 7) {
    peer.transport.sent.clear();
    peer.send(command(id, std::move(request)));
    return peer.transport.takeReplies();
}

/// The error code of the first reply; 0 for a result.
inline std::uint32_t errorOf(const std::vector<protocol::Reply>& replies) {
    return replies.empty() || !replies[0].error ? 0 : replies[0].error->code;
}

/// The result of the first reply, or null.
template <typename Result>
const Result* resultOf(const std::vector<protocol::Reply>& replies) {
    return replies.empty() ? nullptr : std::get_if<Result>(&replies[0].result);
}

/// The pushes of one kind that came to a peer, in order.
template <typename Body>
std::vector<std::pair<std::string, Body>> pushesOf(EngineFixture::Peer& peer) {
    std::vector<std::pair<std::string, Body>> found;
    for (const auto& reply : peer.transport.takeReplies()) {
        if (const auto* push = std::get_if<protocol::Push>(&reply.result)) {
            if (const auto* body = std::get_if<Body>(&push->message))
                found.emplace_back(push->channel, *body);
        }
    }
    return found;
}

/// The data of all publications that came, joined by spaces.
inline std::string publicationsOf(EngineFixture::Peer& peer) {
    std::string text;
    for (const auto& [channel, publication] : pushesOf<protocol::Publication>(peer))
        text += (text.empty() ? "" : " ") + std::string(publication.data.view());
    return text;
}

/// JSON written with single quotes.
inline std::string q(std::string json) {
    std::replace(json.begin(), json.end(), '\'', '"');
    return json;
}

inline SharedBytes bytes(std::string_view text) { return SharedBytes::copyOf(text); }

}  // namespace xshathra::test
