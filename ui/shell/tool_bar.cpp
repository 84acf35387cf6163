#include "ui/shell/tool_bar.h"

#include "ui/overview/server_status.h"
#include "ui/shell/actions.h"
#include "ui/shell/project_switcher.h"
#include "ui/shell/server_pill.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"

#include <QAction>
#include <QHBoxLayout>
#include <QPainter>

#include <optional>

namespace xshathra::ui {

namespace {

constexpr int kNarrow = 1'180;

/// Looks like a search field and opens the palette.
class GoToButton final : public MenuButton {
public:
    explicit GoToButton(QAction& action) : MenuButton(QStringLiteral("toolbar.goTo"), 238), action_(action) {
        setAccessibleName(QStringLiteral("Go to, run, find"));
        connect(this, &QAbstractButton::clicked, &action, &QAction::trigger);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        constexpr int kInset = 10;
        constexpr int kTextLeft = 32;
        QPainter painter(this);
        const auto& theme = Theme::current();
        paintFrame(painter, metrics::kRadiusControl);
        paintIcon(painter, QRect(kInset, 0, metrics::kIcon, height()), QStringLiteral("search"), Token::Text2);
        painter.setFont(ui::font(TextStyle::Body));
        painter.setPen(theme.c(Token::Text3));
        painter.drawText(QRect(kTextLeft, 0, width(), height()), Qt::AlignVCenter, accessibleName());
        painter.setFont(ui::font(TextStyle::MonoSmall));
        painter.drawText(rect().adjusted(0, 0, -kInset, 0), Qt::AlignVCenter | Qt::AlignRight,
                         action_.shortcut().toString(QKeySequence::NativeText));
    }

private:
    QAction& action_;
};

/// The line between the groups of the bar.
class Divider final : public QWidget {
public:
    Divider() {
        constexpr int kWidth = 9;
        setFixedWidth(kWidth);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        constexpr int kHeight = 20;
        QPainter painter(this);
        paintVerticalLine(painter, width() / 2, (height() - kHeight) / 2.0, kHeight, Token::Line);
    }
};

}  // namespace

ToolBar::ToolBar(ServerStatus& status, Actions& actions, QMenu& serverMenu, QWidget* parent)
    : QWidget(parent), status_(status), actions_(actions) {
    setObjectName(QStringLiteral("toolbar"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kSpace12, 0, metrics::kSpace12, 1);
    row->setSpacing(metrics::kSpace6);
    pill_ = new ServerPill(status);
    pill_->setMenu(&serverMenu);
    projects_ = new ProjectSwitcher(status);
    row->addWidget(pill_);
    row->addWidget(projects_);
    row->addWidget(new Divider);
    pause_ = addButton(actions.find(QStringLiteral("capture.pause")), QStringLiteral("toolbar.pause"));
    recording_ = addButton(actions.find(QStringLiteral("capture.record")), QStringLiteral("toolbar.record"));
    clear_ = addButton(actions.find(QStringLiteral("capture.clear")), QStringLiteral("toolbar.clear"));
    row->addStretch();
    goTo_ = new GoToButton(*actions.find(QStringLiteral("edit.palette")));
    row->addWidget(goTo_);
    connect(&status_, &ServerStatus::currentProjectChanged, this, qOverload<>(&QWidget::update));
    connect(&status_, &ServerStatus::projectsChanged, this, qOverload<>(&QWidget::update));
    connect(&actions_, &Actions::shortcutsChanged, this, &ToolBar::showWords);
    showWords();
}

Button* ToolBar::addButton(QAction* action, const QString& objectName) {
    auto* button = new Button({}, objectName, this, Button::Kind::Quiet);
    button->setCheckable(action->isCheckable());
    static_cast<QHBoxLayout*>(layout())->addWidget(button);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::changed, this, &ToolBar::showWords);
    return button;
}

void ToolBar::showWords() {
    if (goTo_ == nullptr)
        return;
    const bool narrow = width() < kNarrow;
    const auto show = [narrow](Button* button, const QAction* action, const QString& word, const QString& icon,
                               std::optional<Token> token) {
        button->setText(narrow ? QString() : word);
        if (token)
            button->setIconName(icon, *token);
        else
            button->setIconName(icon);
        button->setAccessibleName(word);
        button->setToolTip(Actions::hintOf(action));
        button->setEnabled(action->isEnabled());
    };
    const auto* pause = actions_.find(QStringLiteral("capture.pause"));
    const auto* record = actions_.find(QStringLiteral("capture.record"));
    const auto* clear = actions_.find(QStringLiteral("capture.clear"));
    pause_->setChecked(pause->isChecked());
    show(pause_, pause, pause->isChecked() ? QStringLiteral("Resume view") : QStringLiteral("Pause view"),
         pause->isChecked() ? QStringLiteral("play") : QStringLiteral("pause"), std::nullopt);
    // Recording is a state, told by the word and the red dot, not a pressed button.
    recording_->setCheckable(false);
    const bool on = record->isChecked();
    show(recording_, record, on ? QStringLiteral("Recording") : QStringLiteral("Not recording"),
         QStringLiteral("record"), on ? Token::ErrDot : Token::Text2);
    show(clear_, clear, QStringLiteral("Clear"), QStringLiteral("clear"), std::nullopt);
    goTo_->setToolTip(Actions::hintOf(actions_.find(QStringLiteral("edit.palette"))));
}

QSize ToolBar::sizeHint() const {
    constexpr int kHeight = 45;
    return {QWidget::sizeHint().width(), scaledHeight(kHeight)};
}

void ToolBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    showWords();
}

void ToolBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto entry = status_.currentEntry();
    if (entry && entry->environment == QLatin1String("production")) {
        constexpr int kLine = 2;
        painter.fillRect(0, height() - kLine, width(), kLine, Theme::current().c(Token::ErrDot));
    } else {
        paintHorizontalLine(painter, 0, height() - hairline(painter), width(), Token::Line);
    }
}

}  // namespace xshathra::ui
