#pragma once

#include "server/capture/store.h"

#include <QString>

#include <cstddef>

namespace xshathra::ui {

/// A filter with its most restrictive word left out.
struct NearestFilter {
    /// Empty where leaving out one word doesn't help.
    QString filter;
    QString dropped;
    /// How many of the newest events then match.
    std::size_t matches = 0;
};

/// What to offer when nothing matches `filter`: looks at the newest 20,000 events, once for each word.
[[nodiscard]] NearestFilter findNearestFilter(const capture::CaptureStore& store, const QString& filter);

}  // namespace xshathra::ui
