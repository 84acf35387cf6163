#pragma once

#include <QDialog>
#include <QList>
#include <QString>

#include <functional>

class QLineEdit;
class QLabel;
class QListView;
class QStackedWidget;
class QStandardItemModel;

namespace xshathra::ui {

/// One thing the palette can do.
struct PaletteEntry {
    QString title;
    /// What kind of thing: "View", "Command", "Project".
    QString kind;
    QString icon;
    QString shortcut;
    bool enabled = true;
    std::function<void()> run;
};

/// Type a few letters, Enter runs the best match. Words in any order; `>` at the start shows commands alone.
class CommandPalette final : public QDialog {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* window);

    /// Opens it over the window.
    void openWith(QList<PaletteEntry> entries);
    /// Titles now shown, best first. For tests.
    QStringList shown() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void filter(const QString& text);
    void choose(int row);
    void run();

    QLineEdit* edit_;
    QStackedWidget* pages_;
    QListView* list_;
    QLabel* nothing_;
    QStandardItemModel* model_;
    QList<PaletteEntry> entries_;
};

}  // namespace xshathra::ui
