#pragma once

#include "ui/theme/token.h"

#include <array>

namespace xshathra::ui {

/// One row of the colour table: the name in the style sheet template and both looks as 0xRRGGBB.
struct TokenRow {
    const char* name;
    std::uint32_t light;
    std::uint32_t dark;
};

/// The colours of the window, in the order of Token. The only place in the program where colours are numbers.
/// Their contrast is computed by tests/unit/ui.
inline constexpr std::array<TokenRow, kTokenCount> kTokenTable{{
    // clang-format off
    {"chrome", 0xF1F3F5, 0x1D2024},
    {"nav", 0xE9ECF0, 0x191B1F},
    {"base", 0xFFFFFF, 0x131517},
    {"raised", 0xFFFFFF, 0x202327},
    {"sunken", 0xF6F7F9, 0x191B1F},
    {"header", 0xF6F7F9, 0x1A1D20},
    {"hover", 0xF3F5F8, 0x1C1F23},
    {"press", 0xE3E7EC, 0x2B2F35},
    {"text", 0x1A1D21, 0xE7E9EC},
    {"text2", 0x4A525C, 0xB3BAC3},
    {"text3", 0x5D656F, 0x98A0AA},
    {"textOff", 0x9BA2AC, 0x5F6670},
    {"onAccent", 0xFFFFFF, 0xFFFFFF},
    {"line", 0xDEE2E7, 0x2C3036},
    {"line2", 0xC9CED6, 0x3C424A},
    {"ctl", 0x828A95, 0x707883},
    {"accent", 0x2B5CC9, 0x3A6AD6},
    {"accentHover", 0x234EB0, 0x2F5BC0},
    {"accentPress", 0x1D4296, 0x274DA6},
    {"accentText", 0x2452BB, 0x8FB3FF},
    {"accentBg", 0xE6EDFB, 0x1C2A49},
    {"focus", 0x2B5CC9, 0x6E9BFF},
    {"sel", 0xDEE7FA, 0x20335C},
    {"selOff", 0xE6E9EE, 0x2A2E35},
    {"mark", 0xFFF1B8, 0x383010},
    {"ok", 0x0B6E3C, 0x6CC28D},
    {"okBg", 0xE4F4EA, 0x162A1E},
    {"okLine", 0xA9D8BB, 0x2C5A3E},
    {"okDot", 0x1E9E5A, 0x3DBB74},
    {"warn", 0x8A4B00, 0xE2A95C},
    {"warnBg", 0xFDF3DF, 0x2C2415},
    {"warnLine", 0xE7C88A, 0x5E4A22},
    {"warnDot", 0xB87400, 0xE8A33A},
    {"err", 0xB42624, 0xFF8A7E},
    {"errBg", 0xFCEDEB, 0x2E1B1B},
    {"errLine", 0xEDB5B0, 0x6B3633},
    {"errDot", 0xDA3B37, 0xF2685F},
    {"info", 0x1F5F86, 0x7FBBDC},
    {"infoBg", 0xE6F1F8, 0x15262F},
    {"infoLine", 0xAACFE4, 0x2A4E60},
    {"kPublish", 0x335EC3, 0x78A3FE},
    {"kPush", 0x406985, 0x84A9C3},
    {"kSubscribe", 0x8249B7, 0xBE8FF1},
    {"kConnect", 0x037441, 0x68B384},
    {"kReply", 0x5E646C, 0x9FA5AD},
    {"kError", 0xBE2A28, 0xFD7E72},
    {"kJoin", 0x626A1C, 0xA0A96A},
    {"kHttp", 0x985300, 0xD6965D},
    {"kPing", 0x62656A, 0xA0A4A8},
    {"dirIn", 0x7A4A9E, 0xB79AD2},
    {"dirOut", 0x406985, 0x84A9C3},
    {"sKey", 0x1A1D21, 0xE7E9EC},
    {"sStr", 0x0B6E3C, 0x6CC28D},
    {"sNum", 0x335EC3, 0x78A3FE},
    {"sBool", 0x8249B7, 0xBE8FF1},
    {"sPunct", 0x5D656F, 0x98A0AA},
    {"add", 0x0B6E3C, 0x6CC28D},
    {"addBg", 0xE4F4EA, 0x162A1E},
    {"del", 0xB42624, 0xFF8A7E},
    {"delBg", 0xFCEDEB, 0x2E1B1B},
    // clang-format on
}};

}  // namespace xshathra::ui
