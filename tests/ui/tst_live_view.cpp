#include "tests/ui/live_fixture.h"
#include "ui/live/preview_runs.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/filter_field.h"

#include <QAbstractButton>
#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::ui;
using namespace Qt::StringLiterals;
using capture::Kind;
using models::LiveModel;

namespace {

using Fixture = test::LiveFixture;

void save(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("XSHATHRA_SCREENSHOTS");
    if (!folder.isEmpty()) {
        QDir().mkpath(folder);
        QVERIFY(widget.grab().save(folder + u"/"_s + name + u".png"_s));
    }
}

}  // namespace

class LiveViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (QFontDatabase::families().contains(u"Inter"_s)) {
            QFont application(u"Inter"_s);
            application.setPointSizeF(9.75);
            QApplication::setFont(application);
        }
        if (QFontDatabase::families().contains(u"JetBrains Mono"_s)) {
            setMonoFamily(u"JetBrains Mono"_s);
        }
        theme_ = new Theme(*qApp);
    }
    void cleanupTestCase() { delete theme_; }

    void staysAtTheNewestRowWhileFollowing() {
        Fixture f;
        f.add(200);
        QVERIFY(f.model.following());
        QVERIFY(f.atEnd());
        f.add(50);
        QVERIFY(f.atEnd());
        QVERIFY(f.child<QWidget>(u"liveFollowStrip"_s)->isHidden());
    }

    void scrollingUpStopsFollowingAndRowsStayInPlace() {
        Fixture f;
        f.add(200);
        f.bar()->triggerAction(QAbstractSlider::SliderPageStepSub);
        QVERIFY(!f.model.following());
        const int top = f.seqAtTop();
        f.add(100);
        QCOMPARE(f.seqAtTop(), top);
        QVERIFY(f.child<QWidget>(u"liveFollowStrip"_s)->isVisible());
        f.child<QAbstractButton>(u"liveFollowStrip.link"_s)->click();
        QVERIFY(f.model.following());
        QVERIFY(f.atEnd());
    }

    void rowsStayInPlaceWhileOldOnesAreEvicted() {
        test::ManualClock clock;
        capture::Recorder recorder(clock);
        capture::StoreLimits limits;
        limits.events = 800;
        LiveModel model(recorder, limits);
        LiveView view(model);
        view.resize(1000, 600);
        view.show();
        const auto add = [&](int count) {
            for (int i = 0; i < count; ++i) {
                capture::Event event;
                event.payload = SharedBytes::fromStatic("{}");
                recorder.record(std::move(event));
            }
            model.takeArrived();
        };
        add(800);
        view.list()->goToRow(500);
        const std::uint64_t top = model.eventAt(view.list()->visibleRows().first)->seq;
        const std::uint64_t current = model.eventAt(view.list()->currentRow())->seq;
        add(250);
        QCOMPARE(model.eventAt(view.list()->visibleRows().first)->seq, top);
        QCOMPARE(model.eventAt(view.list()->currentRow())->seq, current);
        add(800);
        QCOMPARE(view.list()->currentRow(), -1);
    }

    void endJumpsToTheNewest() {
        Fixture f;
        f.add(200);
        f.view.list()->goToRow(3);
        QVERIFY(!f.model.following());
        QTest::keyClick(f.view.list(), Qt::Key_End);
        QVERIFY(f.model.following());
        QVERIFY(f.atEnd());
    }

    void keysMoveAlongRowsAndChannels() {
        Fixture f;
        f.add(1, "a");
        f.add(2, "b");
        f.add(1, "a");
        LiveList* list = f.view.list();
        list->setFocus();
        list->goToRow(0);
        QTest::keyClick(list, Qt::Key_J);
        QCOMPARE(list->currentRow(), 1);
        QTest::keyClick(list, Qt::Key_K);
        QCOMPARE(list->currentRow(), 0);
        QTest::keyClick(list, Qt::Key_N);
        QCOMPARE(list->currentRow(), 3);
        QTest::keyClick(list, Qt::Key_N, Qt::ShiftModifier);
        QCOMPARE(list->currentRow(), 0);
        QTest::keyClick(list, Qt::Key_Down);
        QCOMPARE(list->currentRow(), 1);
        QTest::keyClick(list, Qt::Key_M);
        QVERIFY(list->isMarked(2));
    }

    void rGoesFromCommandToReply() {
        Fixture f;
        f.sample();
        LiveList* list = f.view.list();
        list->setFocus();
        const auto* error = f.model.eventAt(f.model.rowOfSeq(12));
        QVERIFY(error != nullptr && error->kind == Kind::Error);
        list->goToRow(f.model.rowOfSeq(12));
        QTest::keyClick(list, Qt::Key_R);
        QVERIFY(f.model.eventAt(list->currentRow())->kind == Kind::Subscribe);
        QTest::keyClick(list, Qt::Key_R);
        QVERIFY(f.model.eventAt(list->currentRow())->kind == Kind::Error);
    }

    void pPausesAndResumes() {
        Fixture f;
        f.add(5);
        f.view.list()->setFocus();
        QTest::keyClick(f.view.list(), Qt::Key_P);
        QVERIFY(f.model.paused());
        f.add(7);
        QCOMPARE(f.model.rowCount(), 5);
        QVERIFY(f.child<QWidget>(u"liveFollowStrip"_s)->isVisible());
        QTest::keyClick(f.view.list(), Qt::Key_P);
        QVERIFY(!f.model.paused());
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 12);
    }

    void filterFieldFiltersAndEscapeKeepsTheSelection() {
        Fixture f;
        f.add(300, "match:42");
        f.add(3, "chat:lobby");
        f.add(300, "match:42");
        auto* field = f.view.findChild<FilterField*>(u"liveFilter"_s);
        f.view.list()->setFocus();
        QTest::keyClick(f.view.list(), Qt::Key_Slash);
        QVERIFY(field->edit()->hasFocus());
        QTest::keyClicks(field->edit(), u"LOBBY"_s);
        QTest::keyClick(field->edit(), Qt::Key_Return);
        QTRY_COMPARE(f.model.rowCount(), 3);
        QVERIFY(f.view.list()->hasFocus());
        f.view.list()->goToRow(1);
        const std::uint64_t seq = f.model.eventAt(1)->seq;
        QTest::keyClick(f.view.list(), Qt::Key_Escape);
        QTRY_COMPARE(f.model.rowCount(), 603);
        QCOMPARE(f.model.eventAt(f.view.list()->currentRow())->seq, seq);
        const auto [first, last] = f.view.list()->visibleRows();
        QVERIFY(f.view.list()->currentRow() > first && f.view.list()->currentRow() < last);
        QVERIFY(std::abs(f.view.list()->currentRow() - (first + last) / 2) <= 2);
        QVERIFY(f.view.inspectorShown());
        QTest::keyClick(f.view.list(), Qt::Key_Escape);
        QVERIFY(!f.view.inspectorShown());
    }

    void aSelectionHiddenByAFilterComesBack() {
        Fixture f;
        f.add(10, "a");
        f.add(10, "b");
        f.view.list()->goToRow(15);
        f.view.setFilter(u"\"a\" push"_s);
        QTRY_COMPARE(f.model.rowCount(), 10);
        QCOMPARE(f.view.list()->currentRow(), -1);
        f.view.setFilter({});
        QTRY_COMPARE(f.model.rowCount(), 20);
        QCOMPARE(f.view.list()->currentRow(), 15);
    }

    void showsWhatToDoWhenNothingIsCaptured() {
        Fixture f;
        auto* empty = f.child<QWidget>(u"liveEmpty"_s);
        QVERIFY(empty->isVisible());
        QSignalSpy send(&f.view, &LiveView::testMessageRequested);
        f.child<QAbstractButton>(u"liveEmpty.test"_s)->click();
        QCOMPARE(send.count(), 1);
        QVERIFY(!f.child<QWidget>(u"liveEmpty.record"_s)->isVisible());
        f.view.setRecording(false);
        QVERIFY(f.child<QWidget>(u"liveEmpty.record"_s)->isVisible());
        f.add(1);
        QVERIFY(!empty->isVisible());
        f.model.clear();
        QVERIFY(empty->isVisible());
    }

    void offersTheNearestFilterWhenNothingMatches() {
        Fixture f;
        f.add(10, "chat:lobby");
        f.view.setFilter(u"lobby missing"_s);
        auto* noMatch = f.child<QWidget>(u"liveNoMatch"_s);
        QTRY_VERIFY(noMatch->isVisible());
        auto* drop = f.child<QAbstractButton>(u"liveNoMatch.drop"_s);
        QVERIFY(drop->isVisible());
        drop->click();
        QTRY_COMPARE(f.model.rowCount(), 10);
        QVERIFY(!noMatch->isVisible());
        f.view.setFilter(u"missing"_s);
        QTRY_VERIFY(noMatch->isVisible());
        QVERIFY(!drop->isVisible());
        f.child<QAbstractButton>(u"liveNoMatch.clear"_s)->click();
        QTRY_COMPARE(f.model.rowCount(), 10);
    }

    void inspectorShowsWhatChanged() {
        Fixture f;
        f.sample();
        QVERIFY(f.view.showSeq(13));
        auto* tree = f.child<QTreeView>(u"liveInspector.tree"_s);
        const QAbstractItemModel* model = tree->model();
        const QModelIndex push = model->index(0, 0);
        QCOMPARE(push.data().toString(), u"push"_s);
        const QModelIndex data = model->index(0, 0, model->index(1, 0, push));
        QCOMPARE(model->index(0, 3, data).data().toString(), u"+1  was 1811"_s);
        QCOMPARE(model->index(1, 3, data).data().toString(), u"−4  was 31"_s);
        QCOMPARE(model->index(3, 3, data).data().toString(), u"new"_s);
        auto* tabs = f.child<QTabBar>(u"liveInspector.tabs"_s);
        QVERIFY(!tabs->isTabEnabled(static_cast<int>(Inspector::Tab::Decision)));
    }

    void theTreeFitsANarrowPane() {
        Fixture f;
        f.sample();
        f.view.resize(760, 600);
        QVERIFY(f.view.showSeq(13));
        QTRY_COMPARE(f.child<QTreeView>(u"liveInspector.tree"_s)->horizontalScrollBar()->maximum(), 0);
    }

    void aRefusalOpensItsDecision() {
        Fixture f;
        f.sample();
        f.view.setCodeAdvisor([](Kind, std::uint32_t code) {
            return CodeText{code == 103 ? u"permission denied"_s : QString(), u"Ask for the right channel."_s,
                            u"no, the subscription stays unsubscribed"_s};
        });
        QVERIFY(f.view.showNewest(Kind::Error, u"$vip"_s));
        QVERIFY(f.view.inspector()->tab() == Inspector::Tab::Decision);
        QTRY_VERIFY(f.child<QWidget>(u"liveInspector.check4"_s)->isVisible());
        QCOMPARE(f.child<QWidget>(u"liveInspector.check4"_s)->accessibleName(),
                 u"Channel, failed, found channel = \"vip\", expected channel = \"$vip\""_s);
    }

    void theInspectorKeepsAnEvictedEvent() {
        test::ManualClock clock;
        capture::Recorder recorder(clock);
        capture::StoreLimits limits;
        limits.events = 80;
        LiveModel model(recorder, limits);
        LiveView view(model);
        view.resize(1000, 600);
        view.show();
        const auto add = [&](int count, std::string_view payload) {
            for (int i = 0; i < count; ++i) {
                capture::Event event;
                event.payload = SharedBytes::copyOf(payload);
                recorder.record(std::move(event));
            }
            model.takeArrived();
        };
        add(1, "{\"first\":1}");
        QVERIFY(view.showSeq(1));
        auto* tree = view.findChild<QTreeView*>(u"liveInspector.tree"_s);
        add(200, "{}");
        QVERIFY(model.rowOfSeq(1) < 0);
        QCOMPARE(tree->model()->index(0, 0).data().toString(), u"first"_s);
        model.clear();
        QVERIFY(!tree->isVisible());
    }

    void drainsOnlyWhenNeededWhileHidden() {
        Fixture f;
        QVERIFY(f.model.pace() == LiveModel::Pace::Live);
        f.view.hide();
        QVERIFY(f.model.pace() == LiveModel::Pace::Hidden);
        f.view.show();
        QVERIFY(f.model.pace() == LiveModel::Pace::Live);
    }

    void columnWidthsCanBeKept() {
        Fixture f;
        f.view.list()->header()->resizeSection(LiveModel::Channel, 222);
        const QByteArray state = f.view.saveColumns();
        f.view.list()->header()->resizeSection(LiveModel::Channel, 90);
        f.view.restoreColumns(state);
        QCOMPARE(f.view.list()->header()->sectionSize(LiveModel::Channel), 222);
        f.view.restoreColumns("nonsense");
        QCOMPARE(f.view.list()->header()->sectionSize(LiveModel::Channel), 222);
    }

    void widthsOfOtherColumnsAreNotTaken() {
        Fixture f;
        const QByteArray bare = f.view.list()->header()->saveState();
        f.view.list()->header()->resizeSection(LiveModel::Channel, 222);
        f.view.restoreColumns(bare);
        QCOMPARE(f.view.list()->header()->sectionSize(LiveModel::Channel), 222);
    }

    void copiesThePayloadAsItIs() {
        Fixture f;
        f.add(1);
        f.view.list()->goToRow(0);
        f.view.list()->setFocus();
        QTest::keyClick(f.view.list(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"{\"n\":0}"_s);
    }

    void colouresAPreviewInOnePass_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("classes");
        // k key, p punctuation, v value; a character each.
        QTest::newRow("object") << u"{\"a\":1}"_s << u"pkkkpvp"_s;
        QTest::newRow("string value") << u"{\"a\":\"b\"}"_s << u"pkkkpvvvp"_s;
        QTest::newRow("array") << u"[1,\"x\"]"_s << u"pvpvvvp"_s;
        QTest::newRow("escaped quote") << u"{\"a\\\"\":1}"_s << u"pkkkkkpvp"_s;
        QTest::newRow("cut off") << u"{\"a\":\"b…"_s << u"pkkkpvvv"_s;
        QTest::newRow("cut after backslash") << u"{\"a\\"_s << u"pvvv"_s;
        QTest::newRow("words") << u"POST /x {\"a\":1}"_s << u"vvvvvvvvvvvvvvv"_s;
        QTest::newRow("nothing") << QString() << QString();
    }
    void colouresAPreviewInOnePass() {
        QFETCH(QString, text);
        QFETCH(QString, classes);
        QString found;
        for (const PreviewRun& run : previewRuns(text)) {
            QCOMPARE(run.start, found.size());
            const QChar letter = run.token == Token::Text2 ? u'k' : run.token == Token::Text3 ? u'p' : u'v';
            found += QString(run.length, letter);
        }
        QCOMPARE(found, classes);
    }

    void findsWithoutHiding() {
        Fixture f;
        f.add(30);
        f.add(1, "chat:other");
        f.add(30);
        f.view.beginFind();
        auto* text = f.child<QLineEdit>(u"liveFind.text"_s);
        QCOMPARE(QApplication::focusWidget(), text);
        QTest::keyClicks(text, u"other"_s);
        QTest::keyClick(text, Qt::Key_Return);
        QCOMPARE(f.view.list()->currentRow(), 30);
        QCOMPARE(f.model.rowCount(), 61);
        f.view.findNext(1);
        QCOMPARE(f.view.list()->currentRow(), 30);
        QCOMPARE(f.child<QLabel>(u"liveFind.message"_s)->text(), u"The only match"_s);

        // Around the end, both ways.
        text->setText(u"\"n\":29"_s);
        f.view.findNext(1);
        QCOMPARE(f.view.list()->currentRow(), 60);
        f.view.findNext(1);
        QCOMPARE(f.view.list()->currentRow(), 29);
        f.view.findNext(-1);
        QCOMPARE(f.view.list()->currentRow(), 60);
        text->setText(u"nowhere"_s);
        f.view.findNext(1);
        QCOMPARE(f.child<QLabel>(u"liveFind.message"_s)->text(), u"Not found"_s);
        QCOMPARE(f.view.list()->currentRow(), 60);
        QTest::keyClick(text, Qt::Key_Escape);
        QVERIFY(!text->isVisible());
        QCOMPARE(QApplication::focusWidget(), f.view.list());
    }

    void goesToASequenceNumber_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<int>("row");
        QTest::addColumn<QString>("message");
        QTest::newRow("there") << u"40"_s << 39 << QString();
        QTest::newRow("as it is written") << u"#0,040"_s << 39 << QString();
        QTest::newRow("last") << u"60"_s << 59 << QString();
        QTest::newRow("above the last") << u"61"_s << 59 << u"#61 is not in the list; #60 is the nearest"_s;
        QTest::newRow("below the first") << u"0"_s << 0 << u"#0 is not in the list; #1 is the nearest"_s;
        QTest::newRow("no number") << u"x"_s << -1 << u"Not a number; the first column of the list has them"_s;
    }

    void goesToASequenceNumber() {
        QFETCH(QString, typed);
        Fixture f;
        f.add(60);
        f.view.beginGoTo();
        auto* text = f.child<QLineEdit>(u"liveFind.text"_s);
        QTest::keyClicks(text, typed);
        QTest::keyClick(text, Qt::Key_Return);
        QTEST(f.view.list()->currentRow(), "row");
        QTEST(f.child<QLabel>(u"liveFind.message"_s)->text(), "message");
    }

    void saysWhenTheCaptureIsFull() {
        Fixture f;
        capture::StoreLimits limits;
        limits.events = 80;
        f.model.setLimits(limits);
        f.add(80);
        auto* banner = f.child<QWidget>(u"liveFull"_s);
        QVERIFY(!banner->isVisible());
        f.add(1);
        QVERIFY(banner->isVisible());
        const auto dropped = f.model.counters().evicted;
        QVERIFY(dropped > 0);
        QVERIFY2(banner->accessibleName().contains(u"%1 oldest messages were dropped"_s.arg(dropped)),
                 qPrintable(banner->accessibleName()));
        QTest::mouseClick(f.child<QAbstractButton>(u"liveFull.close"_s), Qt::LeftButton);
        f.add(40);
        QVERIFY(!banner->isVisible());
        // A cleared capture tells of the next loss again, and only of that.
        f.model.clear();
        f.add(80);
        QVERIFY(!banner->isVisible());
        f.add(1);
        QVERIFY(banner->isVisible());
    }

    void saysHonestlyWhatIsKnownOfADelivery_data() {
        QTest::addColumn<quint32>("recipients");
        QTest::addColumn<QString>("said");
        QTest::newRow("none") << quint32{0} << u"Sent to nobody: the channel had no subscriber."_s;
        QTest::newRow("one") << quint32{1} << u"Sent to 1 subscriber"_s;
        QTest::newRow("many") << quint32{1200} << u"Sent to 1,200 subscribers"_s;
    }

    void saysHonestlyWhatIsKnownOfADelivery() {
        QFETCH(quint32, recipients);
        QFETCH(QString, said);
        Fixture f;
        capture::Event event;
        event.kind = Kind::Push;
        event.dir = capture::Direction::Out;
        event.channel = SharedBytes::copyOf("chat:lobby");
        event.payload = SharedBytes("{}");
        event.recipients = recipients;
        f.recorder.record(std::move(event));
        QVERIFY(f.view.showSeq(1));
        const auto labels = f.view.inspector()->findChildren<QLabel*>();
        const auto shows = [&](const QString& text) {
            return std::any_of(labels.begin(), labels.end(),
                               [&](const QLabel* label) { return label->isVisible() && label->text() == text; });
        };
        QVERIFY(shows(said));
        QCOMPARE(shows(u"Which clients these are, and when each of them received it, is not recorded."_s),
                 recipients > 0);
    }

    void everyControlHasAName() {
        Fixture f;
        f.sample();
        QVERIFY(f.view.showSeq(13));
        for (QWidget* widget : f.view.findChildren<QWidget*>()) {
            if (widget->focusPolicy() == Qt::NoFocus || widget->objectName().startsWith(u"qt_"_s) ||
                widget->focusProxy() != nullptr || !widget->isVisibleTo(&f.view)) {
                continue;
            }
            const auto* button = qobject_cast<QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty());
            QVERIFY2(named, qPrintable(QString::fromLatin1(widget->metaObject()->className()) + u" "_s +
                                       widget->objectName()));
            QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
        }
    }

    void pictures_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void pictures() {
        QFETCH(bool, dark);
        theme_->setChoice(dark ? ThemeChoice::Dark : ThemeChoice::Light);
        const QString look = dark ? u"-dark"_s : u"-light"_s;
        Fixture f;
        f.view.setCodeAdvisor([](Kind, std::uint32_t) {
            return CodeText{u"permission denied"_s, {}, u"no, the subscription stays unsubscribed"_s};
        });
        QTest::qWait(20);
        save(f.view, u"live-empty"_s + look);
        f.sample();
        f.add(1240, "match:proj_01J9Z3T8QH:42");
        QVERIFY(f.view.showSeq(13));
        f.view.list()->setFocus();
        f.bar()->setValue(40);
        QTest::qWait(20);
        save(f.view, u"live"_s + look);
        QVERIFY(f.view.showSeq(12));
        QTest::qWait(20);
        save(f.view, u"live-refused"_s + look);
        f.view.inspector()->setTab(Inspector::Tab::Frame);
        QTest::qWait(20);
        save(f.view, u"live-frame"_s + look);
        f.model.setProjectNames({{u"proj_01J9Z3T8QH"_s, u"Arena-dev"_s}, {u"proj_2"_s, u"Chat of the other office"_s}});
        f.add(2, "chat:proj_2:lobby", "proj_2");
        f.add(1, "match:proj_01J9Z3T8QH:42", "proj_01J9Z3T8QH");
        f.add(2, "chat:proj_01J9Z3T9AB:lobby", "proj_01J9Z3T9AB");
        f.model.setProjectScope({});
        f.bar()->setValue(f.bar()->maximum());
        QTest::qWait(20);
        save(f.view, u"live-all-projects"_s + look);
        f.model.setProjectScope(u"proj_01J9Z3T8QH"_s);
        f.view.inspector()->setTab(Inspector::Tab::Raw);
        QTest::qWait(20);
        save(f.view, u"live-raw"_s + look);
        f.view.inspector()->setTab(Inspector::Tab::Hex);
        QTest::qWait(20);
        save(f.view, u"live-hex"_s + look);
        f.view.setFilter(u"lobby missing"_s);
        QTRY_VERIFY(f.model.nothingMatches());
        QTest::qWait(20);
        save(f.view, u"live-no-match"_s + look);
        f.view.setFilter(u"lobby"_s);
        f.model.setFilterMode(LiveModel::FilterMode::Dim);
        f.bar()->setValue(0);
        QTest::qWait(20);
        save(f.view, u"live-dim"_s + look);
    }

private:
    Theme* theme_ = nullptr;
};

QTEST_MAIN(LiveViewTest)
#include "tst_live_view.moc"
