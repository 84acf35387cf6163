#include "ui/widgets/filter_field.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QTimer>

namespace xshathra::ui {

namespace {

constexpr int kReportDelayMs = 150;
constexpr int kIconLeft = 9;
constexpr int kTextLeft = 33;

/// The line that says what is wrong; opaque, since it lies over a list header.
class ProblemLine : public QWidget {
public:
    ProblemLine() {
        setAutoFillBackground(true);
        setBackgroundRole(QPalette::Window);
        hide();
    }
};

Token stateToken(FilterField::State state) {
    switch (state) {
        case FilterField::State::Warn: return Token::Warn;
        case FilterField::State::Bad: return Token::Err;
        default: return Token::Ok;
    }
}

QString stateIcon(FilterField::State state) {
    switch (state) {
        case FilterField::State::Warn: return QStringLiteral("warn");
        case FilterField::State::Bad: return QStringLiteral("error");
        default: return QStringLiteral("check");
    }
}

}  // namespace

FilterField::FilterField(const QString& objectName, const QString& placeholder, QWidget* parent)
    : QWidget(parent), edit_(new QLineEdit(this)), delay_(new QTimer(this)) {
    setObjectName(objectName);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    edit_->setObjectName(objectName + QStringLiteral(".text"));
    edit_->setAccessibleName(QStringLiteral("Filter"));
    edit_->setPlaceholderText(placeholder);
    edit_->setProperty("bare", true);
    edit_->setFont(ui::font(TextStyle::Mono));
    edit_->installEventFilter(this);
    clear_ = Button::iconOnly(QStringLiteral("close"), QStringLiteral("Clear the filter"),
                              objectName + QStringLiteral(".clear"), this, Button::Size::Tiny);
    clear_->hide();

    problem_ = new ProblemLine;
    problem_->setObjectName(objectName + QStringLiteral(".problem"));
    problem_->setParent(this);
    auto* row = new QHBoxLayout(problem_);
    row->setContentsMargins(metrics::kSpace2, 0, metrics::kSpace8, 0);
    row->setSpacing(metrics::kSpace6);
    row->addWidget(new IconLabel(QStringLiteral("error"), Token::Err, metrics::kIconSmall));
    problemText_ = new Label({}, TextStyle::Small, Token::Err);
    row->addWidget(problemText_);
    problemLink_ =
        new Button({}, objectName + QStringLiteral(".suggestion"), nullptr, Button::Kind::Link, Button::Size::Tiny);
    problemLink_->setAccessibleName(QStringLiteral("Use the suggestion"));
    row->addWidget(problemLink_);
    row->addStretch();

    delay_->setSingleShot(true);
    delay_->setInterval(kReportDelayMs);
    connect(delay_, &QTimer::timeout, this, &FilterField::report);
    connect(edit_, &QLineEdit::textChanged, this, [this] {
        clear_->setVisible(!edit_->text().isEmpty());
        arrange();
        delay_->start();
    });
    connect(edit_, &QLineEdit::returnPressed, this, &FilterField::report);
    connect(clear_, &QPushButton::clicked, this, [this] {
        setText({});
        edit_->setFocus();
        Q_EMIT cleared();
    });
    connect(problemLink_, &QPushButton::clicked, this, [this] {
        setText(suggestion_);
        edit_->setFocus();
    });
    setFocusProxy(edit_);
}

QString FilterField::text() const { return edit_->text(); }

void FilterField::setText(const QString& text) {
    edit_->setText(text);
    report();
}

void FilterField::report() {
    delay_->stop();
    if (reported_ == edit_->text())
        return;
    reported_ = edit_->text();
    Q_EMIT filterChanged(reported_);
}

void FilterField::setState(State state) {
    state_ = state;
    if (state == State::Ok || state == State::Empty)
        problem_->hide();
    arrange();
    update();
}

void FilterField::setProblem(State state, const QString& sentence, const QString& suggestion) {
    state_ = state;
    suggestion_ = suggestion;
    problem_->findChild<IconLabel*>()->setIcon(stateIcon(state), stateToken(state));
    problemText_->setColor(stateToken(state));
    problemText_->setText(sentence);
    problemLink_->setText(suggestion);
    problemLink_->setAccessibleName(QStringLiteral("Use %1").arg(suggestion));
    problemLink_->setVisible(!suggestion.isEmpty());
    problem_->show();
    problem_->raise();
    edit_->setAccessibleDescription(sentence);
    arrange();
    update();
}

QWidget* FilterField::problemLine() const { return problem_; }

void FilterField::focusText() {
    edit_->setFocus(Qt::ShortcutFocusReason);
    edit_->selectAll();
}

QSize FilterField::sizeHint() const {
    constexpr int kWidth = 320;
    return {kWidth, scaledHeight(metrics::kControl)};
}

void FilterField::arrange() {
    constexpr int kGap = 6;
    auto right = width() - kGap;
    if (clear_->isVisibleTo(this)) {
        const auto size = clear_->sizeHint();
        clear_->setGeometry(right - size.width(), (height() - size.height()) / 2, size.width(), size.height());
        right -= size.width() + 2;
    }
    if (state_ != State::Empty)
        right -= metrics::kIcon + kGap;
    edit_->setGeometry(kTextLeft, 2, right - kTextLeft, height() - 4);
}

void FilterField::resizeEvent(QResizeEvent*) { arrange(); }

void FilterField::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange)
        edit_->setFont(ui::font(TextStyle::Mono));
}

bool FilterField::eventFilter(QObject* watched, QEvent* event) {
    if (watched == edit_) {
        if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
            update();
        if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
            event->accept();
            return true;
        }
        if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
            setText({});
            Q_EMIT cleared();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void FilterField::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool bad = state_ == State::Bad;
    paintBox(painter, rect(), metrics::kRadiusControl, Token::Base, Token::Ctl);
    if (bad) {
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(Theme::current().c(Token::ErrDot), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), metrics::kRadiusControl - 1,
                                metrics::kRadiusControl - 1);
        painter.restore();
    } else if (edit_->hasFocus()) {
        paintFocusRing(painter, rect(), metrics::kRadiusControl);
    }
    paintIcon(painter, QRect(kIconLeft, 0, metrics::kIcon, height()), QStringLiteral("filter"), Token::Text2);
    if (state_ != State::Empty) {
        const QRect box(edit_->geometry().right() + 4, 0, metrics::kIcon, height());
        paintIcon(painter, box, stateIcon(state_), stateToken(state_));
    }
}

}  // namespace xshathra::ui
