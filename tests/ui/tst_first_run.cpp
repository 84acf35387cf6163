#include "server/auth/secret.h"
#include "server/services/key_service.h"
#include "server/services/token_service.h"
#include "tests/ui/console_fixture.h"
#include "ui/live/live_list.h"
#include "ui/live/live_view.h"
#include "ui/overview/explain_dialog.h"
#include "ui/projects/projects_view.h"
#include "ui/shell/navigation.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/toast.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QFontDatabase>
#include <QFuture>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QTabBar>
#include <QTableView>
#include <QTcpServer>
#include <QWebSocket>

using namespace xshathra;
using namespace xshathra::ui;
using namespace Qt::StringLiterals;
using test::ConsoleFixture;
using test::press;

namespace {

void pressEnter() { QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return); }

/// A browser's client: a WebSocket with an origin that sends one connect command.
class BrowserClient {
public:
    BrowserClient(ConsoleFixture& console, const QString& token) : socket_(u"http://localhost:5173"_s) {
        QObject::connect(&socket_, &QWebSocket::connected, &socket_, [this, token] {
            socket_.sendTextMessage(
                u"{\"id\":1,\"connect\":{\"token\":\"%1\",\"name\":\"js\",\"version\":\"5.8.1\"}}"_s.arg(token));
        });
        socket_.open(QUrl(console.server().endpoints().webSocket));
    }

    QWebSocket& socket() { return socket_; }

private:
    QWebSocket socket_;
};

QString mint(ConsoleFixture& console, const std::string& user) {
    const auto minted =
        console.server().tokens().mintConnection(console.firstProject().toStdString(), {user, {}, {}, {}});
    return minted ? QString::fromStdString(minted->token) : QString();
}

QString revealed(ConsoleFixture& console, const QString& project, auth::KeyKind kind) {
    auto future = console.server().projects().revealKey(project.toStdString(), kind);
    if (!QTest::qWaitFor([&] { return future.isFinished(); }) || !future.result())
        return {};
    return QString::fromStdString(std::string(future.result()->expose()));
}

/// The rows of the traffic list, as "in connect" and so on.
QStringList rowsOf(const models::LiveModel& live) {
    QStringList rows;
    for (int row = 0; row < live.rowCount(); ++row)
        rows += live.index(row, models::LiveModel::Dir).data().toString() + u' ' +
                live.index(row, models::LiveModel::Kind).data().toString();
    return rows;
}

}  // namespace

class FirstRunTest : public QObject {
    Q_OBJECT

    /// Past the introduction, as somebody who has been here before.
    static bool settled(ConsoleFixture& console) {
        if (!console.start())
            return false;
        press(console.find(u"firstRun.skip"_s));
        return QTest::qWaitFor([&] { return !console.console().status().firstRun(); });
    }

