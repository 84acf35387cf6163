#include "ui/theme/theme.h"
#include "ui/theme/token.h"

#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QtTest>

#include <cmath>

using namespace xshathra::ui;

namespace {

/// Relative luminance and contrast of WCAG 2.
double luminance(const QColor& color) {
    const auto channel = [](double value) {
        constexpr double kLinearBelow = 0.04045;
        return value <= kLinearBelow ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

double contrast(const QColor& a, const QColor& b) {
    const auto first = luminance(a);
    const auto second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

/// Foregrounds, the grounds each is drawn on, and the least ratio.
struct Pairing {
    QList<Token> foregrounds;
    QList<Token> grounds;
    double least;
};

constexpr double kText = 4.5;
constexpr double kShape = 3.0;

const QList<Pairing>& pairings() {
    using enum Token;
    static const QList<Pairing> table{
        {{Text, Text2},
         {Chrome, Nav, Base, Raised, Sunken, Hover, Press, Sel, SelOff, ErrBg, WarnBg, OkBg, InfoBg, AccentBg, Mark},
         kText},
        {{Text3}, {Chrome, Nav, Base, Raised, Sunken, Header, Hover, Press, Sel, SelOff, ErrBg, WarnBg, Mark}, kText},
        {{AccentText}, {Base, Chrome, Sunken, Hover, AccentBg, Sel}, kText},
        {{OnAccent}, {Accent, AccentHover, AccentPress}, kText},
        {{Ok}, {Base, Sunken, Chrome, OkBg}, kText},
        {{Warn}, {Base, Sunken, Chrome, WarnBg}, kText},
        {{Err}, {Base, Sunken, Chrome, ErrBg}, kText},
        {{Info}, {Base, Sunken, Chrome, InfoBg}, kText},
        {{KPublish, KPush, KSubscribe, KConnect, KReply, KError, KJoin, KHttp, KPing, DirIn, DirOut},
         {Base, Hover, Sel, SelOff, ErrBg, WarnBg, Mark},
         kText},
        {{SStr, SNum, SBool, SPunct}, {Base, Sunken, Hover, Sel}, kText},
        {{Add}, {AddBg}, kText},
        {{Del}, {DelBg}, kText},
        {{Ctl}, {Base, Chrome, Sunken, Raised}, kShape},
        {{Focus}, {Base, Chrome, Sunken, Nav, Raised}, kShape},
        {{OkDot, WarnDot, ErrDot}, {Base, Chrome}, kShape},
    };
    return table;
}

QStringList productSources() {
    QStringList files;
    for (const auto& top :
         {QStringLiteral("ui"), QStringLiteral("app"), QStringLiteral("server"), QStringLiteral("resources")}) {
        QDirIterator it(QStringLiteral(XSHATHRA_SOURCE_DIR "/") + top,
                        {QStringLiteral("*.h"), QStringLiteral("*.cpp"), QStringLiteral("*.qss")}, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext())
            files.append(it.next());
    }
    return files;
}

QString readText(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

}  // namespace

class ThemeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPairOfColoursHasEnoughContrast() {
        int pairs = 0;
        QStringList failed;
        for (const auto& pairing : pairings()) {
            for (const auto foreground : pairing.foregrounds) {
                for (const auto ground : pairing.grounds) {
                    for (const bool dark : {false, true}) {
                        const auto ratio = contrast(Theme::color(foreground, dark), Theme::color(ground, dark));
                        ++pairs;
                        if (ratio < pairing.least)
                            failed += QStringLiteral("%1 on %2 (%3): %4")
                                          .arg(tokenName(foreground), tokenName(ground),
                                               dark ? QStringLiteral("dark") : QStringLiteral("light"))
                                          .arg(ratio, 0, 'f', 2);
                    }
                }
            }
        }
        QVERIFY(pairs > 300);
        QVERIFY2(failed.isEmpty(), qPrintable(failed.join(QLatin1Char('\n'))));
    }

    void contrastIsComputedAsWcagSays() {
        QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
        // A published example: grey 767676 on white is the darkest that just passes.
        QVERIFY(std::abs(contrast(QColor(0x76, 0x76, 0x76), Qt::white) - 4.54) < 0.01);
    }

    void tokenNamesAreDistinct() {
        QSet<QString> names;
        for (std::size_t i = 0; i < kTokenCount; ++i)
            names.insert(tokenName(static_cast<Token>(i)));
        QCOMPARE(names.size(), static_cast<qsizetype>(kTokenCount));
    }

    void styleSheetHasNoWordLeftToReplace() {
        for (const bool dark : {false, true}) {
            const auto sheet = Theme::styleSheet(dark);
            QVERIFY(sheet.size() > 1000);
            QVERIFY2(!sheet.contains(QLatin1Char('@')), qPrintable(sheet.mid(sheet.indexOf(QLatin1Char('@')), 40)));
        }
    }

    void styleSheetHasNoItemRules() {
        // Item views must never be painted through the style sheet.
        const auto sheet = readText(QStringLiteral(XSHATHRA_SOURCE_DIR "/resources/qss/window.qss"));
        QVERIFY(!sheet.isEmpty());
        QVERIFY(!sheet.contains(QLatin1String("::item")));
    }

    void picturesOfTheStyleSheetExist() {
        static const QRegularExpression url(QStringLiteral("url\\(:([^)]+)\\)"));
        for (const bool dark : {false, true}) {
            auto it = url.globalMatch(Theme::styleSheet(dark));
            int found = 0;
            while (it.hasNext()) {
                const auto path = QLatin1Char(':') + it.next().captured(1);
                QVERIFY2(QFile::exists(path), qPrintable(path));
                ++found;
            }
            QCOMPARE(found, 3);
        }
    }

    void coloursStandOnlyInTheTheme() {
        static const QRegularExpression hex(QStringLiteral("#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\\b"));
        QStringList wrong;
        const auto files = productSources();
        QVERIFY(files.size() > 60);
        for (const auto& path : files) {
            if (path.contains(QLatin1String("/ui/theme/")))
                continue;
            const auto lines = readText(path).split(QLatin1Char('\n'));
            for (qsizetype i = 0; i < lines.size(); ++i) {
                const auto& line = lines.at(i);
                // Only inside a string, or in the style sheet, can it be a colour.
                if ((line.contains(QLatin1Char('"')) || path.endsWith(QLatin1String(".qss"))) &&
                    hex.match(line).hasMatch() && !line.trimmed().startsWith(QLatin1String("//")))
                    wrong += QStringLiteral("%1:%2 %3").arg(path).arg(i + 1).arg(line.trimmed());
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void noWidgetHasItsOwnStyleSheet() {
        QStringList wrong;
        for (const auto& path : productSources()) {
            if (!path.contains(QLatin1String("/ui/theme/")) && readText(path).contains(QLatin1String("setStyleSheet(")))
                wrong += path;
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void themeFollowsTheChoice() {
        auto& theme = Theme::current();
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setChoice(ThemeChoice::Light);
        QVERIFY(!theme.dark());
        theme.setChoice(ThemeChoice::Dark);
        QVERIFY(theme.dark());
        QCOMPARE(theme.c(Token::Base), Theme::color(Token::Base, true));
        QCOMPARE(qApp->palette().color(QPalette::Window), Theme::color(Token::Chrome, true));
        const auto count = changed.count();
        theme.setChoice(ThemeChoice::Dark);
        QCOMPARE(changed.count(), count);
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    Theme theme(app);
    ThemeTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_theme.moc"
