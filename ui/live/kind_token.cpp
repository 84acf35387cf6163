#include "ui/live/kind_token.h"

namespace xshathra::ui {

namespace {

/// Disconnect codes from here on tell the client not to come back.
constexpr std::uint32_t kFirstFinalDisconnect = 3500;
constexpr std::uint32_t kFirstHttpError = 400;

}  // namespace

Token kindToken(capture::Kind kind, std::uint32_t code) {
    using capture::Kind;
    switch (kind) {
        case Kind::Publish: return Token::KPublish;
        case Kind::Push: return Token::KPush;
        case Kind::Subscribe:
        case Kind::Unsubscribe: return Token::KSubscribe;
        case Kind::Connect:
        case Kind::Refresh: return Token::KConnect;
        case Kind::Disconnect: return code >= kFirstFinalDisconnect ? Token::KError : Token::KConnect;
        case Kind::Error: return Token::KError;
        case Kind::Join:
        case Kind::Leave: return Token::KJoin;
        case Kind::Http: return Token::KHttp;
        case Kind::Ping:
        case Kind::Pong: return Token::KPing;
        case Kind::Reply:
        case Kind::Presence:
        case Kind::History:
        case Kind::Rpc:
        case Kind::Other: break;
    }
    return Token::KReply;
}

bool isErrorEvent(const capture::StoredEvent& event) {
    switch (event.kind) {
        case capture::Kind::Error: return true;
        case capture::Kind::Http: return event.code >= kFirstHttpError;
        case capture::Kind::Disconnect: return event.code >= kFirstFinalDisconnect;
        // These have codes in the ordinary course of things.
        case capture::Kind::Unsubscribe:
        case capture::Kind::Push:
        case capture::Kind::Leave: return false;
        default: return event.code != 0;
    }
}

}  // namespace xshathra::ui
