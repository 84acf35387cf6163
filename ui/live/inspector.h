#pragma once

#include "server/capture/store.h"
#include "ui/models/live_model.h"

#include <QString>
#include <QWidget>

#include <functional>
#include <optional>

class QSplitter;
class QStackedWidget;

namespace xshathra::ui {

class Badge;
class Button;
class CodeView;
class DecisionPane;
class Facts;
class JsonTreeView;
class Label;
class PaneHeading;
class TabBar;

/// What an error, disconnect or HTTP code means and what to do next, in sentences for people.
struct CodeText {
    QString text;
    QString advice;
    /// Whether and how the client comes back; may be empty.
    QString reconnects;
};
/// Looks up a code; the protocol's tables stand behind it.
using CodeAdvisor = std::function<CodeText(capture::Kind kind, std::uint32_t code)>;

/// The pane under the list: one message in full. Tabs drive the left side; the right side is pinned to how it was
/// delivered or, for a refusal, to what happened. Payloads are parsed only here, and only when their tab is shown.
class Inspector final : public QWidget {
    Q_OBJECT

public:
    enum class Tab { Tree, Raw, Hex, Frame, Decision };

    /// Longest payload shown as text and as bytes; what is above is said.
    static constexpr qsizetype kMaxRawChars = 2'000'000;
    static constexpr std::size_t kMaxHexBytes = 64 * 1024;

    explicit Inspector(const models::LiveModel& model, QWidget* parent = nullptr);

    /// Shows an event of the store, or nothing.
    void inspect(std::optional<models::LiveModel::Position> position);
    void setTab(Tab tab);
    Tab tab() const;
    void setCodeAdvisor(CodeAdvisor advisor) { advisor_ = std::move(advisor); }
    /// Puts the two panes above each other, for a dock at the right side.
    void setStacked(bool stacked);

Q_SIGNALS:
    void closeRequested();
    void dockSideRequested();
    /// The link to the reply of a command or the command of a reply.
    void counterpartRequested();

private:
    void fillTab();
    void fillRight();
    QString rawText() const;
    QString hexText() const;

    const models::LiveModel& model_;
    CodeAdvisor advisor_;
    std::optional<models::LiveModel::Position> position_;
    /// A copy: the store may evict the event while it is shown.
    capture::Event event_;
    /// The tab of which the content is up to date.
    std::optional<Tab> filled_;
    /// The tab the person chose; a refusal shows its decision without changing this.
    Tab chosen_ = Tab::Tree;
    bool choosing_ = true;

    TabBar* tabs_;
    Badge* kind_;
    Label* title_;
    Label* size_;
    Button* dockSide_;
    QSplitter* panes_;
    QStackedWidget* pages_;
    JsonTreeView* tree_;
    Label* treeProblem_;
    QStackedWidget* treePages_;
    CodeView* raw_;
    CodeView* hex_;
    Facts* frame_;
    DecisionPane* decision_;
    PaneHeading* rightHeading_;
    Label* rightSentence_;
    Facts* rightFacts_;
    Label* rightAdvice_;
    Button* counterpart_;
    QWidget* right_;
};

}  // namespace xshathra::ui
