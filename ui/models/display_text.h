#pragma once

#include <QString>

#include <cstdint>
#include <string_view>

namespace xshathra::models {

/// Bytes from the wire as text that is safe to show: control, bidirectional and invisible format characters and bytes
/// that are not UTF-8 are written as escapes (`\n`, `\u202e`, `\xff`), so that a message can't rearrange or hide what
/// is on the screen. At most about `maxChars` UTF-16 units are made; what is left out is marked by "…".
QString displayText(std::string_view utf8, qsizetype maxChars);

/// The same, but line breaks and tabs stay what they are: for multi-line panes.
QString displayLines(std::string_view utf8, qsizetype maxChars);

/// Whether displayText() would escape this character.
bool isUnsafeToShow(char32_t character);

/// `12:04:31.244` in local time.
QString timeOfDay(std::int64_t wallNs);
/// The two digits after the milliseconds: tens of microseconds.
QString tensOfMicroseconds(std::int64_t wallNs);

/// A duration with one decimal and its unit: `0.2 ms`, `12.0 s`, `3 min`. A negative one has U+2212 in front.
QString duration(std::int64_t ns);
/// The same with a sign in front even when positive.
QString signedDuration(std::int64_t ns);

/// A size as lists show it: without unit below 10,000, then `12 KB`, `3.4 MB`.
QString listSize(std::uint64_t bytes);
/// A size for sentences: `109 bytes`, `12 KB`, `61 MB`.
QString byteCount(std::uint64_t bytes);
/// With commas between thousands.
QString grouped(std::uint64_t number);

/// U+2013, which stands for "no value".
QString noValue();

/// Keeps both ends of an id: `c9f3a2e1…` is its first eight characters when longer than `keep`.
QString shortId(std::string_view id, qsizetype keep = 8);

}  // namespace xshathra::models
