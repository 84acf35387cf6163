#include "ui/widgets/figures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace xshathra::ui {

namespace {

constexpr double kThousand = 1000;
constexpr double kNanosecondsPerMillisecond = 1e6;

QString oneDecimal(double value) { return QString::number(value, 'f', 1); }

}  // namespace

QString formatCount(std::uint64_t value) {
    auto text = QString::number(value);
    for (auto i = text.size() - 3; i > 0; i -= 3)
        text.insert(i, QLatin1Char(','));
    return text;
}

QString formatRate(double perSecond) {
    constexpr double kTen = 10;
    if (perSecond > 0 && perSecond < 1)
        return oneDecimal(perSecond);
    if (std::round(perSecond) < kThousand)
        return QString::number(std::llround(perSecond));
    const auto thousands = perSecond / kThousand;
    if (thousands < kThousand)
        return (thousands < kTen - 0.05 ? oneDecimal(thousands) : QString::number(std::llround(thousands))) +
               QLatin1Char('k');
    return oneDecimal(thousands / kThousand) + QLatin1Char('M');
}

QString formatBytes(std::uint64_t bytes) {
    constexpr std::uint64_t kPlainBelow = 10'000;
    if (bytes < kPlainBelow)
        return formatCount(bytes);
    constexpr double kStep = 1024;
    constexpr std::array<const char*, 4> kUnits{"KB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes) / kStep;
    std::size_t unit = 0;
    while (value >= kStep && unit + 1 < kUnits.size()) {
        value /= kStep;
        ++unit;
    }
    constexpr double kTen = 10;
    const auto figure = value < kTen - 0.05 ? oneDecimal(value) : QString::number(std::llround(value));
    return figure + QLatin1Char(' ') + QLatin1String(kUnits.at(unit));
}

QString formatAge(std::int64_t seconds) {
    constexpr std::int64_t kMinute = 60;
    constexpr std::int64_t kHour = 60 * kMinute;
    constexpr std::int64_t kDay = 24 * kHour;
    seconds = std::max<std::int64_t>(seconds, 0);
    if (seconds < kMinute)
        return QStringLiteral("%1 s").arg(seconds);
    if (seconds < kHour)
        return QStringLiteral("%1 min").arg(seconds / kMinute);
    if (seconds < kDay)
        return QStringLiteral("%1 h").arg(seconds / kHour);
    return QStringLiteral("%1 d").arg(seconds / kDay);
}

QString formatDuration(std::int64_t nanoseconds) {
    if (nanoseconds < 0)
        return QString(QChar(0x2013));
    const auto milliseconds = static_cast<double>(nanoseconds) / kNanosecondsPerMillisecond;
    constexpr double kTen = 10;
    if (milliseconds < kTen - 0.05)
        return oneDecimal(milliseconds) + QStringLiteral(" ms");
    if (milliseconds < kThousand - 0.5)
        return QStringLiteral("%1 ms").arg(std::llround(milliseconds));
    return oneDecimal(milliseconds / kThousand) + QStringLiteral(" s");
}

}  // namespace xshathra::ui
