#include "ui/overview/overview_page.h"

#include "ui/overview/check_strip.h"
#include "ui/overview/explain_dialog.h"
#include "ui/overview/figure_card.h"
#include "ui/overview/first_run_card.h"
#include "ui/overview/problems_view.h"
#include "ui/overview/server_commands.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"
#include "ui/widgets/rule.h"
#include "ui/widgets/view_bar.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QStackedLayout>
#include <QSysInfo>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

/// One address: icon, name, the address, what can be done with it.
QHBoxLayout* addressRow(const QString& icon, const QString& name, Label* address) {
    constexpr int kNameWidth = 96;
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kSpace8);
    row->addWidget(new IconLabel(icon));
    auto* caption = new Label(name, TextStyle::Body, Token::Text2);
    caption->setMinimumWidth(kNameWidth);
    row->addWidget(caption);
    address->setElide(Qt::ElideRight);
    address->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(address, 1);
    return row;
}

}  // namespace

OverviewPage::OverviewPage(ServerStatus& status, ServerCommands& commands, QWidget* parent)
    : QWidget(parent), status_(status), commands_(commands), stack_(new QStackedLayout(this)) {
    setObjectName(QStringLiteral("overview"));
    constexpr int kAbove = 3;
    constexpr int kBelow = 5;
    firstRun_ = new FirstRunCard(status, commands);
    auto* inner = new QWidget;
    auto* column = new QVBoxLayout(inner);
    column->addStretch(kAbove);
    column->addWidget(firstRun_, 0, Qt::AlignHCenter);
    column->addStretch(kBelow);
    auto* area = new QScrollArea;
    area->setObjectName(QStringLiteral("overview.firstRun"));
    area->setFocusPolicy(Qt::NoFocus);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setWidget(inner);
    firstRunPage_ = area;
    page_ = makePage();
    stack_->addWidget(firstRunPage_);
    stack_->addWidget(page_);

    connect(firstRun_, &FirstRunCard::snippetsRequested, this, &OverviewPage::snippetsRequested);
    connect(&status_, &ServerStatus::firstRunChanged, this, &OverviewPage::showStack);
    connect(&status_, &ServerStatus::addressChanged, this, &OverviewPage::showAddress);
    connect(&status_, &ServerStatus::addressChanged, this, &OverviewPage::showChecks);
    connect(&status_, &ServerStatus::stateChanged, this, &OverviewPage::showChecks);
    connect(&status_, &ServerStatus::projectsChanged, this, &OverviewPage::showChecks);
    connect(&status_, &ServerStatus::recordingChanged, this, &OverviewPage::showChecks);
    connect(&status_, &ServerStatus::problemsChanged, this, &OverviewPage::showProblems);
    connect(&status_, &ServerStatus::figuresChanged, this, &OverviewPage::showFigures);
    showStack();
    showAddress();
    showChecks();
    showFigures();
    showProblems();
}

