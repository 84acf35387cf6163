#include "ui/live/nearest_filter.h"

#include "server/capture/text_filter.h"

#include <QStringList>

#include <algorithm>

namespace xshathra::ui {

namespace {

constexpr std::uint64_t kNearestLook = 20'000;

}  // namespace

NearestFilter findNearestFilter(const capture::CaptureStore& store, const QString& filter) {
    NearestFilter nearest;
    const capture::TextFilter whole(filter.toStdString());
    if (whole.wordCount() < 2) {
        return nearest;
    }
    const std::uint64_t from = store.end() - std::min<std::uint64_t>(kNearestLook, store.size());
    for (std::size_t dropped = 0; dropped < whole.wordCount(); ++dropped) {
        QStringList words;
        for (std::size_t i = 0; i < whole.wordCount(); ++i) {
            if (i != dropped) {
                const QString word = QString::fromStdString(whole.word(i));
                words << (word.contains(QLatin1Char(' ')) ? QLatin1Char('"') + word + QLatin1Char('"') : word);
            }
        }
        const QString text = words.join(QLatin1Char(' '));
        const capture::TextFilter shorter(text.toStdString());
        std::size_t matching = 0;
        store.forEach(from, store.end(), [&](auto, const capture::StoredEvent& event, std::string_view payload) {
            matching += shorter.matches(store, event, payload) ? 1 : 0;
            return true;
        });
        if (matching > nearest.matches) {
            nearest = {text, QString::fromStdString(whole.word(dropped)), matching};
        }
    }
    return nearest;
}

}  // namespace xshathra::ui
