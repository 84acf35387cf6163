#include "server/base/clock.h"
#include "server/services/services.h"
#include "server/storage/connection.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QSet>
#include <QTemporaryDir>
#include <QThread>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace xshathra;

/// Kills the storing process at random moments: what it acknowledged must be there, and the file must be sound.
class Kill9Test : public QObject {
    Q_OBJECT

    static constexpr int kKills = 100;
    /// Projects in one folder before a fresh one is taken: keeps the test short.
    static constexpr int kKillsPerFolder = 20;
    static constexpr int kLongestRunMs = 250;

    /// Runs the program on the folder, kills it, and returns the whole lines that it had printed.
    static QSet<QString> runAndKill(const QString& folder, int round) {
        QProcess program;
        program.start(QStringLiteral(XSHATHRA_PROJECT_MAKER), {folder, u"round%1"_s.arg(round)});
        if (!program.waitForStarted())
            return {};
        // Some rounds end within the start, most while projects are written.
        QThread::msleep(QRandomGenerator::global()->bounded(kLongestRunMs));
        program.kill();
        program.waitForFinished();
        const auto output = QString::fromUtf8(program.readAllStandardOutput());
        auto lines = output.split(u'\n');
        lines.removeLast();
        return QSet<QString>(lines.begin(), lines.end());
    }

    static void checkFolder(const QString& folder, const QSet<QString>& acknowledged) {
        {
            auto connection = storage::Connection::open(folder + u"/xshathra.db"_s, false);
            QVERIFY2(connection, connection ? "" : connection.error().message.c_str());
            const auto sound = (*connection)->integrityCheck();
            QVERIFY2(sound, sound ? "" : sound.error().message.c_str());
        }
        const SystemClock clock;
        services::ServicesOptions options;
        options.dataFolder = folder;
        const auto opened = services::Services::open(options, clock, nullptr);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QSet<QString> present;
        for (const auto& project : (*opened)->projects().list()) {
            present.insert(QString::fromStdString(project->id));
            QCOMPARE(project->keys.size(), std::size_t{2});
            QCOMPARE(project->namespaces.size(), std::size_t{4});
        }
        const auto lost = QSet<QString>(acknowledged).subtract(present);
        QVERIFY2(lost.isEmpty(),
                 qPrintable(u"Acknowledged but lost: "_s + QStringList(lost.begin(), lost.end()).join(u' ')));
    }

private Q_SLOTS:
    void losesNoAcknowledgedProject() {
        qsizetype total = 0;
        for (int kill = 0; kill < kKills;) {
            const QTemporaryDir folder;
            QVERIFY(folder.isValid());
            const auto data = folder.path() + u"/data"_s;
            QSet<QString> acknowledged;
            for (int i = 0; i < kKillsPerFolder && kill < kKills; ++i, ++kill) {
                acknowledged.unite(runAndKill(data, kill));
                if (QFile::exists(data + u"/xshathra.db"_s))
                    checkFolder(data, acknowledged);
                if (QTest::currentTestFailed())
                    return;
            }
            total += acknowledged.size();
        }
        qInfo("%d kills, %lld acknowledged projects, none lost", kKills, static_cast<long long>(total));
        QVERIFY2(total > kKills, "The program hardly got to write anything; the test proved nothing.");
    }
};

QTEST_GUILESS_MAIN(Kill9Test)
#include "tst_kill9.moc"
