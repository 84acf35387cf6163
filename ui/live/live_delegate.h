#pragma once

#include "ui/live/mono_text.h"
#include "ui/models/live_model.h"
#include "ui/theme/token.h"

#include <QFont>
#include <QHash>
#include <QStaticText>

#include <array>
#include <memory>

class QPainter;
class QHeaderView;

namespace xshathra::ui {

/// Paints one row of the traffic list: ground, bars, and every cell from the event itself. One pass, no item text
/// layout.
class LiveDelegate {
public:
    /// Of the first column, at a 10 point font.
    static constexpr int kSeqWidth = 62;

    struct RowState {
        bool selected = false;
        bool current = false;
        bool focused = false;
        bool hovered = false;
        bool marked = false;
        bool dimmed = false;
    };

    explicit LiveDelegate(const models::LiveModel& model);

    /// Takes fonts again and drops what was cached; after a change of font or theme.
    void refresh();
    int rowHeight() const { return rowHeight_; }
    /// Width of a column at the current font, from its width at 10 points.
    int columnWidth(int column) const;

    void paintRow(QPainter& painter, const QRect& rect, int row, const QHeaderView& header, const RowState& state);

private:
    struct Cell;

    void paintTime(QPainter& painter, const Cell& cell, std::int64_t wallNs, std::int64_t previousNs);
    void paintKind(QPainter& painter, const Cell& cell, const capture::StoredEvent& event);
    void paintProject(QPainter& painter, const Cell& cell, const capture::StoredEvent& event);
    void paintChannel(QPainter& painter, const Cell& cell, const capture::StoredEvent& event);
    void paintFromTo(QPainter& painter, const Cell& cell, const capture::StoredEvent& event);
    void paintPreview(QPainter& painter, const Cell& cell, const capture::StoredEvent& event, std::string_view payload);
    const QString& clockTime(std::int64_t wallNs);

    const models::LiveModel& model_;
    std::unique_ptr<MonoText> mono_;
    QFont listFont_;
    QFont listMedium_;
    int rowHeight_ = 0;
    std::array<QStaticText, capture::kKindCount> kindWords_;
    /// The last time made, since neighbours share their second.
    std::int64_t clockSecond_ = -1;
    QString clockText_;
};

}  // namespace xshathra::ui
