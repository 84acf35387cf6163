#include "ui/live/inspector.h"

#include "ui/live/decision_pane.h"
#include "ui/live/facts.h"
#include "ui/live/json_tree_view.h"
#include "ui/live/kind_token.h"
#include "ui/live/pane_heading.h"
#include "ui/models/display_text.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/type.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/button.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/label.h"
#include "ui/widgets/tab_bar.h"

#include <QHBoxLayout>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace xshathra::ui {

namespace {

using capture::Direction;
using capture::Event;
using capture::Kind;
using models::displayText;

constexpr qsizetype kMaxFactChars = 512;
constexpr qsizetype kMaxTitleChars = 40;
constexpr std::size_t kHexBytesPerLine = 16;

QString text(const SharedBytes& bytes) { return displayText(bytes.view(), kMaxFactChars); }

QString timeText(const Event& event) {
    return models::timeOfDay(event.wall.count()) + QLatin1Char(' ') + models::tensOfMicroseconds(event.wall.count());
}

QString numberOrNothing(std::uint32_t number) { return number == 0 ? QString() : models::grouped(number); }

/// As kindToken and isErrorEvent see it.
capture::StoredEvent summaryOf(const Event& event) {
    capture::StoredEvent summary;
    summary.kind = event.kind;
    summary.code = event.code;
    return summary;
}

/// A scrolling page of facts on the list's ground.
QScrollArea* scrolling(QWidget* content, const QString& objectName, const QString& accessibleName) {
    auto* scroll = new QScrollArea;
    scroll->setObjectName(objectName);
    scroll->setAccessibleName(accessibleName);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setBackgroundRole(QPalette::Base);
    content->setBackgroundRole(QPalette::Base);
    scroll->setWidget(content);
    return scroll;
}

}  // namespace