    static ProjectsView* openProjects(ConsoleFixture& console) {
        console.window().showView(u"projects"_s);
        return console.window().findChild<ProjectsView*>();
    }

private Q_SLOTS:
    void twoTimesEnterLeadToTheFirstLiveMessage() {
        ConsoleFixture console;
        QVERIFY(console.start());
        auto* name = console.find<QLineEdit>(u"firstRun.name"_s);
        QTRY_COMPARE(name->text(), u"My project"_s);
        QTRY_COMPARE(QApplication::focusWidget(), name);
        QCOMPARE(name->selectedText(), u"My project"_s);
        console.screenshots(u"first-run"_s);

        pressEnter();
        QTRY_COMPARE(console.window().currentView(), u"projects"_s);
        QTRY_COMPARE(QApplication::focusWidget(), console.find(u"project.test"_s));
        console.screenshots(u"first-run-project"_s);

        pressEnter();
        QTRY_COMPARE(console.window().currentView(), u"live"_s);
        auto* view = console.window().findChild<LiveView*>();
        QVERIFY(view != nullptr);
        QTRY_VERIFY(view->inspectorShown());
        auto* live = &console.console().live();
        const auto essentials = [live] {
            auto rows = rowsOf(*live);
            // Answers to requests and the join are not what this is about; the publication may overtake the request
            // that published it.
            rows.removeAll(u"out http"_s);
            rows.removeAll(u"out join"_s);
            if (rows.value(5) == u"out push"_s && rows.size() > 6)
                rows.swapItemsAt(5, 6);
            return rows;
        };
        QTRY_COMPARE(essentials(), (QStringList{u"in http"_s, u"in connect"_s, u"out reply"_s, u"in subscribe"_s,
                                                u"out reply"_s, u"in http"_s, u"out push"_s}));
        const auto preview = [&](int row) {
            return console.console().live().index(row, models::LiveModel::Preview).data().toString();
        };
        QVERIFY2(preview(0).contains(u"hello"_s), qPrintable(preview(0)));
        QVERIFY(view->list()->currentRow() >= 5);
        QCOMPARE(console.console().live().index(view->list()->currentRow(), models::LiveModel::Kind).data().toString(),
                 u"push"_s);

        QVERIFY(console.find(u"trail"_s)->isVisible());
        const auto trail = console.console().status().trail();
        QCOMPARE(trail.size(), 3);
        for (const auto& step : trail) {
            QVERIFY(step.outcome == TrailStepView::Outcome::Done);
            QVERIFY(step.nanoseconds > 0);
        }
        console.screenshots(u"live-test-message"_s);
        view->inspector()->setTab(Inspector::Tab::Raw);
        QVERIFY(view->inspector()
                    ->findChild<CodeView*>(u"liveInspector.raw"_s)
                    ->toPlainText()
                    .contains(u"Hello from Xshathra Console"_s));
        view->inspector()->setTab(Inspector::Tab::Tree);

        // The connect's decision.
        for (int row = 0; row < console.console().live().rowCount(); ++row) {
            if (console.console().live().eventAt(row)->kind == capture::Kind::Connect)
                view->list()->goToRow(row);
        }
        view->inspector()->setTab(Inspector::Tab::Decision);
        ConsoleFixture::settle();
        QVERIFY(view->inspector()->tab() == Inspector::Tab::Decision);
        press(console.find(u"trail.close"_s));
        console.screenshots(u"live-decision"_s);

        // The last step still stands, but the next start doesn't begin at the first.
        QVERIFY(console.console().status().firstRun());
        console.reopen();
        QVERIFY(!console.console().status().firstRun());
    }

    void aNewNameRenamesTheReadyProject() {
        ConsoleFixture console;
        QVERIFY(console.start());
        QTRY_COMPARE(console.find<QLineEdit>(u"firstRun.name"_s)->selectedText(), u"My project"_s);
        QTest::keyClicks(QApplication::focusWidget(), u"Arena"_s);
        pressEnter();
        QTRY_COMPARE(console.window().currentView(), u"projects"_s);
        QCOMPARE(console.server().projects().list().size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(console.server().projects().list().front()->name), u"Arena"_s);
        QTRY_COMPARE(console.console().status().projects().constFirst().name, u"Arena"_s);
    }

    void projectsAreMadeRenamedDeletedAndBroughtBack() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        auto* view = openProjects(console);
        QVERIFY(view != nullptr);
        auto* list = console.find<QListView>(u"projects.list"_s);
        QCOMPARE(list->model()->rowCount(), 1);

        press(console.find(u"projects.add"_s));
        auto* name = console.find<QLineEdit>(u"projects.create.name"_s);
        QTRY_COMPARE(QApplication::focusWidget(), name);
        QTest::keyClicks(name, u"my PROJECT"_s);
        press(console.find(u"projects.create.submit"_s));
        auto* error = console.find<InlineError>(u"projects.create.name.error"_s);
        QTRY_VERIFY(!error->error().isEmpty());
        QVERIFY2(error->error().contains(u"My project"_s, Qt::CaseInsensitive), qPrintable(error->error()));
        QCOMPARE(list->model()->rowCount(), 1);
        console.screenshots(u"project-name-taken"_s);

        name->selectAll();
        QTest::keyClicks(name, u"Arena-staging"_s);
        QVERIFY(error->error().isEmpty());
        auto* environment = console.find<QComboBox>(u"projects.create.environment"_s);
        environment->setCurrentIndex(environment->findData(u"staging"_s));
        pressEnter();
        QTRY_COMPARE(list->model()->rowCount(), 2);
        QTRY_COMPARE(list->currentIndex().data().toString(), u"Arena-staging"_s);
        const auto made = view->currentProject();
        QVERIFY(made.startsWith(u"proj_"_s));
        QTRY_COMPARE(console.console().status().currentProject(), made);

