#pragma once

#include "server/base/clock.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace xshathra {

/// Fills `out` with unpredictable bytes from the operating system (getrandom or its equal). Thread-safe.
void fillRandom(std::span<unsigned char> out);

/// A version 4 UUID in its 36-character lower-case form (RFC 9562 section 5.4): client ids, session ids.
std::string makeUuid();

/// `length` letters a-z and A-Z without modulo bias: stream epochs.
std::string makeRandomLetters(std::size_t length);

/// A 26-character ULID (Crockford base 32, upper case) whose first ten characters are `wall` in milliseconds.
std::string makeUlid(Nanoseconds wall);

/// Whether `text` has the form of a ULID. Takes upper case only, as makeUlid() writes it.
bool isUlid(std::string_view text);

}  // namespace xshathra
