#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <QSet>
#include <QtTest>

namespace {

/// The folders that a folder may include from, besides itself: the one direction of dependency of docs/architecture.md.
const QHash<QString, QSet<QString>>& allowedFolders() {
    const auto set = [](const char* names) {
        const auto list = QString::fromLatin1(names).split(QLatin1Char(' '), Qt::SkipEmptyParts);
        return QSet<QString>(list.begin(), list.end());
    };
    static const QHash<QString, QSet<QString>> table{
        {QStringLiteral("server/base"), {}},
        {QStringLiteral("server/protocol"), set("server/base")},
        {QStringLiteral("server/auth"), set("server/base")},
        {QStringLiteral("server/capture"), set("server/base")},
        {QStringLiteral("server/http"), set("server/base")},
        {QStringLiteral("server/httpclient"), set("server/base")},
        {QStringLiteral("server/engine"), set("server/base server/protocol server/auth server/capture")},
        {QStringLiteral("server/proxy"),
         set("server/base server/protocol server/auth server/capture server/engine server/httpclient")},
        {QStringLiteral("server/storage"), set("server/base")},
        {QStringLiteral("server/services"),
         set("server/base server/protocol server/auth server/capture server/engine server/storage")},
        {QStringLiteral("server/transport"),
         set("server/base server/protocol server/capture server/http server/engine")},
        {QStringLiteral("server/centrifugo"),
         set("server/base server/auth server/http server/engine server/storage server/services server/transport")},
        {QStringLiteral("server/rest"),
         set("server/base server/protocol server/auth server/http server/engine server/services")},
        {QStringLiteral("server/runtime"),
         set("server/base server/protocol server/auth server/capture server/http server/engine server/storage server/services "
             "server/transport server/httpclient server/proxy server/rest server/centrifugo")},
        {QStringLiteral("ui/models"), set("server/base server/auth server/protocol server/capture server/services")},
        {QStringLiteral("ui/theme"), {}},
        {QStringLiteral("ui/widgets"), set("ui/theme")},
        {QStringLiteral("ui/live"), set("ui/theme ui/widgets ui/models server/base server/capture server/protocol")},
        {QStringLiteral("ui/projects"),
         set("ui/theme ui/widgets ui/models server/base server/auth server/engine server/services")},
        {QStringLiteral("ui/overview"),
         set("ui/theme ui/widgets ui/models server/base server/services server/capture")},
        {QStringLiteral("ui/shell"),
         set("ui/theme ui/widgets ui/models ui/live ui/projects ui/overview server/base server/capture server/services "
             "server/runtime")},
    };
    return table;
}

/// The folders that must not know Qt at all.
const QStringList& qtFreeFolders() {
    static const QStringList list{QStringLiteral("server/base"),       QStringLiteral("server/protocol"),
                                  QStringLiteral("server/auth"),       QStringLiteral("server/capture"),
                                  QStringLiteral("server/http"),       QStringLiteral("server/engine"),
                                  QStringLiteral("server/httpclient"), QStringLiteral("server/proxy")};
    return list;
}

struct Include {
    QString file;
    QString folder;
    QString target;
};

QStringList sourceFiles(const QString& root, const QStringList& below) {
    QStringList files;
    for (const auto& top : below) {
        QDirIterator it(root + QLatin1Char('/') + top, {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext())
            files += it.next();
    }
    files.sort();
    return files;
}

QString readText(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

}  // namespace

class ArchitectureTest : public QObject {
    Q_OBJECT

    const QString root_ = QStringLiteral(XSHATHRA_SOURCE_DIR);

    QList<Include> includes(const QRegularExpression& pattern) const {
        QList<Include> found;
        const auto files = sourceFiles(root_, {QStringLiteral("server"), QStringLiteral("ui")});
        for (const auto& path : files) {
            const auto file = QDir(root_).relativeFilePath(path);
            auto matches = pattern.globalMatch(readText(path));
            while (matches.hasNext())
                found.append({file, file.section(QLatin1Char('/'), 0, 1), matches.next().captured(1)});
        }
        return found;
    }

private Q_SLOTS:
    void everyModuleFolderIsInTheTable() {
        for (const auto& top : {QStringLiteral("server"), QStringLiteral("ui")}) {
            const auto folders = QDir(root_ + QLatin1Char('/') + top).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
            QVERIFY(!folders.isEmpty());
            for (const auto& folder : folders)
                QVERIFY2(
                    allowedFolders().contains(top + QLatin1Char('/') + folder),
                    qPrintable(QStringLiteral("%1/%2 has no line in the table of allowed includes").arg(top, folder)));
        }
    }

    void foldersIncludeOnlyWhatTheyMay() {
        static const QRegularExpression quoted(QStringLiteral("^\\s*#\\s*include\\s+\"([^\"]+)\""),
                                               QRegularExpression::MultilineOption);
        const auto all = includes(quoted);
        QVERIFY(all.size() > 100);
        QStringList wrong;
        for (const auto& include : all) {
            if (include.target.endsWith(QLatin1String(".moc")) || include.target.endsWith(QLatin1String(".pb.h")))
                continue;
            const auto target = include.target.section(QLatin1Char('/'), 0, 1);
            if (target != include.folder && !allowedFolders().value(include.folder).contains(target))
                wrong += QStringLiteral("%1 includes %2").arg(include.file, include.target);
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void qtFreeFoldersDoNotIncludeQt() {
        static const QRegularExpression qt(QStringLiteral("^\\s*#\\s*include\\s+<(Q[A-Z][A-Za-z/]+|q[a-z]+\\.h)>"),
                                           QRegularExpression::MultilineOption);
        const auto all = includes(qt);
        QVERIFY(all.size() > 20);
        QStringList wrong;
        for (const auto& include : all) {
            if (qtFreeFolders().contains(include.folder))
                wrong += QStringLiteral("%1 includes <%2>").arg(include.file, include.target);
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void theTableHasNoCycle() {
        QSet<QString> done;
        auto remaining = allowedFolders();
        while (!remaining.isEmpty()) {
            QStringList ready;
            for (auto it = remaining.cbegin(); it != remaining.cend(); ++it) {
                if (done.contains(it.value()))
                    ready += it.key();
            }
            QVERIFY2(!ready.isEmpty(), "the allowed includes form a cycle");
            for (const auto& folder : ready) {
                done.insert(folder);
                remaining.remove(folder);
            }
        }
    }

    void topLevelHoldsOnlyWhatIsAgreed() {
        const QSet<QString> agreed{QStringLiteral("CMakeLists.txt"),
                                   QStringLiteral("app"),
                                   QStringLiteral("server"),
                                   QStringLiteral("ui"),
                                   QStringLiteral("resources"),
                                   QStringLiteral("tests"),
                                   QStringLiteral("packaging"),
                                   QStringLiteral("README.md"),
                                   QStringLiteral("docs"),
                                   QStringLiteral("CMakePresets.json"),
                                   QStringLiteral("CONTRIBUTING.md"),
                                   QStringLiteral("CHANGELOG.md"),
                                   QStringLiteral("SECURITY.md"),
                                   QStringLiteral("LICENSE"),
                                   QStringLiteral("build"),
                                   QStringLiteral("compile_commands.json")};
        const auto entries = QDir(root_).entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
        for (const auto& entry : entries)
            QVERIFY2(agreed.contains(entry), qPrintable(entry + QStringLiteral(" is not an agreed top-level entry")));
    }
};

QTEST_APPLESS_MAIN(ArchitectureTest)
#include "tst_architecture.moc"
