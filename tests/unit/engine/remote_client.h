#pragma once

#include "client_test.h"
#include "tests/support/loop_thread.h"

#include <memory>
#include <string>
#include <utility>

namespace xshathra::test {

/// One connection on one of several loops, used on that loop's thread only.
struct Remote {
    Remote(engine::NodeRegistry& registry, engine::Loop& loop, protocol::Encoding encoding)
        : transport([encoding] {
              engine::TransportInfo info;
              info.encoding = encoding;
              return info;
          }()),
          client(registry, loop, transport) {}

    void send(protocol::Command command) {
        client.handleFrame(protocol::encodeCommand(transport.info().encoding, command));
    }

    FakeTransport transport;
    engine::Client client;
};

/// Connected as `user`, its connect reply taken.
inline std::unique_ptr<Remote> connected(engine::NodeRegistry& registry, engine::Loop& loop, const std::string& user,
                                         protocol::Encoding encoding) {
    auto remote = std::make_unique<Remote>(registry, loop, encoding);
    remote->send(command(1, connectWith(connectToken(q("{'sub':'" + user + "'}")))));
    remote->transport.sent.clear();
    return remote;
}

}  // namespace xshathra::test
