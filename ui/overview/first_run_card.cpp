#include "ui/overview/first_run_card.h"

#include "ui/overview/server_commands.h"
#include "ui/overview/server_status.h"
#include "ui/overview/trail_steps.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/label.h"
#include "ui/widgets/rule.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QPointer>
#include <QVBoxLayout>

#include <algorithm>

namespace xshathra::ui {

namespace {

/// The picture of the program, 48 pixels.
class Emblem final : public QWidget {
public:
    Emblem() { setFixedSize(48, 48); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        applicationIcon().paint(&painter, rect());
    }
};

/// The number of a step in a disc; a check mark once it is done.
class StepDisc final : public QWidget {
public:
    explicit StepDisc(int number) : number_(number) {
        constexpr int kSide = 22;
        setFixedSize(kSide, kSide);
    }

    void setLook(bool current, bool done) {
        current_ = current;
        done_ = done;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        const auto& theme = Theme::current();
        painter.setBrush(theme.c(current_ ? Token::Accent : done_ ? Token::OkBg : Token::Press));
        painter.drawEllipse(rect());
        if (done_ && !current_) {
            paintIcon(painter, rect(), QStringLiteral("check"), Token::Ok, metrics::kIconSmall);
            return;
        }
        painter.setFont(ui::font(TextStyle::SmallMedium));
        painter.setPen(theme.c(current_ ? Token::OnAccent : Token::Text2));
        painter.drawText(rect(), Qt::AlignCenter, QString::number(number_));
    }

private:
    int number_;
    bool current_ = false;
    bool done_ = false;
};

}  // namespace

/// One numbered step: title, a sentence, and what belongs to it while it is the current one.
class FirstRunCard::Step final : public QWidget {
public:
    Step(int number, const QString& title, const QString& sentence)
        : disc_(new StepDisc(number)), title_(new Label(title, TextStyle::BodyStrong)), body_(new QWidget) {
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(0, 0, 0, 0);
        constexpr int kGap = 10;
        row->setSpacing(kGap);
        row->addWidget(disc_, 0, Qt::AlignTop);
        auto* column = new QVBoxLayout;
        column->setSpacing(metrics::kSpace2);
        column->addWidget(title_);
        auto* words = new Label(sentence, TextStyle::Small, Token::Text2);
        words->setWordWrap(true);
        column->addWidget(words);
        content_ = new QVBoxLayout(body_);
        content_->setContentsMargins(0, metrics::kSpace4, 0, 0);
        content_->setSpacing(metrics::kSpace4);
        column->addWidget(body_);
        row->addLayout(column, 1);
    }

    QVBoxLayout* content() const { return content_; }

    void setLook(bool current, bool done) {
        disc_->setLook(current, done);
        title_->setColor(current ? Token::Text : Token::Text2);
        body_->setVisible(current || (done && keepWhenDone_));
    }
    void setTitle(const QString& title) { title_->setText(title); }
    void keepWhenDone() { keepWhenDone_ = true; }

private:
    StepDisc* disc_;
    Label* title_;
    QWidget* body_;
    QVBoxLayout* content_;
    bool keepWhenDone_ = false;
};

FirstRunCard::FirstRunCard(ServerStatus& status, ServerCommands& commands, QWidget* parent)
    : QWidget(parent), status_(status), commands_(commands) {
    constexpr int kWidth = 560;
    setObjectName(QStringLiteral("firstRun"));
    setFixedWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kSpace28, metrics::kSpace28, metrics::kSpace28, metrics::kSpace16);
    column->setSpacing(metrics::kSpace16);

    auto* head = new QHBoxLayout;
    head->setSpacing(metrics::kSpace12);
    head->addWidget(new Emblem);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(metrics::kSpace2);
    titles->addWidget(new Label(QStringLiteral("Welcome to Xshathra Console"), TextStyle::Display));
    titles->addWidget(new Label(QStringLiteral("A realtime server and its console, on this computer."), TextStyle::Body,
                                Token::Text2));
    head->addLayout(titles, 1);
    column->addLayout(head);

    state_ = new StateCard;
    state_->setFactsAtRight(true);
    column->addWidget(state_);

