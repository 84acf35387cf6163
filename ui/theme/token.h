#pragma once

#include <QString>

#include <cstddef>
#include <cstdint>

namespace xshathra::ui {

/// Names of every colour of the window. What each is for: Chrome is the window and its bars, Base the lists and
/// editors, Raised cards and buttons, Sunken code and headings; Text, Text2, Text3 are falling in weight; K* are the
/// kinds of captured events, S* the syntax colours, *Bg and *Line the tinted fill and border of a state.
enum class Token : std::uint8_t {
    // clang-format off
    Chrome, Nav, Base, Raised, Sunken, Header, Hover, Press,
    Text, Text2, Text3, TextOff, OnAccent,
    Line, Line2, Ctl,
    Accent, AccentHover, AccentPress, AccentText, AccentBg, Focus, Sel, SelOff, Mark,
    Ok, OkBg, OkLine, OkDot,
    Warn, WarnBg, WarnLine, WarnDot,
    Err, ErrBg, ErrLine, ErrDot,
    Info, InfoBg, InfoLine,
    KPublish, KPush, KSubscribe, KConnect, KReply, KError, KJoin, KHttp, KPing,
    DirIn, DirOut,
    SKey, SStr, SNum, SBool, SPunct,
    Add, AddBg, Del, DelBg,
    // clang-format on
};

/// How many tokens there are.
inline constexpr std::size_t kTokenCount = static_cast<std::size_t>(Token::DelBg) + 1;

/// The name used in the style sheet template (`@chrome`, `@text2`, `@kPublish`), without the at sign.
[[nodiscard]] QString tokenName(Token token);

}  // namespace xshathra::ui
