#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

namespace {

/// Each version of clang-format judges a little differently; .clang-format is written for this one.
const QString kTool = QStringLiteral("clang-format-14");

QStringList sources(const QString& root) {
    QStringList found;
    for (const auto* top : {"app", "server", "ui", "tests"}) {
        QDirIterator it(root + QLatin1Char('/') + QLatin1String(top), {QStringLiteral("*.h"), QStringLiteral("*.cpp")},
                        QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            const auto path = it.next();
            if (!path.contains(QLatin1String("/node_modules/")))
                found += path;
        }
    }
    return found;
}

}  // namespace

class FormattingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sourcesAreFormatted() {
        const auto tool = QStandardPaths::findExecutable(kTool);
        if (tool.isEmpty())
            QSKIP(qPrintable(kTool + QStringLiteral(" is not installed")));
        const auto files = sources(QStringLiteral(XSHATHRA_SOURCE_DIR));
        QVERIFY(files.size() > 100);
        QProcess process;
        process.start(tool, QStringList{QStringLiteral("--dry-run"), QStringLiteral("-Werror")} + files);
        QVERIFY(process.waitForFinished(-1));
        QStringList wrong;
        for (const auto& line : process.readAllStandardError().split('\n')) {
            if (line.contains(": error:"))
                wrong += QString::fromUtf8(line).section(QStringLiteral(": error:"), 0, 0);
        }
        QVERIFY2(
            wrong.isEmpty(),
            qPrintable(
                QStringLiteral("Run `%1 -i` on what is not formatted:\n%2").arg(kTool, wrong.join(QLatin1Char('\n')))));
        QCOMPARE(process.exitCode(), 0);
    }
};

QTEST_APPLESS_MAIN(FormattingTest)
#include "tst_formatting.moc"