        console.window().findChild<QAction*>(u"project.rename"_s)->trigger();
        auto* rename = console.find<QLineEdit>(u"projects.rename.name"_s);
        QTRY_COMPARE(QApplication::focusWidget(), rename);
        QTest::keyClicks(rename, u"Arena-test"_s);
        pressEnter();
        QTRY_COMPARE(list->currentIndex().data().toString(), u"Arena-test"_s);
        QVERIFY(!rename->isVisible());

        console.window().findChild<QAction*>(u"project.remove"_s)->trigger();
        QTRY_COMPARE(list->model()->rowCount(), 1);
        QTRY_VERIFY(console.window().toast()->isVisible());
        QVERIFY(console.window().toast()->text().contains(u"Arena-test"_s));
        console.screenshots(u"project-deleted"_s);
        press(console.find(u"toast.undo"_s));
        QTRY_COMPARE(list->model()->rowCount(), 2);
        QTRY_COMPARE(view->currentProject(), made);
        QCOMPARE(list->currentIndex().data().toString(), u"Arena-test"_s);
    }

    void keysAreRevealedCopiedAndRotated() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        QVERIFY(openProjects(console) != nullptr);
        const auto key = revealed(console, console.firstProject(), auth::KeyKind::Server);
        QVERIFY(!key.isEmpty());
        const auto shows = [&](const QString& what) {
            const auto labels = console.find(u"keys.server"_s)->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(),
                               [&](QLabel* label) { return label->text().contains(what); });
        };
        QVERIFY(!shows(key));
        press(console.find(u"keys.server.reveal"_s));
        QTRY_VERIFY(shows(key));
        console.screenshots(u"key-revealed"_s);
        console.find(u"projects.list"_s)->setFocus(Qt::TabFocusReason);
        QTRY_VERIFY(!shows(key));

        QGuiApplication::clipboard()->clear();
        press(console.find(u"keys.server.copy"_s));
        QTRY_COMPARE(QGuiApplication::clipboard()->text(), key);

        const auto valid = [&](const QString& text) {
            return console.server().keys().authenticateServer(text.toStdString()).has_value();
        };
        QVERIFY(valid(key));
        console.window().findChild<QAction*>(u"keys.server.rotate.3600"_s)->trigger();
        auto* grace = console.find<QLabel>(u"keys.server.grace"_s);
        QTRY_VERIFY(grace->isVisible());
        QVERIFY2(grace->text().contains(key.right(2)), qPrintable(grace->text()));
        QVERIFY(grace->text().contains(u"59 min"_s) || grace->text().contains(u"1 h"_s));
        const auto fresh = revealed(console, console.firstProject(), auth::KeyKind::Server);
        QVERIFY(fresh != key);
        QVERIFY(valid(fresh));
        QVERIFY(valid(key));
        console.screenshots(u"projects"_s);
        press(console.find(u"keys.server.grace.end"_s));
        QTRY_VERIFY(!grace->isVisible());
        QVERIFY(!valid(key));
        QVERIFY(valid(fresh));
    }

    void snippetsAreMaskedOnTheScreenAndWholeOnTheClipboard() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        QVERIFY(openProjects(console) != nullptr);
        const auto key = revealed(console, console.firstProject(), auth::KeyKind::Server);
        auto* tabs = console.find<QTabBar>(u"snippets.tabs"_s);
        auto* code = console.find<CodeView>(u"snippets.code"_s);
        int withKey = 0;
        for (int tab = 0; tab < tabs->count(); ++tab) {
            tabs->setCurrentIndex(tab);
            QVERIFY2(!code->toPlainText().contains(key), qPrintable(tabs->tabText(tab)));
            QVERIFY(!code->toPlainText().contains(u'@' + u"serverKey"_s));
            QGuiApplication::clipboard()->clear();
            press(console.find(u"snippets.copy"_s));
            QTRY_VERIFY(!QGuiApplication::clipboard()->text().isEmpty());
            const auto copied = QGuiApplication::clipboard()->text();
            QVERIFY(!copied.contains(QChar(0x2022)));
            if (code->toPlainText().contains(QChar(0x2022))) {
                ++withKey;
                QVERIFY2(copied.contains(key), qPrintable(tabs->tabText(tab)));
            } else {
                QCOMPARE(copied.trimmed(), code->toPlainText().trimmed());
            }
            console.screenshots(u"snippet-%1"_s.arg(tab));
        }
        QCOMPARE(withKey, 4);
        tabs->setCurrentIndex(0);
        QVERIFY(code->toPlainText().contains(console.server().endpoints().webSocket));
    }

    void aNamespaceIsEditedInItsDialog() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        QVERIFY(openProjects(console) != nullptr);
        press(console.find(u"namespaces.edit"_s));
        auto* dialog = console.find<QDialog>(u"namespaceDialog"_s);
        QTRY_VERIFY(dialog->isVisible());
        auto* list = dialog->findChild<QListWidget*>(u"namespaceDialog.list"_s);
        list->setCurrentRow(0);
        const auto name = list->currentItem()->text();
        auto* ttl = dialog->findChild<QLineEdit*>(u"namespaceDialog.history_ttl"_s);
        auto* save = dialog->findChild<Button*>(u"namespaceDialog.save"_s);
        ttl->selectAll();
        QTest::keyClicks(ttl, u"ten"_s);
        QVERIFY(dialog->findChild<InlineError*>(u"namespaceDialog.history_ttl.error"_s)->error().contains(u"ten"_s));
        QVERIFY(!save->isEnabled());
        console.screenshots(u"namespaces-error"_s, dialog);
        ttl->selectAll();
        QTest::keyClick(ttl, Qt::Key_Delete);
        auto* presence = dialog->findChild<QCheckBox*>(u"namespaceDialog.presence"_s);
        const bool before = presence->isChecked();
        presence->click();
        QVERIFY(save->isEnabled());
        console.screenshots(u"namespaces"_s, dialog);
        press(save);
        const auto stored = [&] {
            for (const auto& ns : console.server().projects().list().front()->namespaces) {
                if (QString::fromStdString(ns.name) == name)
                    return ns.options.presence;
            }
            return before;
        };
        QTRY_COMPARE(stored(), !before);
        press(dialog->findChild<Button*>(u"namespaceDialog.close"_s));
    }

    void tellsWhoConnectedAndWhoWasRefused() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        auto* view = openProjects(console);
        QVERIFY(view != nullptr);
        auto* news = console.find<StateCard>(u"snippets.news"_s);
        QVERIFY(news->accessibleName().contains(u"Waiting"_s));
        BrowserClient good(console, mint(console, "u1"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            news->accessibleName().contains(u"centrifuge-js 5.8.1 connected as u1 from http://localhost:5173"_s),
            qPrintable(news->accessibleName()), 10'000);
        QTRY_COMPARE(console.find<QListView>(u"projects.list"_s)
                         ->model()
                         ->index(0, 0)
                         .data(models::ProjectListModel::ConnectionsRole)
                         .toInt(),
                     1);
        console.screenshots(u"projects-connected"_s);
        auto* live = console.window().navigationItem(u"live"_s);
        QVERIFY(!live->accessibleName().contains(u"errors"_s));

        auto bad = mint(console, "u2");
        bad[bad.size() - 5] = bad.at(bad.size() - 5) == u'A' ? QChar(u'B') : QChar(u'A');
        BrowserClient refused(console, bad);
        QTRY_VERIFY2_WITH_TIMEOUT(news->accessibleName().contains(u"signature"_s, Qt::CaseInsensitive),
                                  qPrintable(news->accessibleName()), 10'000);
        console.screenshots(u"projects-refused"_s);
        QTRY_VERIFY(live->accessibleName().contains(u"errors"_s));

        console.window().showView(u"overview"_s);
        QTRY_VERIFY(!console.console().status().problems().isEmpty());
        const auto figures = console.console().status().figures();
        QVERIFY(figures.connections >= 1);
        QVERIFY(figures.captureKept > 0);
        QTest::qWait(1200);
        console.screenshots(u"overview"_s);
        auto* problems = console.find<QAbstractItemView>(u"overview.problems"_s);
        problems->setFocus(Qt::TabFocusReason);
        QTest::keyClick(problems, Qt::Key_Return);
        auto* explain = console.find<QDialog>(u"explain"_s);
        QTRY_VERIFY(explain->isVisible());
        console.screenshots(u"explain"_s, explain);
        press(explain->findChild<QPushButton*>(u"explain.show"_s));
        QTRY_COMPARE(console.window().currentView(), u"live"_s);
        auto* traffic = console.window().findChild<LiveView*>();
        QTRY_VERIFY(traffic->inspectorShown());
        QVERIFY(!live->accessibleName().contains(u"errors"_s));
        console.screenshots(u"live-refused"_s);
    }

    void theSwitcherScopesTheTraffic() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        console.window().showView(u"live"_s);
        console.screenshots(u"live-empty"_s);
        BrowserClient client(console, mint(console, "u1"));
        QTRY_VERIFY(console.console().live().rowCount() > 0);
        services::NewProject other;
        other.name = "Other";
        auto made = console.server().projects().create(other);
        QVERIFY(QTest::qWaitFor([&] { return made.isFinished(); }));
        QVERIFY(made.result());
        QTRY_COMPARE(console.console().status().projects().size(), 2);
        QVERIFY(openProjects(console) != nullptr);
        press(console.find(u"project.test"_s));
        const auto& status = console.console().status();
        QTRY_VERIFY(status.trail().size() == 3 && status.trail().constLast().outcome == TrailStepView::Outcome::Done);
        QVERIFY(console.find(u"trail"_s)->isVisible());
        console.console().status().setCurrentProject(QString::fromStdString((*made.result())->id));
        QTRY_COMPARE(console.console().live().rowCount(), 0);
        QVERIFY2(!console.find(u"trail"_s)->isVisible(), "the test message was another project's");
        console.console().status().setCurrentProject({});
        QTRY_VERIFY(console.console().live().rowCount() > 0);
    }

    void othersFollowTheTrafficBesideTheWindow() {
        ConsoleFixture console;
        QVERIFY(settled(console));
        std::vector<std::uint64_t> followed;
        const auto id = console.server().addCaptureObserver([&](const std::vector<capture::Event>& events) {
            for (const auto& event : events)
                followed.push_back(event.seq);
        });
        QVERIFY(id != 0);
        const auto first = console.console().live().counters().total + 1;
        console.window().hide();
        BrowserClient client(console, mint(console, "u1"));
        QTRY_VERIFY(followed.size() >= 2);
        console.window().show();
        console.console().live().takeArrived();
        console.server().removeCaptureObserver(id);
        const auto& store = console.console().live().store();
        std::vector<std::uint64_t> kept;
        store.forEach(store.positionOfSeq(first), store.end(),
                      [&](auto, const capture::StoredEvent& event, std::string_view) {
                          kept.push_back(event.seq);
                          return true;
                      });
        QCOMPARE(followed, kept);
        const auto counters = console.console().live().counters();
        QCOMPARE(counters.kept + counters.evicted + counters.cleared + counters.waiting, counters.total);
        const auto before = followed.size();
        BrowserClient another(console, mint(console, "u2"));
        QTRY_VERIFY(console.console().live().counters().total > counters.total + 1);
        console.console().live().takeArrived();
        QCOMPARE(followed.size(), before);
    }

    void aTakenPortIsSaidAndLeftByOneClick() {
        QTcpServer holder;
        QVERIFY(holder.listen(QHostAddress::LocalHost));
        ConsoleFixture console(holder.serverPort());
        console.server().start();
        QTRY_VERIFY(console.server().state() == runtime::State::PortInUse);
        QVERIFY(QTest::qWaitForWindowActive(&console.window()));
        QTRY_VERIFY(console.find(u"banner.server"_s)->isVisible());
        QVERIFY(console.find(u"banner.server"_s)->accessibleName().contains(QString::number(holder.serverPort())));
        ConsoleFixture::settle();
        console.screenshots(u"port-in-use"_s);
        press(console.find(u"banner.usePort"_s));
        QTRY_VERIFY(console.server().state() == runtime::State::Running);
        QTRY_VERIFY(!console.find(u"banner.server"_s)->isVisible());
        QVERIFY(console.console().status().address().port != holder.serverPort());
        openProjects(console);
        QTRY_VERIFY(console.find<CodeView>(u"snippets.code"_s)
                        ->toPlainText()
                        .contains(u":%1/"_s.arg(console.console().status().address().port)));
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    // The renderings are compared with drawings in this font, where it is installed.
    if (QFontDatabase::families().contains(u"Inter"_s))
        app.setFont(QFont(u"Inter"_s, 10));
    const Theme theme(app);
    FirstRunTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_first_run.moc"
