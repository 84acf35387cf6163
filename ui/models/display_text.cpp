#include "ui/models/display_text.h"

#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace xshathra::models {

namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

/// Reads one character and moves `at` behind it. kInvalid for a byte that starts no well-formed sequence (RFC 3629).
char32_t nextCharacter(std::string_view bytes, std::size_t& at) {
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = byteAt(at);
    if (first < 0x80) {
        ++at;
        return first;
    }
    int length = 0;
    char32_t value = 0;
    char32_t smallest = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2, value = first & 0x1F, smallest = 0x80;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3, value = first & 0x0F, smallest = 0x800;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4, value = first & 0x07, smallest = 0x10000;
    } else {
        ++at;
        return kInvalid;
    }
    if (at + static_cast<std::size_t>(length) > bytes.size()) {
        ++at;
        return kInvalid;
    }
    for (int i = 1; i < length; ++i) {
        const unsigned char next = byteAt(at + static_cast<std::size_t>(i));
        if ((next & 0xC0) != 0x80) {
            ++at;
            return kInvalid;
        }
        value = (value << 6) | (next & 0x3F);
    }
    if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        ++at;
        return kInvalid;
    }
    at += static_cast<std::size_t>(length);
    return value;
}

void appendEscape(QString& out, char32_t character) {
    switch (character) {
        case '\n': out += QLatin1StringView("\\n"); return;
        case '\r': out += QLatin1StringView("\\r"); return;
        case '\t': out += QLatin1StringView("\\t"); return;
        default: break;
    }
    if (character > 0xFFFF) {
        out += QStringLiteral("\\u{%1}").arg(static_cast<uint>(character), 0, 16);
    } else {
        out += QStringLiteral("\\u%1").arg(static_cast<uint>(character), 4, 16, QLatin1Char('0'));
    }
}

QString convert(std::string_view bytes, qsizetype maxChars, bool keepLines) {
    QString out;
    out.reserve(std::min(maxChars + 8, static_cast<qsizetype>(bytes.size()) + 8));
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (out.size() >= maxChars) {
            out += QChar(0x2026);
            break;
        }
        const auto byte = static_cast<unsigned char>(bytes[at]);
        if (byte >= 0x20 && byte < 0x7F) {
            out += QLatin1Char(static_cast<char>(byte));
            ++at;
            continue;
        }
        const char32_t character = nextCharacter(bytes, at);
        if (character == kInvalid) {
            out += QStringLiteral("\\x%1").arg(static_cast<uint>(byte), 2, 16, QLatin1Char('0'));
        } else if (keepLines && (character == '\n' || character == '\t')) {
            out += QChar(static_cast<char16_t>(character));
        } else if (keepLines && character == '\r' && at < bytes.size() && bytes[at] == '\n') {
            continue;
        } else if (isUnsafeToShow(character)) {
            appendEscape(out, character);
        } else {
            out += QStringView(QChar::fromUcs4(character));
        }
    }
    return out;
}

QDateTime localTime(std::int64_t wallNs) { return QDateTime::fromMSecsSinceEpoch(wallNs / 1'000'000); }

}  // namespace

bool isUnsafeToShow(char32_t character) {
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
        return true;
    }
    if (character < 0xAD) {
        return false;
    }
    switch (QChar::category(character)) {
        case QChar::Other_Control:
        case QChar::Other_Format:
        case QChar::Other_Surrogate:
        case QChar::Other_PrivateUse:
        case QChar::Other_NotAssigned:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph: return true;
        default: return false;
    }
}

QString displayText(std::string_view utf8, qsizetype maxChars) { return convert(utf8, maxChars, false); }

QString displayLines(std::string_view utf8, qsizetype maxChars) { return convert(utf8, maxChars, true); }

QString timeOfDay(std::int64_t wallNs) { return localTime(wallNs).time().toString(QStringLiteral("HH:mm:ss.zzz")); }

QString tensOfMicroseconds(std::int64_t wallNs) {
    return QStringLiteral("%1").arg((wallNs / 10'000) % 100, 2, 10, QLatin1Char('0'));
}

QString duration(std::int64_t ns) {
    const bool negative = ns < 0;
    const double ms = std::abs(static_cast<double>(ns)) / 1e6;
    QString text;
    if (ms < 9999.95) {
        text = QString::number(ms, 'f', 1) + QStringLiteral(" ms");
    } else if (ms < 99'950) {
        text = QString::number(ms / 1e3, 'f', 1) + QStringLiteral(" s");
    } else if (ms < 5'970'000) {
        text = QString::number(ms / 6e4, 'f', 0) + QStringLiteral(" min");
    } else {
        text = QString::number(ms / 3.6e6, 'f', 0) + QStringLiteral(" h");
    }
    return negative ? QChar(0x2212) + text : text;
}

QString signedDuration(std::int64_t ns) { return ns < 0 ? duration(ns) : QLatin1Char('+') + duration(ns); }

QString listSize(std::uint64_t bytes) {
    if (bytes < 10'000) {
        return QString::number(bytes);
    }
    if (bytes < 1'000'000) {
        return QStringLiteral("%1 KB").arg((bytes + 500) / 1000);
    }
    return QString::number(static_cast<double>(bytes) / 1e6, 'f', 1) + QStringLiteral(" MB");
}

QString byteCount(std::uint64_t bytes) {
    if (bytes == 1) {
        return QStringLiteral("1 byte");
    }
    if (bytes < 10'000) {
        return grouped(bytes) + QStringLiteral(" bytes");
    }
    if (bytes < 1'000'000) {
        return QStringLiteral("%1 KB").arg((bytes + 500) / 1000);
    }
    return QStringLiteral("%1 MB").arg(grouped((bytes + 500'000) / 1'000'000));
}

QString grouped(std::uint64_t number) {
    QString digits = QString::number(number);
    for (qsizetype at = digits.size() - 3; at > 0; at -= 3) {
        digits.insert(at, QLatin1Char(','));
    }
    return digits;
}

QString noValue() { return QString(QChar(0x2013)); }

QString shortId(std::string_view id, qsizetype keep) {
    return displayText(id.substr(0, static_cast<std::size_t>(keep)), keep);
}

}  // namespace xshathra::models