    first_ = new Step(1, QStringLiteral("Create a project"),
                      QStringLiteral("It has an id, a key pair and ready namespaces. Press Enter to take the name."));
    name_ = new QLineEdit;
    name_->setObjectName(QStringLiteral("firstRun.name"));
    name_->setAccessibleName(QStringLiteral("Project name"));
    name_->setMinimumHeight(scaledHeight(metrics::kControl));
    create_ =
        new Button(QStringLiteral("Create project"), QStringLiteral("firstRun.create"), nullptr, Button::Kind::Primary);
    error_ = new InlineError(QStringLiteral("firstRun.error"));
    auto* caption = new Label(QStringLiteral("Project name"), TextStyle::Small, Token::Text2);
    caption->setBuddy(name_);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kSpace8);
    line->addWidget(name_, 1);
    line->addWidget(create_);
    first_->content()->addWidget(caption);
    first_->content()->addLayout(line);
    first_->content()->addWidget(error_);
    error_->hide();

    second_ = new Step(2, QStringLiteral("Send a test message"),
                       QStringLiteral("Token, connect, publish: three steps with their timings in Live traffic."));
    second_->keepWhenDone();
    send_ = new Button(QStringLiteral("Send a test message"), QStringLiteral("firstRun.send"), nullptr,
                       Button::Kind::Primary);
    send_->setIconName(QStringLiteral("send"));
    trail_ = new TrailSteps;
    second_->content()->addWidget(send_, 0, Qt::AlignLeft);
    second_->content()->addWidget(trail_);

    third_ = new Step(3, QStringLiteral("Connect your app"),
                      QStringLiteral("Copy a snippet for centrifuge-js, Node, curl or wscat."));
    copy_ = new CopyButton(QStringLiteral("the centrifuge-js snippet"), QStringLiteral("firstRun.copy"), nullptr,
                           Button::Kind::Primary, Button::Size::Normal);
    copy_->setText(QStringLiteral("Copy centrifuge-js snippet"));
    copy_->setSource([this] { return commands_.snippet(projectId_); });
    auto* all =
        new Button(QStringLiteral("All snippets"), QStringLiteral("firstRun.snippets"), nullptr, Button::Kind::Link);
    auto* apps = new QHBoxLayout;
    apps->setSpacing(metrics::kSpace8);
    apps->addWidget(copy_);
    apps->addWidget(all);
    apps->addStretch();
    third_->content()->addLayout(apps);

    auto* steps = new QVBoxLayout;
    steps->setSpacing(metrics::kSpace12);
    steps->addWidget(first_);
    steps->addWidget(second_);
    steps->addWidget(third_);
    column->addLayout(steps);

    column->addWidget(new Rule);
    auto* foot = new QHBoxLayout;
    auto* skip = new Button(QStringLiteral("Skip"), QStringLiteral("firstRun.skip"), nullptr, Button::Kind::Quiet,
                            Button::Size::Small);
    skip->setAccessibleName(QStringLiteral("Skip the introduction"));
    foot->addStretch();
    foot->addWidget(skip);
    column->addLayout(foot);

    connect(name_, &QLineEdit::textEdited, this, [this] {
        nameTouched_ = true;
        error_->setError({});
        error_->hide();
        setFieldError(name_, false);
        showSteps();
    });
    connect(name_, &QLineEdit::returnPressed, this, &FirstRunCard::takeName);
    connect(create_, &QPushButton::clicked, this, &FirstRunCard::takeName);
    connect(send_, &QPushButton::clicked, this, [this] {
        commands_.sendTestMessage(projectId_);
        Q_EMIT testMessageSent();
    });
    connect(all, &QPushButton::clicked, this, &FirstRunCard::snippetsRequested);
    connect(copy_, &CopyButton::copied, this, [this] { commands_.finishFirstRun(); });
    connect(skip, &QPushButton::clicked, this, [this] {
        commands_.finishFirstRun();
        Q_EMIT skipped();
    });
    connect(&status_, &ServerStatus::stateChanged, this, &FirstRunCard::showState);
    connect(&status_, &ServerStatus::addressChanged, this, &FirstRunCard::showState);
    connect(&status_, &ServerStatus::projectsChanged, this, &FirstRunCard::showProjects);
    connect(&status_, &ServerStatus::trailChanged, this, &FirstRunCard::showTrail);
    showState();
    showProjects();
    showTrail();
    showSteps();
}

