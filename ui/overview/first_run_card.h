#pragma once

#include <QWidget>

class QLineEdit;
class QVBoxLayout;

namespace xshathra::ui {

class Button;
class CopyButton;
class InlineError;
class Label;
class ServerCommands;
class ServerStatus;
class StateCard;
class TrailSteps;

/// The welcome of a fresh start: keep or rename the ready project, send a test message, connect an app. Two times Enter
/// lead to the first live message.
class FirstRunCard final : public QWidget {
    Q_OBJECT
public:
    FirstRunCard(ServerStatus& status, ServerCommands& commands, QWidget* parent = nullptr);

    /// Puts the keyboard on what Enter does next.
    void focusNext();

Q_SIGNALS:
    /// Step 1 is done with this project.
    void projectReady(const QString& id);
    /// Step 2 was asked for.
    void testMessageSent();
    /// The person wants every snippet of the project.
    void snippetsRequested();
    void skipped();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    class Step;

    void takeName();
    void named(const QString& id, const QString& error);
    void showState();
    void showProjects();
    void showTrail();
    void showSteps();

    ServerStatus& status_;
    ServerCommands& commands_;
    StateCard* state_;
    Step* first_;
    Step* second_;
    Step* third_;
    QLineEdit* name_;
    Button* create_;
    InlineError* error_;
    Button* send_;
    TrailSteps* trail_;
    CopyButton* copy_;
    QString projectId_;
    bool nameTouched_ = false;
    bool busy_ = false;
    int current_ = 0;
};

}  // namespace xshathra::ui
