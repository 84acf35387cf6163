#include "tests/ui/live_fixture.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QImage>
#include <QLabel>

#include <algorithm>

using namespace xshathra;
using namespace xshathra::ui;
using namespace Qt::StringLiterals;
using models::LiveModel;
using Fixture = test::LiveFixture;

/// Whose each message is, while the messages of all projects are shown.
class LiveProjectsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theProjectHasAColumnWhileAllAreShown_data() {
        QTest::addColumn<int>("width");
        QTest::newRow("smallest") << 760;
        QTest::newRow("usual") << 1170;
    }
    void theProjectHasAColumnWhileAllAreShown() {
        QFETCH(int, width);
        Fixture f;
        f.view.resize(width, 600);
        f.sample();
        auto* header = f.view.list()->header();
        const auto end = [&] {
            return header->sectionViewportPosition(LiveModel::Preview) + header->sectionSize(LiveModel::Preview);
        };
        QVERIFY(header->isSectionHidden(LiveModel::Project));
        QCOMPARE(end(), header->width());
        f.model.setProjectScope({});
        QCOMPARE(end(), header->width());
        QVERIFY(!header->isSectionHidden(LiveModel::Project));
        QVERIFY(header->sectionSize(LiveModel::Project) >= 96);
        QVERIFY(header->visualIndex(LiveModel::Project) < header->visualIndex(LiveModel::Channel));
        const int least = width < 1000 ? 200 : 220;
        QVERIFY2(header->sectionViewportPosition(LiveModel::Preview) + least <= f.view.list()->viewport()->width(),
                 qPrintable(QString::number(header->sectionViewportPosition(LiveModel::Preview))));
        // Widths kept in one scope don't decide what the other shows.
        f.model.setProjectScope(u"proj_01J9Z3T8QH"_s);
        QCOMPARE(end(), header->width());
        header->resizeSection(LiveModel::Channel, 170);
        QCOMPARE(end(), header->width());
        const QByteArray state = f.view.saveColumns();
        f.model.setProjectScope({});
        f.view.restoreColumns(state);
        QCOMPARE(end(), header->width());
        QVERIFY(!header->isSectionHidden(LiveModel::Project));
        QVERIFY(header->sectionSize(LiveModel::Project) >= 96);
    }

    void aRowIsPaintedWithTheNameOfItsProject() {
        Fixture f;
        f.add(1, "chat:lobby", "proj_1");
        f.view.list()->follow();
        const auto cell = [&] {
            const QRect rect = f.view.list()->visualRect(f.model.index(0, LiveModel::Project));
            return f.view.list()->viewport()->grab(rect).toImage();
        };
        const QImage id = cell();
        f.model.setProjectNames({{u"proj_1"_s, u"Arena-dev"_s}});
        const QImage named = cell();
        QVERIFY(named != id);
        f.model.setProjectNames({{u"proj_1"_s, QString(200, u'W')}});
        const QRect rect = f.view.list()->visualRect(f.model.index(0, LiveModel::Project));
        const QImage wide = f.view.list()->viewport()->grab().toImage();
        f.model.setProjectNames({{u"proj_1"_s, u"W"_s}});
        const QImage narrow = f.view.list()->viewport()->grab().toImage();
        // A long name stays in its cell.
        QCOMPARE(wide.copy(rect.right() + 1, 0, 300, rect.height()),
                 narrow.copy(rect.right() + 1, 0, 300, rect.height()));
        QVERIFY(wide.copy(rect) != narrow.copy(rect));
    }

    void theInspectorNamesTheProject() {
        Fixture f;
        f.sample();
        QVERIFY(f.view.showSeq(13));
        const auto shown = [&](const QString& page, const QString& text) {
            const auto labels = f.child<QWidget>(page)->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(),
                               [&](const QLabel* label) { return label->isVisible() && label->text() == text; });
        };
        QTRY_VERIFY(shown(u"liveInspector.delivery"_s, u"Arena-dev"_s));
        f.view.inspector()->setTab(Inspector::Tab::Frame);
        QTRY_VERIFY(shown(u"liveInspector.frame"_s, u"Arena-dev"_s));
        QVERIFY(shown(u"liveInspector.frame"_s, u"proj_01J9Z3T8QH"_s));
        f.model.setProjectNames({{u"proj_01J9Z3T8QH"_s, u"Arena"_s}});
        QTRY_VERIFY(shown(u"liveInspector.delivery"_s, u"Arena"_s));
        QTRY_VERIFY(shown(u"liveInspector.frame"_s, u"Arena"_s));
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const Theme theme(app);
    LiveProjectsTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_live_projects.moc"
