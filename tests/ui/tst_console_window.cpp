#include "tests/ui/console_fixture.h"
#include "ui/live/live_list.h"
#include "ui/live/live_view.h"
#include "ui/projects/projects_view.h"
#include "ui/shell/actions.h"
#include "ui/shell/navigation.h"
#include "ui/widgets/button.h"
#include "ui/widgets/form_field.h"

#include <QAction>
#include <QActionGroup>
#include <QCheckBox>
#include <QDialog>
#include <QEventLoop>
#include <QFuture>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QScrollBar>
#include <QSplitter>
#include <QTableView>
#include <QTcpServer>
#include <QTimer>

#include <algorithm>

using namespace xshathra;
using namespace xshathra::ui;
using namespace Qt::StringLiterals;
using test::ConsoleFixture;
using test::press;

namespace {

/// The labels of a widget that can be seen, as one text.
QString wordsOn(const QWidget* widget) {
    QStringList words;
    for (const auto* label : widget->findChildren<QLabel*>()) {
        if (label->isVisible())
            words += label->text();
    }
    return words.join(u'\n');
}

}  // namespace

/// What the whole window does beside the first steps: small sizes, honest states, where the keyboard is.
class ConsoleWindowTest : public QObject {
    Q_OBJECT

    static bool settled(ConsoleFixture& console, QSize size = {1360, 850}) {
        if (!console.start())
            return false;
        press(console.find(u"firstRun.skip"_s));
        console.window().resize(size);
        return QTest::qWaitFor([&] { return !console.console().status().firstRun(); });
    }

    static QString makeProject(ConsoleFixture& console, const std::string& name) {
        services::NewProject project;
        project.name = name;
        auto made = console.server().projects().create(project);
        if (!QTest::qWaitFor([&] { return made.isFinished(); }) || !made.result())
            return {};
        return QString::fromStdString((*made.result())->id);
    }

private Q_SLOTS:
    void oneOfTheProjectsIsChosen() {
        ConsoleFixture console;
        QVERIFY(console.start());
        QMenu* menu = nullptr;
        for (auto* widget : QApplication::topLevelWidgets()) {
            if (widget->objectName() == u"toolbar.project.menu"_s)
                menu = qobject_cast<QMenu*>(widget);
        }
        QVERIFY(menu != nullptr);
        Q_EMIT menu->aboutToShow();
        const auto actions = menu->actions();
        const auto checkable =
            std::count_if(actions.begin(), actions.end(), [](auto* one) { return one->isCheckable(); });
        QCOMPARE(checkable, 2);  // the first project, and all
        for (const auto* action : actions) {
            if (action->isCheckable())
                QVERIFY(action->actionGroup() != nullptr && action->actionGroup()->isExclusive());
        }
    }

    void listsFitTheirColumns_data() {
        QTest::addColumn<QSize>("size");
        QTest::newRow("smallest") << QSize(960, 600);
        QTest::newRow("small") << QSize(1024, 640);
        QTest::newRow("usual") << QSize(1360, 850);
    }

    void listsFitTheirColumns() {
        QFETCH(QSize, size);
        ConsoleFixture console;
        QVERIFY(settled(console, size));
        console.window().showView(u"projects"_s);
        ConsoleFixture::settle();
        QCOMPARE(console.window().size(), size);

        auto* projects = console.find<QListView>(u"projects.list"_s);
        QCOMPARE(projects->horizontalScrollBar()->maximum(), 0);
        QVERIFY(projects->visualRect(projects->model()->index(0, 0)).right() < projects->viewport()->width());

        auto* table = console.find<QTableView>(u"namespaces.table"_s);
        const int last = table->model()->columnCount() - 1;
        const int end = table->columnViewportPosition(last) + table->columnWidth(last);
        QVERIFY2(end <= table->viewport()->width(), qPrintable(u"%1 of %2"_s.arg(end).arg(table->viewport()->width())));
        QVERIFY2(table->columnWidth(last) >= 60, qPrintable(QString::number(table->columnWidth(last))));

        console.window().showView(u"live"_s);
        ConsoleFixture::settle();
        auto* header = console.find<QHeaderView>(u"liveHeader"_s);
        QVERIFY2(header->sectionSize(models::LiveModel::Preview) >= 200,
                 qPrintable(QString::number(header->sectionSize(models::LiveModel::Preview))));
        QVERIFY(header->sectionViewportPosition(models::LiveModel::Preview) + 200 <= header->width());
    }