QWidget* OverviewPage::makePage() {
    auto* page = new QWidget;
    auto* outer = new QVBoxLayout(page);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    auto* bar = new ViewBar(QStringLiteral("Overview"));
    auto* copy = new CopyButton(QStringLiteral("diagnostics"), QStringLiteral("overview.diagnostics"));
    copy->setText(QStringLiteral("Copy diagnostics"));
    copy->setSource([this] { return diagnostics(); });
    bar->row()->addStretch();
    bar->row()->addWidget(copy);
    outer->addWidget(bar);

    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(metrics::kPageMargin, metrics::kSpace12 + 2, metrics::kPageMargin, metrics::kPageMargin);
    column->setSpacing(metrics::kCardGap);
    column->addWidget(makeAddresses());
    checks_ = new CheckStrip;
    column->addWidget(checks_);

    auto* cards = new QHBoxLayout;
    cards->setSpacing(metrics::kCardGap);
    in_ = new FigureCard(QStringLiteral("Messages in"), QStringLiteral("/s"), Token::KPublish);
    out_ = new FigureCard(QStringLiteral("Messages out"), QStringLiteral("/s"), Token::KPublish);
    connections_ = new FigureCard(QStringLiteral("Connections"), QStringLiteral("open"), Token::KConnect);
    latency_ = new FigureCard(QStringLiteral("Publish to write, p95"), QStringLiteral("ms"), Token::KHttp);
    for (auto* card : {in_, out_, connections_, latency_})
        cards->addWidget(card, 1);
    column->addLayout(cards);

    auto* list = new Card(QStringLiteral("Recent problems"), nullptr);
    list->setFlush(true);
    list->setSubtitle(QStringLiteral("grouped by cause, last 10 min"));
    problemsView_ = new ProblemsView(problems_);
    list->body()->addWidget(problemsView_);
    noProblems_ = new QWidget;
    auto* none = new QHBoxLayout(noProblems_);
    none->setContentsMargins(metrics::kSpace16, metrics::kSpace4, metrics::kSpace16, metrics::kSpace12);
    none->setSpacing(metrics::kSpace8);
    none->addWidget(new IconLabel(QStringLiteral("ok"), Token::Ok));
    none->addWidget(
        new Label(QStringLiteral("Nothing was refused and nothing failed."), TextStyle::List, Token::Text2));
    none->addStretch();
    list->body()->addWidget(noProblems_);
    column->addWidget(list);
    column->addStretch();
    connect(problemsView_, &ProblemsView::explainRequested, this, &OverviewPage::explain);
    connect(problemsView_, &ProblemsView::showRequested, this, &OverviewPage::showRequested);

    auto* area = new QScrollArea;
    area->setObjectName(QStringLiteral("overview.page"));
    area->setFocusPolicy(Qt::NoFocus);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setWidget(content);
    outer->addWidget(area, 1);
    return page;
}

QWidget* OverviewPage::makeAddresses() {
    auto* card = new Card;
    card->body()->setContentsMargins(metrics::kSpace16, metrics::kSpace8, metrics::kSpace12, metrics::kSpace8);
    webSocket_ = new Label({}, TextStyle::MonoBody);
    rest_ = new Label({}, TextStyle::MonoBody);
    auto* first = addressRow(QStringLiteral("plug"), QStringLiteral("WebSocket"), webSocket_);
    auto* copySocket = new CopyButton(QStringLiteral("the WebSocket URL"), QStringLiteral("overview.copyWebSocket"));
    copySocket->setSource([this] { return status_.address().webSocket; });
    auto* snippets = new Button(QStringLiteral("Snippets"), QStringLiteral("overview.snippets"), nullptr,
                                Button::Kind::Standard, Button::Size::Small);
    snippets->setIconName(QStringLiteral("code"));
    connect(snippets, &QPushButton::clicked, this, &OverviewPage::snippetsRequested);
    first->addWidget(copySocket);
    first->addWidget(snippets);
    auto* second = addressRow(QStringLiteral("server"), QStringLiteral("REST"), rest_);
    auto* copyRest = new CopyButton(QStringLiteral("the REST URL"), QStringLiteral("overview.copyRest"));
    copyRest->setSource([this] { return status_.address().restBase; });
    auto* projects = new Button(QStringLiteral("Keys"), QStringLiteral("overview.keys"), nullptr,
                                Button::Kind::Standard, Button::Size::Small);
    projects->setIconName(QStringLiteral("key"));
    connect(projects, &QPushButton::clicked, this, &OverviewPage::projectsRequested);
    second->addWidget(copyRest);
    second->addWidget(projects);
    const auto wider = qMax(snippets->sizeHint().width(), projects->sizeHint().width());
    snippets->setMinimumWidth(wider);
    projects->setMinimumWidth(wider);
    card->body()->addLayout(first);
    card->body()->addWidget(new Rule);
    card->body()->addLayout(second);
    return card;
}

void OverviewPage::focusStart() {
    if (status_.firstRun())
        firstRun_->focusNext();
    else
        setFocus(Qt::OtherFocusReason);
}

void OverviewPage::showStack() { stack_->setCurrentWidget(status_.firstRun() ? firstRunPage_ : page_); }

void OverviewPage::showAddress() {
    webSocket_->setText(status_.address().webSocket);
    rest_->setText(status_.address().restBase + QStringLiteral("/{token, subscription-token, publish}"));
}

