#include "ui/shell/command_palette.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/label.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>
#include <utility>

namespace xshathra::ui {

namespace {

constexpr int kWidth = 560;
constexpr int kRows = 10;

enum Role { IndexRole = Qt::UserRole + 1, KindRole, IconRole, ShortcutRole, EnabledRole };

/// How well a title fits the words: lower is better; nothing if a word is missing.
std::optional<int> score(const QString& title, const QStringList& words) {
    int total = 0;
    for (const auto& word : words) {
        const auto at = title.indexOf(word, 0, Qt::CaseInsensitive);
        if (at < 0)
            return std::nullopt;
        const bool wordStart = at == 0 || !title.at(at - 1).isLetterOrNumber();
        constexpr int kInsideWord = 100;
        total += static_cast<int>(at) + (wordStart ? 0 : kInsideWord);
    }
    return total;
}

class PaletteDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {0, scaledHeight(metrics::kControl)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& theme = Theme::current();
        const auto box = option.rect;
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->fillRect(box, theme.c(Token::Sel));
            painter->fillRect(QRect(box.left(), box.top(), 2, box.height()), theme.c(Token::Accent));
        }
        const bool enabled = index.data(EnabledRole).toBool();
        constexpr int kTextLeft = 38;
        paintIcon(*painter, QRect(box.left() + metrics::kSpace12, box.top(), metrics::kIcon, box.height()),
                  index.data(IconRole).toString(), enabled ? Token::Text2 : Token::TextOff);
        const QFontMetrics mono(ui::font(TextStyle::MonoSmall));
        const QFontMetrics small(ui::font(TextStyle::Small));
        const auto keysWidth = mono.horizontalAdvance(QStringLiteral("Ctrl+Shift+Del")) + 2 * metrics::kSpace12;
        const auto kind = index.data(KindRole).toString();
        const QFont body = ui::font(TextStyle::Body);
        const auto room = box.width() - kTextLeft - keysWidth - small.horizontalAdvance(kind) - metrics::kSpace12;
        painter->setFont(body);
        painter->setPen(theme.c(enabled ? Token::Text : Token::TextOff));
        painter->drawText(box.adjusted(kTextLeft, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine,
                          QFontMetrics(body).elidedText(index.data().toString(), Qt::ElideMiddle, room));
        painter->setFont(ui::font(TextStyle::Small));
        painter->setPen(theme.c(Token::Text3));
        painter->drawText(box.adjusted(0, 0, -keysWidth, 0), Qt::AlignVCenter | Qt::AlignRight, kind);
        painter->setFont(ui::font(TextStyle::MonoSmall));
        painter->drawText(box.adjusted(0, 0, -metrics::kSpace12, 0), Qt::AlignVCenter | Qt::AlignRight,
                          index.data(ShortcutRole).toString());
    }
};

}  // namespace