    void aWideListShowsAllColumnsAgain() {
        ConsoleFixture console;
        QVERIFY(settled(console, {960, 600}));
        console.window().showView(u"live"_s);
        auto* header = console.find<QHeaderView>(u"liveHeader"_s);
        console.window().resize(1500, 800);
        ConsoleFixture::settle();
        for (int column = 0; column < models::LiveModel::ColumnCount; ++column)
            QVERIFY2(header->sectionSize(column) > 20 || column == models::LiveModel::Project,
                     qPrintable(QString::number(column)));
    }

    void rowsOfAllProjectsSayWhose() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        const auto other = makeProject(console, "Other");
        QVERIFY(!other.isEmpty());
        auto& status = console.console().status();
        QTRY_COMPARE(status.projects().size(), 2);
        console.window().showView(u"live"_s);
        press(console.find(u"liveEmpty.test"_s));
        auto& live = console.console().live();
        QTRY_VERIFY(live.rowCount() > 6);
        auto* header = console.find<QHeaderView>(u"liveHeader"_s);
        QVERIFY(header->isSectionHidden(models::LiveModel::Project));
        status.setCurrentProject({});
        QVERIFY(!header->isSectionHidden(models::LiveModel::Project));
        QTRY_VERIFY(live.rowCount() > 6);
        const auto named = [&](const QString& name) {
            for (int row = 0; row < live.rowCount(); ++row) {
                if (live.index(row, models::LiveModel::Project).data().toString() == name)
                    return true;
            }
            return false;
        };
        QVERIFY(named(u"My project"_s));
        auto renamed = console.server().projects().rename(console.firstProject().toStdString(), "Arena");
        QTRY_VERIFY(renamed.isFinished());
        QTRY_VERIFY(named(u"Arena"_s));
        QVERIFY(!named(u"My project"_s));
    }

    void widthsOfColumnsAreKept() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"live"_s);
        console.find<QHeaderView>(u"liveHeader"_s)->resizeSection(models::LiveModel::Channel, 222);
        console.reopen();
        console.window().showView(u"live"_s);
        QCOMPARE(console.find<QHeaderView>(u"liveHeader"_s)->sectionSize(models::LiveModel::Channel), 222);
    }

    void theInspectorsPlaceIsKept() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        const auto inspect = [&] {
            console.window().showView(u"live"_s);
            console.window().findChild<LiveView*>()->setInspectorShown(true);
            ConsoleFixture::settle();
            return console.find<QSplitter>(u"liveSplitter"_s);
        };
        const auto drag = [](QSplitter* splitter, QPoint by) {
            auto* handle = splitter->handle(1);
            const auto from = handle->rect().center();
            QTest::mousePress(handle, Qt::LeftButton, {}, from);
            QTest::mouseMove(handle, from + by);
            QTest::mouseRelease(handle, Qt::LeftButton, {}, from + by);
        };
        auto* splitter = inspect();
        QCOMPARE(splitter->orientation(), Qt::Vertical);
        drag(splitter, {0, 70});
        const int height = splitter->sizes().at(1);
        press(console.find(u"liveInspector.dockSide"_s));
        ConsoleFixture::settle();
        QCOMPARE(splitter->orientation(), Qt::Horizontal);
        drag(splitter, {-60, 0});
        const int width = splitter->sizes().at(1);
        QVERIFY(width > 200);

        console.reopen();
        splitter = inspect();
        QCOMPARE(splitter->orientation(), Qt::Horizontal);
        QCOMPARE(splitter->sizes().at(1), width);
        auto* side = console.find(u"liveInspector.dockSide"_s);
        QCOMPARE(side->accessibleName(), u"Inspector at the bottom"_s);
        press(side);
        ConsoleFixture::settle();
        QCOMPARE(splitter->orientation(), Qt::Vertical);
        QCOMPARE(splitter->sizes().at(1), height);

        // A smaller window leaves the list its place.
        console.reopen();
        console.window().resize(960, 600);
        splitter = inspect();
        QVERIFY2(splitter->sizes().at(0) >= 100, qPrintable(QString::number(splitter->sizes().at(0))));
    }

    void aLongCaptureIsReadInTurns() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().hide();
        auto& recorder = console.server().recorder();
        constexpr int kEvents = 20'000;
        for (int i = 0; i <= kEvents; ++i) {
            capture::Event event;
            event.kind = i < kEvents ? capture::Kind::Push : capture::Kind::Error;
            event.code = i < kEvents ? 0 : 103;
            recorder.record(std::move(event));
        }
        console.console().live().takeArrived();
        // Showing reads at once, which is one turn.
        console.window().show();
        QVERIFY(console.console().status().problems().isEmpty());
        QTRY_COMPARE(console.console().status().problems().size(), 1);
        QTRY_VERIFY(console.window().navigationItem(u"live"_s)->accessibleName().contains(u"errors"_s));
    }

    void theEmptyListSaysWhetherTheServerListens() {
        QTcpServer holder;
        QVERIFY(holder.listen(QHostAddress::LocalHost));
        ConsoleFixture console(holder.serverPort());
        console.server().start();
        QTRY_VERIFY(console.server().state() == runtime::State::PortInUse);
        console.window().showView(u"live"_s);
        auto* empty = console.find(u"liveEmpty"_s);
        QVERIFY(empty->isVisible());
        QVERIFY2(!wordsOn(empty).contains(u"listens"_s), qPrintable(wordsOn(empty)));
        QVERIFY(wordsOn(empty).contains(u"not running"_s));
        QVERIFY(!console.find<Button>(u"liveEmpty.test"_s)->isEnabled());
        press(console.find(u"banner.usePort"_s));
        QTRY_VERIFY(wordsOn(empty).contains(u"listens on"_s));
        QVERIFY(console.find<Button>(u"liveEmpty.test"_s)->isEnabled());
    }

    void aClearedListSaysWhoIsConnected() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"live"_s);
        auto* empty = console.find(u"liveEmpty"_s);
        QVERIFY2(wordsOn(empty).contains(u"no client is connected"_s), qPrintable(wordsOn(empty)));
        console.console().status().setCurrentProject(console.firstProject());
        press(console.find(u"liveEmpty.test"_s));
        QTRY_VERIFY(console.console().live().rowCount() > 6);
        QTRY_COMPARE(console.console().status().figures().connections, std::uint64_t{1});
        console.window().actions().find(u"capture.clear"_s)->trigger();
        QTRY_VERIFY(empty->isVisible());
        QVERIFY2(!wordsOn(empty).contains(u"no client"_s), qPrintable(wordsOn(empty)));
        QVERIFY2(wordsOn(empty).contains(u"1 client is connected"_s), qPrintable(wordsOn(empty)));
        QVERIFY(wordsOn(empty).contains(u"cleared"_s));
    }

    void aProjectWithoutTrafficOffersTheFirstSteps() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"live"_s);
        press(console.find(u"liveEmpty.test"_s));
        QTRY_VERIFY(console.console().live().rowCount() > 6);
        const auto other = makeProject(console, "Other");
        QVERIFY(!other.isEmpty());
        console.console().status().setCurrentProject(other);
        QTRY_COMPARE(console.console().live().rowCount(), 0);
        QTRY_VERIFY(console.find(u"liveEmpty.test"_s)->isVisible());
        QVERIFY(!console.find(u"liveNoMatch"_s)->isVisible());
        QVERIFY2(!console.find(u"liveInspector"_s)->isVisible(), "it shows the other project's message");
        QVERIFY(wordsOn(console.find(u"liveEmpty"_s)).contains(u"other projects"_s));
        press(console.find(u"liveEmpty.test"_s));
        QTRY_VERIFY(console.console().live().rowCount() > 6);
    }

    void stepsThatWereClosedDoNotComeBack() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"live"_s);
        press(console.find(u"liveEmpty.test"_s));
        QVERIFY(console.find(u"trail"_s)->isVisible());
        press(console.find(u"trail.close"_s));
        QTRY_VERIFY(console.console().live().rowCount() > 8);
        QTest::qWait(100);
        QVERIFY(!console.find(u"trail"_s)->isVisible());
    }

    void theKeyboardComesBackFromRenaming_data() {
        QTest::addColumn<int>("key");
        QTest::newRow("renamed") << static_cast<int>(Qt::Key_Return);
        QTest::newRow("cancelled") << static_cast<int>(Qt::Key_Escape);
    }

    void theKeyboardComesBackFromRenaming() {
        QFETCH(int, key);
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"projects"_s);
        console.window().findChild<QAction*>(u"project.rename"_s)->trigger();
        auto* name = console.find<QLineEdit>(u"projects.rename.name"_s);
        QTRY_COMPARE(QApplication::focusWidget(), name);
        QTest::keyClicks(name, u"Arena"_s);
        QTest::keyClick(name, static_cast<Qt::Key>(key));
        QTRY_VERIFY(!name->isVisible());
        QCOMPARE(QApplication::focusWidget(), console.find(u"project.more"_s));
    }

    void eachViewTakesTheKeyboardWhereWorkStarts() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        QTest::keyClick(&console.window(), Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(QApplication::focusWidget(), console.find(u"projects.list"_s));
        QTest::keyClick(&console.window(), Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(QApplication::focusWidget(), console.find(u"liveList"_s));
    }

    void tabGoesFromTopToBottom() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"projects"_s);
        console.find(u"projects.list"_s)->setFocus(Qt::TabFocusReason);
        QStringList order;
        for (int i = 0; i < 40 && order.value(order.size() - 1) != u"namespaces.table"_s; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            order += QApplication::focusWidget()->objectName();
        }
        const QStringList wanted{u"project.environment"_s, u"project.test"_s,       u"project.more"_s,
                                 u"keys.id.copy"_s,        u"keys.server.reveal"_s, u"keys.server.copy"_s,
                                 u"keys.client.reveal"_s,  u"snippets.tabs"_s,      u"snippets.copy"_s,
                                 u"namespaces.edit"_s,     u"namespaces.table"_s};
        qsizetype at = -1;
        for (const auto& name : wanted) {
            QVERIFY2(order.indexOf(name) > at, qPrintable(name + u" in "_s + order.join(u' ')));
            at = order.indexOf(name);
        }
    }

    void shownKeysAreThoseThatWork() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"projects"_s);
        auto& actions = console.window().actions();
        auto* create = actions.find(u"project.new"_s);
        const auto shown = [&] {
            return wordsOn(console.find(u"projects"_s)).split(u'\n').contains(create->shortcut().toString());
        };
        QVERIFY(shown());
        QVERIFY(actions.setShortcut(create, QKeySequence(Qt::CTRL | Qt::Key_J)));
        QVERIFY(shown());
    }

    void aSecondStartBringsBackAMinimisedWindow() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showMinimized();
        QTRY_VERIFY(console.window().isMinimized());
        console.console().show();
        QTRY_VERIFY(!console.window().isMinimized());
    }

    void unsavedChangesOfANamespaceAreNotLost() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"projects"_s);
        press(console.find(u"namespaces.edit"_s));
        const QPointer<QDialog> dialog = console.find<QDialog>(u"namespaceDialog"_s);
        QTRY_VERIFY(dialog->isVisible());
        auto* list = dialog->findChild<QListWidget*>(u"namespaceDialog.list"_s);
        auto* name = dialog->findChild<QLineEdit*>(u"namespaceDialog.name"_s);
        auto* presence = dialog->findChild<QCheckBox*>(u"namespaceDialog.presence"_s);
        auto* problem = dialog->findChild<InlineError*>(u"namespaceDialog.problem"_s);
        const auto first = name->text();
        const bool before = presence->isChecked();
        presence->click();

        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
        ConsoleFixture::settle();
        QCOMPARE(name->text(), first);
        QCOMPARE(presence->isChecked(), !before);
        QCOMPARE(list->currentRow(), 0);
        QVERIFY(problem->error().contains(first));
        QTest::keyClick(dialog, Qt::Key_Escape);
        QVERIFY(dialog->isVisible());

        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
        ConsoleFixture::settle();
        press(dialog->findChild<QWidget*>(u"namespaceDialog.problem.remedy"_s));
        QTRY_COMPARE(list->currentRow(), 1);
        QVERIFY(name->text() != first);
        QVERIFY(problem->error().isEmpty());
        list->setCurrentRow(0);
        QCOMPARE(presence->isChecked(), before);
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(dialog.isNull());
    }

    // The last one: an application that was told to exit runs no further loops.
    void aStopSignalIsNotHeldUpByADialog() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"projects"_s);
        press(console.find(u"namespaces.edit"_s));
        auto* dialog = console.find<QDialog>(u"namespaceDialog"_s);
        QTRY_VERIFY(dialog->isVisible());
        dialog->findChild<QCheckBox*>(u"namespaceDialog.presence"_s)->click();
        constexpr int kPatienceMs = 5'000;
        QEventLoop loop;
        QTimer::singleShot(0, &loop, [&] { console.console().end(); });
        QTimer::singleShot(kPatienceMs, &loop, [&] { loop.exit(1); });
        QCOMPARE(loop.exec(), 0);
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const Theme theme(app);
    ConsoleWindowTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_console_window.moc"