void OverviewPage::showChecks() {
    QList<Health> checks;
    const auto port = QStringLiteral("Port %1").arg(status_.address().port);
    switch (status_.state()) {
        case ServerState::Running: checks.append({Tone::Ok, port, QStringLiteral("listening")}); break;
        case ServerState::PortInUse:
            checks.append({Tone::Err, port,
                           status_.portConflict() ? QStringLiteral("taken by %1").arg(status_.portConflict()->holder)
                                                  : QStringLiteral("taken")});
            break;
        case ServerState::Failed: checks.append({Tone::Err, port, status_.failure()}); break;
        default: checks.append({Tone::Warn, port, stateWord(status_.state()).toLower()}); break;
    }
    const auto projects = status_.projects().size();
    checks.append({projects > 0 ? Tone::Ok : Tone::Warn, QStringLiteral("Projects"), QString::number(projects)});
    checks.append({status_.recording() ? Tone::Ok : Tone::Warn, QStringLiteral("Capture"),
                   status_.recording() ? QStringLiteral("recording") : QStringLiteral("not recording")});
    std::uint64_t recent = 0;
    const auto now = QDateTime::currentDateTimeUtc();
    constexpr qint64 kRecentSeconds = 60;
    for (const auto& problem : status_.problems()) {
        if (problem.last.secsTo(now) <= kRecentSeconds)
            recent += problem.times;
    }
    checks.append({recent == 0 ? Tone::Ok : Tone::Warn, QStringLiteral("Problems"),
                   recent == 0 ? QStringLiteral("none in the last 60 s")
                               : QStringLiteral("%1 seen in the last 60 s").arg(formatCount(recent))});
    checks_->setChecks(checks);
}

void OverviewPage::showFigures() {
    const auto& figures = status_.figures();
    const bool running = status_.state() == ServerState::Running;
    const auto dash = QString(QChar(0x2013));
    constexpr double kNanosecondsPerMillisecond = 1e6;
    const auto latency =
        figures.publishP95 ? Sample(static_cast<double>(*figures.publishP95) / kNanosecondsPerMillisecond) : Sample();
    in_->setFigure(running ? formatRate(figures.inPerSecond) : dash);
    out_->setFigure(running ? formatRate(figures.outPerSecond) : dash);
    connections_->setFigure(running ? formatCount(figures.connections) : dash);
    latency_->setFigure(latency ? QString::number(*latency, 'f', *latency < 10 ? 1 : 0) : dash);
    if (sampled_.isValid() && sampled_.elapsed() < sampleMs_)
        return;
    sampled_.start();
    const auto sample = [running](double value) { return running ? Sample(value) : Sample(); };
    in_->addSample(sample(figures.inPerSecond));
    out_->addSample(sample(figures.outPerSecond));
    connections_->addSample(sample(static_cast<double>(figures.connections)));
    latency_->addSample(latency);
    problems_.refreshAges();
    showChecks();
}

void OverviewPage::showProblems() {
    problems_.setProblems(status_.problems());
    const bool any = problems_.rowCount() > 0;
    problemsView_->setVisible(any);
    noProblems_->setVisible(!any);
    showChecks();
}

void OverviewPage::explain(const Problem& problem) {
    auto* dialog = new ExplainDialog(problem, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ExplainDialog::showRequested, this, &OverviewPage::showRequested);
    dialog->open();
}

QString OverviewPage::diagnostics() const {
    const auto& figures = status_.figures();
    return QStringLiteral(
               "Xshathra Console %1, Qt %2, %3\nServer: %4, %5\nProjects: %6\n"
               "Connections: %7, channels: %8\nCapture: %9 kept, %10 evicted\n")
        .arg(QStringLiteral(XSHATHRA_VERSION), QString::fromLatin1(qVersion()), QSysInfo::prettyProductName(),
             stateWord(status_.state()), status_.address().hostAndPort)
        .arg(status_.projects().size())
        .arg(figures.connections)
        .arg(figures.channels)
        .arg(figures.captureKept)
        .arg(figures.captureEvicted);
}

}  // namespace xshathra::ui
