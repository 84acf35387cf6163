#include "app/window/code_texts.h"

#include "server/protocol/codes.h"

#include <QString>

#include <string_view>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

constexpr std::uint32_t kFirstHttpError = 400;
constexpr std::uint32_t kLastHttpError = 599;

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())); }

ui::CodeText httpText(std::uint32_t status) {
    switch (status) {
        case 400:
            return {u"Bad request"_s, u"The answer's body names the field that is wrong and what is allowed."_s, {}};
        case 401:
            return {
                u"Not authorised"_s,
                u"Send a server key of this project as \"Authorization: apikey ...\" or \"Bearer ...\". Copy it anew if it was cut off."_s,
                {}};
        case 403:
            return {u"Forbidden"_s,
                    u"The page's origin isn't allowed, or the key is a client key. Add the origin in the settings."_s,
                    {}};
        case 404: return {u"Not found"_s, u"Compare the path with the REST address on the overview."_s, {}};
        case 405: return {u"Method not allowed"_s, u"The answer's Allow field names the methods of this path."_s, {}};
        case 413: return {u"Body too large"_s, u"Send less data in one request."_s, {}};
        case 421:
            return {u"Wrong host name"_s,
                    u"Use the address shown on the overview, or add the host name in the settings."_s,
                    {}};
        case 429: return {u"Too many requests"_s, u"Wait, then send fewer requests at a time."_s, {}};
        default:
            return {
                u"HTTP %1"_s.arg(status),
                status >= 500 ? u"The server failed; its log says why."_s : u"The answer's body says what was wrong."_s,
                {}};
    }
}

}  // namespace

ui::CodeText codeText(capture::Kind kind, std::uint32_t code) {
    if (code == 0)
        return {};
    // A handshake that was refused has the status of its HTTP answer.
    const bool status = code >= kFirstHttpError && code <= kLastHttpError;
    if (kind == capture::Kind::Http || (kind == capture::Kind::Connect && status))
        return httpText(code);
    // A command can be answered by the end of the connection, too.
    constexpr std::uint32_t kFirstDisconnect = 3000;
    if (kind == capture::Kind::Disconnect || code >= kFirstDisconnect) {
        constexpr std::uint32_t kFirstTerminal = 3500;
        constexpr std::uint32_t kFirstOwn = 4000;
        const auto back = code >= kFirstTerminal && code < kFirstOwn ? u"The client does not reconnect."_s
                                                                     : u"The client reconnects by itself."_s;
        if (const auto* found = protocol::findDisconnect(code))
            return {text(found->reason), text(found->advice), back};
        return {u"Disconnect %1"_s.arg(code), u"A code of the application itself."_s, back};
    }
    if (kind == capture::Kind::Unsubscribe) {
        if (const auto* found = protocol::findUnsubscribe(code))
            return {text(found->reason), text(found->advice), {}};
    }
    if (const auto* found = protocol::findError(code)) {
        return {text(found->message), text(found->advice),
                found->temporary ? u"The client repeats the command after a pause."_s : QString()};
    }
    return {u"Code %1"_s.arg(code), u"A code of the application itself."_s, {}};
}

}  // namespace xshathra::app
