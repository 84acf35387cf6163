#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace xshathra::protocol {

/// Codes of error replies: the connection stays up (protocol section 19.1).
enum class ErrorCode : std::uint32_t {
    Internal = 100,
    Unauthorized = 101,
    UnknownChannel = 102,
    PermissionDenied = 103,
    MethodNotFound = 104,
    AlreadySubscribed = 105,
    LimitExceeded = 106,
    BadRequest = 107,
    NotAvailable = 108,
    TokenExpired = 109,
    Expired = 110,
    TooManyRequests = 111,
    UnrecoverablePosition = 112,
    ConcurrentPagination = 113,
};

/// Codes that end a connection; WebSocket close codes (protocol section 19.2).
enum class DisconnectCode : std::uint32_t {
    ConnectionClosed = 3000,
    Shutdown = 3001,
    ServerError = 3004,
    ConnectionExpired = 3005,
    SubscriptionExpired = 3006,
    Slow = 3008,
    WriteError = 3009,
    InsufficientState = 3010,
    ForceReconnect = 3011,
    NoPong = 3012,
    TooManyRequests = 3013,
    StateInvalidated = 3014,
    InvalidToken = 3500,
    BadRequest = 3501,
    Stale = 3502,
    ForceDisconnect = 3503,
    ConnectionLimit = 3504,
    ChannelLimit = 3505,
    InappropriateProtocol = 3506,
    PermissionDenied = 3507,
    NotAvailable = 3508,
    TooManyErrors = 3509,
};

/// Codes that end one subscription (protocol section 19.3).
enum class UnsubscribeCode : std::uint32_t {
    ClientUnsubscribed = 0,
    ClientDisconnected = 1,
    Server = 2000,
    InsufficientState = 2500,
    Expired = 2501,
    StateInvalidated = 2502,
};

/// One row of the table of error codes. All texts have static storage.
struct ErrorText {
    ErrorCode code;
    /// Goes to clients.
    std::string_view message;
    /// SDKs repeat the command after a pause.
    bool temporary;
    /// For people, in the console: what the code means and what to do next. One sentence.
    std::string_view advice;
};

/// One row of the table of disconnect codes.
struct DisconnectText {
    DisconnectCode code;
    /// Goes to clients as the close reason; at most 123 bytes, never JSON.
    std::string_view reason;
    std::string_view advice;
};

/// One row of the table of unsubscribe codes.
struct UnsubscribeText {
    UnsubscribeCode code;
    std::string_view reason;
    std::string_view advice;
};

/// The whole tables, ascending by code.
std::span<const ErrorText> errorTexts();
std::span<const DisconnectText> disconnectTexts();
std::span<const UnsubscribeText> unsubscribeTexts();

/// The row of a code. Every enumerator has one.
const ErrorText& textOf(ErrorCode code);
const DisconnectText& textOf(DisconnectCode code);
const UnsubscribeText& textOf(UnsubscribeCode code);

/// The row of a number from the wire, or null when it isn't one of ours (applications have ranges of their own).
const ErrorText* findError(std::uint32_t code);
const DisconnectText* findDisconnect(std::uint32_t code);
const UnsubscribeText* findUnsubscribe(std::uint32_t code);

/// Whether SDKs connect again after this close code: not after 3500-3999 and 4500-4999.
constexpr bool reconnectsAfter(std::uint32_t disconnectCode) {
    return !((disconnectCode >= 3500 && disconnectCode < 4000) || (disconnectCode >= 4500 && disconnectCode < 5000));
}

/// Whether SDKs subscribe again after this unsubscribe code.
constexpr bool resubscribesAfter(std::uint32_t unsubscribeCode) { return unsubscribeCode >= 2500; }

/// The error of a reply. Applications may use codes 400-1999 with texts of their own.
struct ClientError {
    std::uint32_t code = 0;
    std::string message;
    bool temporary = false;

    ClientError() = default;
    ClientError(std::uint32_t errorCode, std::string text, bool isTemporary = false)
        : code(errorCode), message(std::move(text)), temporary(isTemporary) {}
    /// With the text of the table.
    ClientError(ErrorCode errorCode);  // NOLINT(google-explicit-constructor)

    friend bool operator==(const ClientError&, const ClientError&) = default;
};

/// The end of a connection: a WebSocket close code, or the `disconnect` push of stream transports.
struct Disconnect {
    std::uint32_t code = 0;
    std::string reason;
    /// Field 3 of the push. SDKs decide by the code alone and this server never sets it.
    bool reconnect = false;

    Disconnect() = default;
    Disconnect(std::uint32_t disconnectCode, std::string text) : code(disconnectCode), reason(std::move(text)) {}
    /// With the text of the table.
    Disconnect(DisconnectCode disconnectCode);  // NOLINT(google-explicit-constructor)

    /// Whether SDKs connect again.
    bool reconnects() const { return reconnectsAfter(code); }

    friend bool operator==(const Disconnect&, const Disconnect&) = default;
};

/// The end of one subscription, told by the server: the `unsubscribe` push.
struct Unsubscribe {
    std::uint32_t code = 0;
    std::string reason;

    Unsubscribe() = default;
    Unsubscribe(std::uint32_t unsubscribeCode, std::string text) : code(unsubscribeCode), reason(std::move(text)) {}
    /// With the text of the table.
    Unsubscribe(UnsubscribeCode unsubscribeCode);  // NOLINT(google-explicit-constructor)

    /// Whether SDKs subscribe again.
    bool resubscribes() const { return resubscribesAfter(code); }

    friend bool operator==(const Unsubscribe&, const Unsubscribe&) = default;
};

}  // namespace xshathra::protocol