CommandPalette::CommandPalette(QWidget* window)
    : QDialog(window, Qt::Dialog | Qt::FramelessWindowHint),
      edit_(new QLineEdit),
      pages_(new QStackedWidget),
      list_(new QListView),
      nothing_(new Label(QStringLiteral("Nothing matches. Try fewer letters."), TextStyle::Body, Token::Text2)),
      model_(new QStandardItemModel(this)) {
    setObjectName(QStringLiteral("palette"));
    setWindowTitle(QStringLiteral("Go to, run, find"));
    setFixedWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, metrics::kSpace8, 1, metrics::kSpace8);
    column->setSpacing(metrics::kSpace8);
    auto* line = new QVBoxLayout;
    line->setContentsMargins(metrics::kSpace8, 0, metrics::kSpace8, 0);
    line->addWidget(edit_);
    column->addLayout(line);
    pages_->addWidget(list_);
    pages_->addWidget(nothing_);
    nothing_->setObjectName(QStringLiteral("palette.nothing"));
    nothing_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    nothing_->setContentsMargins(0, metrics::kSpace16, 0, 0);
    column->addWidget(pages_);
    edit_->setObjectName(QStringLiteral("palette.text"));
    edit_->setAccessibleName(QStringLiteral("Go to, run, find"));
    edit_->setPlaceholderText(QStringLiteral("A view, a command or a project"));
    edit_->setMinimumHeight(scaledHeight(metrics::kControl));
    edit_->addAction(themedIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    edit_->installEventFilter(this);
    list_->setObjectName(QStringLiteral("palette.list"));
    list_->setAccessibleName(QStringLiteral("Matches"));
    list_->setModel(model_);
    list_->setItemDelegate(new PaletteDelegate(list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    list_->setFocusPolicy(Qt::NoFocus);
    pages_->setFixedHeight(kRows * scaledHeight(metrics::kControl));
    connect(edit_, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(list_, &QListView::clicked, this, &CommandPalette::run);
}

void CommandPalette::openWith(QList<PaletteEntry> entries) {
    entries_ = std::move(entries);
    edit_->clear();
    filter({});
    const auto* window = parentWidget();
    constexpr int kBelowTop = 78;
    move(window->mapToGlobal(QPoint((window->width() - kWidth) / 2, kBelowTop)));
    edit_->setFocus();
    QDialog::open();
}

QStringList CommandPalette::shown() const {
    QStringList titles;
    for (int row = 0; row < model_->rowCount(); ++row)
        titles.append(model_->item(row)->text());
    return titles;
}

void CommandPalette::filter(const QString& text) {
    const bool commandsOnly = text.startsWith(QLatin1Char('>'));
    const auto words = (commandsOnly ? text.mid(1) : text).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    QList<std::pair<int, qsizetype>> found;
    for (qsizetype i = 0; i < entries_.size(); ++i) {
        const auto& entry = entries_.at(i);
        if (commandsOnly && entry.kind != QLatin1String("Command"))
            continue;
        if (const auto points = score(entry.title, words))
            found.append({*points, i});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    model_->clear();
    for (const auto& [points, i] : found) {
        const auto& entry = entries_.at(i);
        auto* item = new QStandardItem(entry.title);
        item->setData(i, IndexRole);
        item->setData(entry.kind, KindRole);
        item->setData(entry.icon, IconRole);
        item->setData(entry.shortcut, ShortcutRole);
        item->setData(entry.enabled, EnabledRole);
        item->setData(QStringLiteral("%1, %2 %3").arg(entry.title, entry.kind, entry.shortcut), Qt::AccessibleTextRole);
        model_->appendRow(item);
    }
    pages_->setCurrentIndex(found.isEmpty() ? 1 : 0);
    // What can't be done now is listed, but isn't offered first.
    int first = 0;
    while (first < model_->rowCount() && !model_->index(first, 0).data(EnabledRole).toBool())
        ++first;
    choose(first < model_->rowCount() ? first : 0);
}

/// Makes a row the one that Enter runs. The keyboard stays in the field, which tells screen readers of it.
void CommandPalette::choose(int row) {
    const auto index = model_->index(row, 0);
    list_->setCurrentIndex(index);
    edit_->setAccessibleDescription(index.isValid() ? index.data(Qt::AccessibleTextRole).toString() : nothing_->text());
    QAccessibleEvent event(edit_, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void CommandPalette::run() {
    const auto index = list_->currentIndex();
    if (!index.isValid() || !index.data(EnabledRole).toBool())
        return;
    const auto action = entries_.at(index.data(IndexRole).toInt()).run;
    accept();
    if (action)
        action();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == edit_ && event->type() == QEvent::KeyPress) {
        const auto key = static_cast<QKeyEvent*>(event)->key();
        const auto row = list_->currentIndex().row();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const auto next = std::clamp(row + (key == Qt::Key_Down ? 1 : -1), 0, std::max(0, model_->rowCount() - 1));
            choose(next);
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            run();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void CommandPalette::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), Theme::current().c(Token::Raised));
    paintBox(painter, rect(), 0, Token::Raised, Token::Line2);
}

}  // namespace xshathra::ui