void FirstRunCard::focusNext() {
    switch (current_) {
        case 0:
            name_->setFocus(Qt::OtherFocusReason);
            name_->selectAll();
            break;
        case 1: send_->setFocus(Qt::TabFocusReason); break;
        default: copy_->setFocus(Qt::TabFocusReason); break;
    }
}

void FirstRunCard::takeName() {
    const auto name = name_->text().trimmed();
    if (busy_ || name.isEmpty())
        return;
    busy_ = true;
    showSteps();
    const QPointer<FirstRunCard> self(this);
    const auto done = [self](const QString& id, const QString& error) {
        if (self)
            self->named(id, error);
    };
    const auto& projects = status_.projects();
    if (projects.isEmpty())
        commands_.createProject(name, done);
    else if (projects.constFirst().name == name)
        done(projects.constFirst().id, {});
    else
        commands_.renameProject(projects.constFirst().id, name, done);
}

void FirstRunCard::named(const QString& id, const QString& error) {
    busy_ = false;
    if (!error.isEmpty()) {
        error_->setError(error);
        error_->show();
        setFieldError(name_, true);
        name_->setFocus(Qt::OtherFocusReason);
        showSteps();
        return;
    }
    projectId_ = id;
    status_.setCurrentProject(id);
    current_ = 1;
    showSteps();
    focusNext();
    Q_EMIT projectReady(id);
}

void FirstRunCard::showState() {
    const auto& address = status_.address().hostAndPort;
    switch (status_.state()) {
        case ServerState::Running: {
            const auto ms = status_.startMilliseconds();
            constexpr double kPerSecond = 1000;
            state_->setState(
                Tone::Ok, QStringLiteral("The server is running on %1").arg(address),
                ms < 0 ? QString()
                       : QStringLiteral("started in %1 s").arg(static_cast<double>(ms) / kPerSecond, 0, 'f', 2));
            break;
        }
        case ServerState::PortInUse:
            state_->setState(
                Tone::Err, QStringLiteral("Port %1 is taken").arg(status_.address().port),
                status_.portConflict() ? QStringLiteral("by %1").arg(status_.portConflict()->holder) : QString());
            break;
        case ServerState::Failed:
            state_->setState(Tone::Err, QStringLiteral("The server could not start"), status_.failure());
            break;
        case ServerState::Starting:
            state_->setState(Tone::Neutral, QStringLiteral("The server is starting"), address, true);
            break;
        case ServerState::Stopping:
        case ServerState::Stopped:
            state_->setState(Tone::Warn, QStringLiteral("The server is stopped"), address, true);
            break;
    }
    showSteps();
}

void FirstRunCard::showProjects() {
    const auto& projects = status_.projects();
    if (!nameTouched_ && current_ == 0) {
        name_->setText(projects.isEmpty() ? QStringLiteral("My project") : projects.constFirst().name);
        name_->selectAll();
    }
    showSteps();
}

void FirstRunCard::showTrail() {
    const auto& trail = status_.trail();
    trail_->setVisible(!trail.isEmpty());
    trail_->setSteps(trail);
    const bool done = !trail.isEmpty() && std::all_of(trail.cbegin(), trail.cend(), [](const TrailStepView& step) {
        return step.outcome == TrailStepView::Outcome::Done;
    });
    if (done) {
        if (projectId_.isEmpty())
            projectId_ = status_.currentProject();
        current_ = 2;
    }
    showSteps();
}

void FirstRunCard::showSteps() {
    const bool renames = !status_.projects().isEmpty();
    create_->setText(renames ? QStringLiteral("Use this name") : QStringLiteral("Create project"));
    first_->setTitle(renames ? QStringLiteral("Your first project") : QStringLiteral("Create a project"));
    create_->setEnabled(!busy_ && !name_->text().trimmed().isEmpty());
    const bool running = status_.state() == ServerState::Running;
    send_->setEnabled(running);
    send_->setToolTip(running ? QString() : QStringLiteral("The server is not running"));
    send_->setVisible(current_ == 1);
    first_->setLook(current_ == 0, current_ > 0);
    second_->setLook(current_ == 1, current_ > 1);
    third_->setLook(current_ == 2, false);
}

void FirstRunCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintBox(painter, rect(), metrics::kRadiusCard, Token::Raised, Token::Line);
}

}  // namespace xshathra::ui
