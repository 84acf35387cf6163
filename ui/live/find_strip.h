#pragma once

#include "ui/models/live_model.h"

#include <QWidget>

class QLineEdit;

namespace xshathra::ui {

class Button;
class Label;
class LiveList;

/// The line over the list that finds rows without hiding the others, or goes to a sequence number. Hidden until asked
/// for.
class FindStrip final : public QWidget {
    Q_OBJECT

public:
    /// Rows looked at for one find, from the current one on.
    static constexpr int kFarthestLook = 100'000;

    /// Both must outlive the strip.
    FindStrip(models::LiveModel& model, LiveList& list, QWidget* parent = nullptr);

    void beginFind();
    void beginGoTo();
    /// The next row (1) or the previous one (-1) with the words of the field, around the end of the list. Without
    /// words: beginFind().
    void findNext(int step);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Purpose { Find, GoTo };

    void begin(Purpose purpose);
    void goTo();
    void showRow(int row);
    void leave();

    models::LiveModel& model_;
    LiveList& list_;
    Purpose purpose_ = Purpose::Find;
    QString words_;
    Label* caption_;
    QLineEdit* edit_;
    Button* previous_;
    Button* next_;
    Label* message_;
};

}  // namespace xshathra::ui