Inspector::Inspector(const models::LiveModel& model, QWidget* parent) : QWidget(parent), model_(model) {
    setObjectName(QStringLiteral("liveInspector"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);

    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(metrics::kSpace6, 0, metrics::kSpace8, 0);
    row->setSpacing(metrics::kSpace8);
    tabs_ = new TabBar(QStringLiteral("liveInspector.tabs"), tr("Parts of the message"));
    for (const QString& title : {tr("Tree"), tr("Raw"), tr("Hex"), tr("Frame"), tr("Decision")}) {
        tabs_->addTab(title);
    }
    row->addWidget(tabs_);
    row->addStretch();
    kind_ = new Badge;
    title_ = new Label({}, TextStyle::Mono);
    title_->setShrinkable(Qt::ElideMiddle);
    size_ = new Label({}, TextStyle::Small, Token::Text2);
    row->addWidget(kind_);
    row->addWidget(title_);
    row->addWidget(size_);
    dockSide_ = Button::iconOnly(QStringLiteral("dock-right"), tr("Inspector at the right side"),
                                 QStringLiteral("liveInspector.dockSide"), this, Button::Size::Small);
    auto* close = Button::iconOnly(QStringLiteral("close"), tr("Close the inspector (F4)"),
                                   QStringLiteral("liveInspector.close"), this, Button::Size::Small);
    row->addWidget(dockSide_);
    row->addWidget(close);
    column->addWidget(bar);
    auto* line = new QFrame;
    line->setFixedHeight(1);
    line->setAutoFillBackground(true);
    line->setBackgroundRole(QPalette::Mid);
    column->addWidget(line);

    tree_ = new JsonTreeView;
    treeProblem_ = new Label({}, TextStyle::Body, Token::Text2);
    treeProblem_->setAlignment(Qt::AlignCenter);
    treeProblem_->setWordWrap(true);
    treeProblem_->setAutoFillBackground(true);
    treeProblem_->setBackgroundRole(QPalette::Base);
    treePages_ = new QStackedWidget;
    treePages_->addWidget(tree_);
    treePages_->addWidget(treeProblem_);
    raw_ = new CodeView(QStringLiteral("liveInspector.raw"), tr("Message as text"));
    raw_->setEmbedded(true);
    raw_->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    hex_ = new CodeView(QStringLiteral("liveInspector.hex"), tr("Message as bytes"));
    hex_->setEmbedded(true);
    frame_ = new Facts;
    frame_->layout()->setContentsMargins(metrics::kSpace16, metrics::kSpace12, metrics::kSpace16, metrics::kSpace12);
    auto* frameContent = new QWidget;
    auto* frameColumn = new QVBoxLayout(frameContent);
    frameColumn->setContentsMargins(0, 0, 0, 0);
    frameColumn->addWidget(frame_);
    frameColumn->addStretch();
    decision_ = new DecisionPane;
    pages_ = new QStackedWidget;
    pages_->setAutoFillBackground(true);
    pages_->setBackgroundRole(QPalette::Base);
    pages_->addWidget(treePages_);
    pages_->addWidget(raw_);
    pages_->addWidget(hex_);
    pages_->addWidget(scrolling(frameContent, QStringLiteral("liveInspector.frame"), tr("Frame of the message")));
    pages_->addWidget(decision_);

    auto* rightContent = new QWidget;
    auto* rightColumn = new QVBoxLayout(rightContent);
    rightColumn->setContentsMargins(metrics::kSpace16, metrics::kSpace12, metrics::kSpace16, metrics::kSpace12);
    rightColumn->setSpacing(metrics::kSpace8);
    rightSentence_ = new Label({}, TextStyle::BodyStrong);
    rightSentence_->setWordWrap(true);
    rightFacts_ = new Facts;
    rightAdvice_ = new Label({}, TextStyle::Body, Token::Text2);
    rightAdvice_->setWordWrap(true);
    counterpart_ =
        new Button({}, QStringLiteral("liveInspector.counterpart"), nullptr, Button::Kind::Link, Button::Size::Small);
    rightColumn->addWidget(rightSentence_);
    rightColumn->addWidget(rightFacts_);
    rightColumn->addWidget(rightAdvice_);
    rightColumn->addWidget(counterpart_, 0, Qt::AlignLeft);
    rightColumn->addStretch();
    rightHeading_ = new PaneHeading(QStringLiteral("delivery"), tr("Delivery"));
    right_ = new QWidget;
    auto* rightPane = new QVBoxLayout(right_);
    rightPane->setContentsMargins(0, 0, 0, 0);
    rightPane->setSpacing(0);
    rightPane->addWidget(rightHeading_);
    rightPane->addWidget(
        scrolling(rightContent, QStringLiteral("liveInspector.delivery"), tr("Delivery of the message")), 1);

    panes_ = new QSplitter(Qt::Horizontal);
    panes_->setObjectName(QStringLiteral("liveInspector.panes"));
    panes_->setChildrenCollapsible(false);
    panes_->addWidget(pages_);
    panes_->addWidget(right_);
    panes_->setStretchFactor(0, 1);
    panes_->setStretchFactor(1, 1);
    // Equal shares, whatever the contents ask for.
    constexpr int kShare = 1000;
    panes_->setSizes({kShare, kShare});
    column->addWidget(panes_, 1);

    connect(tabs_, &QTabBar::currentChanged, this, [this](int index) {
        pages_->setCurrentIndex(index);
        if (choosing_) {
            chosen_ = tab();
            fillTab();
        }
    });
    // A project was given another name.
    connect(&model_, &QAbstractItemModel::dataChanged, this, [this] {
        if (filled_ == Tab::Frame) {
            filled_.reset();
        }
        fillTab();
        fillRight();
    });
    connect(close, &QPushButton::clicked, this, &Inspector::closeRequested);
    connect(dockSide_, &QPushButton::clicked, this, &Inspector::dockSideRequested);
    connect(counterpart_, &QPushButton::clicked, this, &Inspector::counterpartRequested);
    inspect(std::nullopt);
}

void Inspector::setTab(Tab tab) { tabs_->setCurrentIndex(static_cast<int>(tab)); }

Inspector::Tab Inspector::tab() const { return static_cast<Tab>(tabs_->currentIndex()); }

void Inspector::setStacked(bool stacked) {
    panes_->setOrientation(stacked ? Qt::Vertical : Qt::Horizontal);
    dockSide_->setIconName(stacked ? QStringLiteral("dock-bottom") : QStringLiteral("dock-right"));
    const QString name = stacked ? tr("Inspector at the bottom") : tr("Inspector at the right side");
    dockSide_->setAccessibleName(name);
    dockSide_->setToolTip(name);
}

void Inspector::inspect(std::optional<models::LiveModel::Position> position) {
    position_ = position;
    event_ = position ? model_.store().event(*position) : Event{};
    if (event_.seq == 0) {
        position_.reset();
    }
    filled_.reset();
    const bool any = position_.has_value();
    const bool decided = any && event_.decision != nullptr;
    {
        const QScopedValueRollback guard(choosing_, false);
        tabs_->setTabEnabled(static_cast<int>(Tab::Tree), !event_.binary);
        tabs_->setTabEnabled(static_cast<int>(Tab::Decision), decided);
        const bool refused = decided && event_.decision->verdict == capture::Verdict::Refused;
        setTab(refused ? Tab::Decision : chosen_);
        if (!tabs_->isTabEnabled(tabs_->currentIndex())) {
            setTab(event_.binary ? Tab::Hex : Tab::Tree);
        }
    }

    kind_->setVisible(any);
    title_->setVisible(any);
    size_->setVisible(any);
    if (any) {
        const capture::StoredEvent* summary = model_.store().at(*position_);
        const bool error = isErrorEvent(summaryOf(event_));
        const QString word = QString::fromLatin1(capture::name(event_.kind));
        kind_->setText(event_.code != 0 ? QStringLiteral("%1 %2").arg(word).arg(event_.code) : word);
        kind_->setTone(error ? Tone::Err : Tone::Neutral);
        QString channel = summary == nullptr || summary->channel == 0 ? QString() : model_.channelText(*summary);
        if (channel.size() > kMaxTitleChars) {
            channel = channel.left(kMaxTitleChars / 2) + QChar(0x2026) + channel.right(kMaxTitleChars / 2 - 1);
        }
        title_->setText(QStringLiteral("#%1  %2").arg(event_.seq).arg(channel).trimmed());
        size_->setText(models::byteCount(event_.size));
    }
    fillTab();
    fillRight();
}

QString Inspector::rawText() const {
    const QString shown = models::displayLines(event_.payload.view(), kMaxRawChars);
    return event_.payload.empty() ? text(event_.note) : shown;
}

QString Inspector::hexText() const {
    const std::string_view bytes = event_.payload.view();
    const std::size_t shown = std::min(bytes.size(), kMaxHexBytes);
    QString out;
    out.reserve(static_cast<qsizetype>(shown / kHexBytesPerLine + 2) * 80);
    for (std::size_t at = 0; at < shown; at += kHexBytesPerLine) {
        out += QStringLiteral("%1 ").arg(at, 8, 16, QLatin1Char('0'));
        QString characters;
        for (std::size_t i = at; i < at + kHexBytesPerLine; ++i) {
            if (i % 8 == 0) {
                out += QLatin1Char(' ');
            }
            if (i >= shown) {
                out += QStringLiteral("   ");
                continue;
            }
            const auto byte = static_cast<unsigned char>(bytes[i]);
            out += QStringLiteral("%1 ").arg(static_cast<uint>(byte), 2, 16, QLatin1Char('0'));
            characters += byte >= 0x20 && byte < 0x7F ? QLatin1Char(static_cast<char>(byte)) : QLatin1Char('.');
        }
        out += QLatin1Char(' ') + characters;
        if (at + kHexBytesPerLine < shown) {
            out += QLatin1Char('\n');
        }
    }
    if (shown < bytes.size()) {
        out += QLatin1Char('\n') + tr("%1 more not shown").arg(models::byteCount(bytes.size() - shown));
    }
    return out;
}

void Inspector::fillTab() {
    if (filled_ == tab()) {
        return;
    }
    filled_ = tab();
    const QString projectName = model_.projectName(event_.project.view());
    const QString projectId = text(event_.project);
    switch (tab()) {
        case Tab::Tree: {
            SharedBytes previous;
            QString previousName;
            if (position_) {
                if (const auto before = model_.previousOfChannel(*position_)) {
                    const Event earlier = model_.store().event(*before);
                    previous = earlier.payload;
                    previousName = QStringLiteral("#%1").arg(earlier.seq);
                }
            }
            const bool good = position_ && tree_->show(event_.payload, previous, previousName);
            treeProblem_->setText(!position_ ? tr("Select a row to see its message.") : tree_->tree().error());
            treePages_->setCurrentIndex(good ? 0 : 1);
            break;
        }
        case Tab::Raw: raw_->setCode(rawText(), CodeView::Language::Json); break;
        case Tab::Hex: hex_->setCode(hexText(), CodeView::Language::Plain); break;
        case Tab::Frame:
            frame_->setFacts(
                !position_
                    ? QList<Fact>{}
                    : QList<Fact>{
                          {tr("Sequence"), QString::number(event_.seq)},
                          {tr("Time"), timeText(event_)},
                          {tr("Direction"),
                           event_.dir == Direction::In ? tr("in, to the server") : tr("out, from the server"), false},
                          {tr("Kind"), QString::fromLatin1(capture::name(event_.kind)), false},
                          {tr("Encoding"),
                           event_.kind == Kind::Http ? QString()
                           : event_.binary           ? QStringLiteral("Protobuf")
                                                     : QStringLiteral("JSON"),
                           false},
                          {tr("Command id"), numberOrNothing(event_.commandId)},
                          {tr("Channel"), text(event_.channel)},
                          {tr("Client"), text(event_.client)},
                          {tr("User"), text(event_.user)},
                          {tr("Project"), projectName == projectId ? QString() : projectName, false},
                          {tr("Project id"), projectId},
                          {tr("Code"), numberOrNothing(event_.code)},
                          {tr("Size"), models::byteCount(event_.size)},
                          {tr("Recipients"), numberOrNothing(event_.recipients)},
                          {tr("Latency"),
                           event_.latency.count() == 0 ? QString() : models::duration(event_.latency.count())},
                          {tr("Fault"), text(event_.fault)},
                          {tr("Note"), text(event_.note)},
                      });
            break;
        case Tab::Decision: decision_->setDecision(event_.decision); break;
    }
}

void Inspector::fillRight() {
    right_->setVisible(position_.has_value());
    if (!position_) {
        return;
    }
    const bool in = event_.dir == Direction::In;
    const bool refused = event_.decision && event_.decision->verdict == capture::Verdict::Refused;
    const bool wrong = refused || isErrorEvent(summaryOf(event_)) || event_.kind == Kind::Disconnect;
    const CodeText code = advisor_ && event_.code != 0 ? advisor_(event_.kind, event_.code) : CodeText{};

    QString sentence;
    QString advice;
    QList<Fact> facts;
    if (wrong) {
        rightHeading_->setTitle(QStringLiteral("info"), tr("What happened"));
        rightHeading_->setFigure({});
        sentence = refused ? displayText(event_.decision->summary, kMaxFactChars) : QString();
        QString meaning = code.text.isEmpty() ? text(event_.note) : code.text;
        if (sentence.isEmpty()) {
            sentence = meaning;
            meaning.clear();
        }
        if (refused) {
            for (const capture::Check& check : event_.decision->checks) {
                if (check.outcome == capture::Outcome::Fail && !check.advice.empty()) {
                    advice = displayText(check.advice, kMaxFactChars);
                }
            }
        }
        if (advice.isEmpty()) {
            advice = code.advice;
        }
        facts << Fact{tr("Code"),
                      event_.code == 0 ? QString() : QStringLiteral("%1  %2").arg(event_.code).arg(meaning).trimmed()}
              << Fact{tr("Reconnects"), code.reconnects, false};
    } else {
        rightHeading_->setFigure({});
        // A message to a channel is recorded once, not for each subscriber: more than their number isn't known.
        const bool about = event_.kind == Kind::Join || event_.kind == Kind::Leave;
        const bool delivery = !in && event_.client.empty() && (event_.kind == Kind::Push || about);
        rightHeading_->setTitle(delivery ? QStringLiteral("delivery") : QStringLiteral("info"),
                                delivery ? tr("Delivery") : tr("Details"));
        if (delivery) {
            if (event_.recipients == 0) {
                sentence = about ? tr("Sent to nobody: no subscriber had asked for join and leave messages.")
                                 : tr("Sent to nobody: the channel had no subscriber.");
            } else {
                sentence = event_.recipients == 1
                               ? tr("Sent to 1 subscriber")
                               : tr("Sent to %1 subscribers").arg(models::grouped(event_.recipients));
                advice = tr("Which clients these are, and when each of them received it, is not recorded.");
            }
        }
    }
    facts << Fact{in ? tr("Received") : tr("Sent"), timeText(event_)}
          << Fact{event_.kind == Kind::Http ? tr("Request") : tr("Note"),
                  wrong && event_.code != 0 ? QString() : text(event_.note)}
          << Fact{in ? tr("From user") : tr("To user"), text(event_.user)} << Fact{tr("Client"), text(event_.client)}
          << Fact{tr("Project"), model_.projectName(event_.project.view()), false}
          << Fact{tr("Channel"), text(event_.channel)};
    if (!in) {
        facts << Fact{tr("Took"), event_.latency.count() == 0 ? QString() : models::duration(event_.latency.count())};
    }
    facts << Fact{tr("Fault"), text(event_.fault)};
    rightSentence_->setText(sentence);
    rightSentence_->setVisible(!sentence.isEmpty());
    rightFacts_->setFacts(facts);
    rightAdvice_->setText(advice);
    rightAdvice_->setVisible(!advice.isEmpty());

    const int row = model_.rowOf(*position_);
    const int counterpart = row < 0 ? -1 : model_.counterpart(row);
    counterpart_->setVisible(counterpart >= 0);
    if (counterpart >= 0) {
        const QString number = QString::number(model_.eventAt(counterpart)->seq);
        counterpart_->setText(in ? tr("Show reply #%1").arg(number) : tr("Show command #%1").arg(number));
    }
}

}  // namespace xshathra::ui
