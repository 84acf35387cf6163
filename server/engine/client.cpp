#include "server/engine/client.h"

#include "server/engine/client_session.h"

#include <utility>

namespace xshathra::engine {

Client::Client(NodeRegistry& registry, Loop& loop, Transport& transport)
    : session_(std::make_unique<ClientSession>(*this, registry, loop, transport)) {}

Client::~Client() = default;

void Client::handleFrame(SharedBytes frame) { session_->handleFrame(frame); }

void Client::handleNativePong() { session_->handleNativePong(); }

void Client::transportClosed(std::string_view reason) { session_->transportClosed(reason); }

void Client::disconnect(const protocol::Disconnect& disconnect) { session_->disconnect(disconnect); }

const std::string& Client::id() const { return session_->id(); }

const std::string& Client::user() const { return session_->user(); }

const std::string& Client::session() const { return session_->session(); }

bool Client::isConnected() const { return session_->isConnected(); }

bool Client::isClosed() const { return session_->isClosed(); }

}  // namespace xshathra::engine
