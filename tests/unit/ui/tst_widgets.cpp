#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/label.h"
#include "ui/widgets/secret_row.h"
#include "ui/widgets/toast.h"
#include "ui/widgets/toggle_group.h"
#include "ui/widgets/view_bar.h"

#include <QApplication>
#include <QFontMetrics>
#include <QHelpEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <QtTest>

#include <algorithm>

using namespace xshathra::ui;
using namespace Qt::StringLiterals;

namespace {

QString toolTipOver(QWidget& widget) {
    QHelpEvent event(QEvent::ToolTip, {2, 2}, widget.mapToGlobal(QPoint(2, 2)));
    QApplication::sendEvent(&widget, &event);
    return QToolTip::text();
}

void paint(QWidget& widget) { (void)widget.grab(); }

}  // namespace

class WidgetsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { QToolTip::hideText(); }

    void hoveringTellsTheTextThatIsCut() {
        Label label(u"the first long text that has no room here"_s);
        label.setElide(Qt::ElideRight);
        label.resize(80, 20);
        label.show();
        QVERIFY(QTest::qWaitForWindowExposed(&label));
        paint(label);
        QVERIFY2(toolTipOver(label).contains(u"the first long text"_s), qPrintable(QToolTip::text()));
        label.setText(u"another text that has no room here either"_s);
        paint(label);
        QVERIFY2(toolTipOver(label).contains(u"another text"_s), qPrintable(QToolTip::text()));
        label.resize(800, 20);
        paint(label);
        QVERIFY(label.toolTip().isEmpty());
    }

    void aSecretLeavesNothingBehind() {
        const auto key = u"xsk_live_0123456789012345678901234567890123456"_s;
        // The masked text may fit where the key does not.
        for (int width = 260; width <= 640; width += 20) {
            SecretRow row(u"Server key"_s, u"key"_s);
            row.resize(width, 60);
            row.setMasked(u"xsk_live_"_s, u"56"_s);
            row.show();
            QVERIFY(QTest::qWaitForWindowExposed(&row));
            const auto holders = [&] {
                int count = 0;
                for (auto* widget : row.findChildren<QWidget*>()) {
                    auto* label = qobject_cast<QLabel*>(widget);
                    count +=
                        widget->toolTip().contains(key) || (label != nullptr && label->text().contains(key)) ? 1 : 0;
                }
                return count;
            };
            row.reveal(key);
            paint(row);
            QVERIFY(holders() > 0);
            row.conceal();
            paint(row);
            QVERIFY2(holders() == 0, qPrintable(QString::number(width)));
        }
    }

    void aRevealedSecretIsShownWhole_data() {
        QTest::addColumn<int>("width");
        QTest::newRow("room beside the buttons") << 900;
        QTest::newRow("no room beside the buttons") << 430;
    }

    void aRevealedSecretIsShownWhole() {
        QFETCH(int, width);
        const auto key = u"xsk_live_0123456789012345678901234567890123456"_s;
        SecretRow row(u"Server key"_s, u"key"_s);
        row.resize(width, 60);
        row.setMasked(u"xsk_live_"_s, u"56"_s);
        row.show();
        QVERIFY(QTest::qWaitForWindowExposed(&row));
        auto* reveal = row.findChild<Button*>(u"key.reveal"_s);
        const auto before = reveal->geometry();
        row.reveal(key);
        QCoreApplication::processEvents();
        const auto labels = row.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
            return label->isVisible() && label->text() == key &&
                   label->width() >= label->fontMetrics().horizontalAdvance(key);
        }));
        QCOMPARE(reveal->x(), before.x());
    }

    void aLongTitleGivesWay() {
        ViewBar bar(QString(300, u'w'));
        QVERIFY2(bar.minimumSizeHint().width() < 200, qPrintable(QString::number(bar.minimumSizeHint().width())));
        bar.setTitle(u"Live traffic"_s);
        QVERIFY(bar.sizeHint().width() > 80);
    }

    void aStateCardWrapsALongReason() {
        QWidget page;
        auto* column = new QVBoxLayout(&page);
        auto* card = new StateCard;
        column->addWidget(card);
        column->addStretch();
        page.resize(460, 300);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        card->setState(Tone::Err, u"Refused: Token expiry"_s, u"4 s ago"_s);
        QCoreApplication::processEvents();
        const auto low = card->height();
        const auto reason =
            u"Refused: the client asked for a channel with a subscription token whose channel claim is "
            u"another one, and whose subject is not that of the connection"_s;
        card->setState(Tone::Err, reason, u"4 s ago"_s);
        QTRY_VERIFY2(card->height() > low, qPrintable(QString::number(card->height())));
        QVERIFY(page.width() <= 460);
        QVERIFY(page.minimumSizeHint().width() <= 460);
        const auto labels = card->findChildren<QLabel*>();
        for (const auto* label : labels) {
            if (label->text() != reason)
                continue;
            const auto needed =
                label->fontMetrics().boundingRect(QRect(0, 0, label->width(), 1000), Qt::TextWordWrap, reason);
            QVERIFY(label->height() >= needed.height());
        }
    }

    void aToastShowsALongMessageWhole() {
        QWidget area;
        area.resize(700, 400);
        Toast toast(&area);
        area.show();
        QVERIFY(QTest::qWaitForWindowExposed(&area));
        toast.showMessage(u"Rotated."_s);
        const auto low = toast.height();
        toast.showMessage(
            u"The project could not be renamed: the data folder /home/somebody/.local/share/xshathra is on a disk "
            u"that has no room left. Make room and try again."_s);
        QVERIFY(toast.height() > low);
        QVERIFY(area.rect().contains(toast.geometry()));
    }

    void theChosenItemOfAToggleGroupIsStrong() {
        ToggleGroup group({u"Hide"_s, u"Dim"_s}, u"mode"_s, u"Mode"_s);
        group.show();
        QVERIFY(QTest::qWaitForWindowExposed(&group));
        const auto weight = [&](int item) { return group.findChild<Button*>(u"mode.%1"_s.arg(item))->font().weight(); };
        QCOMPARE(weight(0), static_cast<int>(QFont::DemiBold));
        QCOMPARE(weight(1), static_cast<int>(QFont::Normal));
        group.setCurrentIndex(1);
        QCOMPARE(weight(0), static_cast<int>(QFont::Normal));
        QCOMPARE(weight(1), static_cast<int>(QFont::DemiBold));
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const Theme theme(app);
    WidgetsTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_widgets.moc"
