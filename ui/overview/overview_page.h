#pragma once

#include "ui/overview/problems_model.h"
#include "ui/overview/server_status.h"

#include <QElapsedTimer>
#include <QWidget>

class QHBoxLayout;
class QStackedLayout;

namespace xshathra::ui {

class Button;
class Card;
class FigureCard;
class FirstRunCard;
class Label;
class ProblemsView;
class ServerCommands;
class CheckStrip;

/// The first view: where the server is reached, whether everything is well, live figures, and recent problems with
/// their reasons. On a fresh start it is the first-run card.
class OverviewPage final : public QWidget {
    Q_OBJECT
public:
    OverviewPage(ServerStatus& status, ServerCommands& commands, QWidget* parent = nullptr);

    FirstRunCard* firstRun() const { return firstRun_; }
    /// Puts the keyboard where Enter does the next useful thing.
    void focusStart();
    /// Time between two samples of the charts. For tests; 5 s otherwise.
    void setSampleInterval(int milliseconds) { sampleMs_ = milliseconds; }

Q_SIGNALS:
    /// *Show in Live* of a problem.
    void showRequested(const xshathra::ui::Problem& problem);
    /// The snippets of the project in scope.
    void snippetsRequested();
    void projectsRequested();

private:
    QWidget* makePage();
    QWidget* makeAddresses();
    void showStack();
    void showAddress();
    void showChecks();
    void showFigures();
    void showProblems();
    void explain(const Problem& problem);
    QString diagnostics() const;

    ServerStatus& status_;
    ServerCommands& commands_;
    ProblemsModel problems_;
    QStackedLayout* stack_;
    QWidget* firstRunPage_;
    QWidget* page_;
    FirstRunCard* firstRun_;
    Label* webSocket_;
    Label* rest_;
    CheckStrip* checks_;
    FigureCard* in_;
    FigureCard* out_;
    FigureCard* connections_;
    FigureCard* latency_;
    ProblemsView* problemsView_;
    QWidget* noProblems_;
    QElapsedTimer sampled_;
    qint64 sampleMs_ = 5'000;
};

}  // namespace xshathra::ui
