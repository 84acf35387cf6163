#include "server/storage/data_folder.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace xshathra;
using storage::DataFolder;

class DataFolderTest : public QObject {
    Q_OBJECT

    static constexpr auto kOthers = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup |
                                    QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther;

private Q_SLOTS:
    void makesAPrivateFolder() {
        const QTemporaryDir parent;
        const auto path = parent.path() + u"/a/b"_s;
        const auto folder = DataFolder::open(path);
        QVERIFY(folder);
        QCOMPARE((*folder)->path(), path);
        QVERIFY(!(QFileInfo(path).permissions() & kOthers));
        QVERIFY(!(QFileInfo(path + u"/instance.lock"_s).permissions() & kOthers));
    }

    void refusesASecondInstanceNamingTheHolder() {
        const QTemporaryDir parent;
        const auto path = parent.path() + u"/data"_s;
        auto first = DataFolder::open(path);
        QVERIFY(first);
        const auto second = DataFolder::open(path);
        QVERIFY(!second);
        QCOMPARE(second.error().code, std::string("data_folder_in_use"));
        QVERIFY(second.error().message.find(std::to_string(QCoreApplication::applicationPid())) != std::string::npos);
        *first = nullptr;
        QVERIFY(DataFolder::open(path));
    }

    void remembersAnUncleanStop() {
        const QTemporaryDir parent;
        const auto path = parent.path() + u"/data"_s;
        {
            const auto clean = DataFolder::open(path);
            QVERIFY(!(*clean)->wasLeftUnclean());
        }
        QVERIFY(!(*DataFolder::open(path))->wasLeftUnclean());
        QFile marker(path + u"/running"_s);
        QVERIFY(marker.open(QIODevice::WriteOnly));
        marker.close();
        QVERIFY((*DataFolder::open(path))->wasLeftUnclean());
    }

    void anUncleanStopIsForgottenOnlyAfterTheCheck() {
        const QTemporaryDir parent;
        const auto path = parent.path() + u"/data"_s;
        (*DataFolder::open(path)).reset();
        QFile marker(path + u"/running"_s);
        QVERIFY(marker.open(QIODevice::WriteOnly));
        marker.close();
        (*DataFolder::open(path)).reset();
        {
            const auto unchecked = DataFolder::open(path);
            QVERIFY((*unchecked)->wasLeftUnclean());
            (*unchecked)->noteSound();
            QVERIFY((*unchecked)->wasLeftUnclean());
        }
        QVERIFY(!(*DataFolder::open(path))->wasLeftUnclean());
    }

    void refusesAFileInItsPlace() {
        const QTemporaryDir parent;
        QFile file(parent.path() + u"/data"_s);
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto folder = DataFolder::open(file.fileName());
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, std::string("data_folder"));
    }

    void leavesOthersFoldersAlone() {
        const QTemporaryDir parent;
        const auto path = parent.path() + u"/home"_s;
        QVERIFY(QDir(parent.path()).mkdir(u"home"_s));
        QFile::setPermissions(path, QFileDevice::Permissions(0x7755));
        QFile file(path + u"/letter.txt"_s);
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto before = QFileInfo(path).permissions();
        const auto folder = DataFolder::open(path);
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, std::string("data_folder"));
        QCOMPARE(QFileInfo(path).permissions(), before);
    }

    void keepsPrivateFilesPrivate() {
        const QTemporaryDir parent;
        const auto path = parent.path() + u"/secret"_s;
        QVERIFY(storage::writePrivateFile(path, "0123456789"));
        QVERIFY(!(QFileInfo(path).permissions() & kOthers));
        QCOMPARE(storage::readPrivateFile(path, 10).value(), std::string("0123456789"));
        QCOMPARE(storage::readPrivateFile(path, 11).value(), std::string("0123456789"));
        QVERIFY(!storage::readPrivateFile(path, 9));
        QCOMPARE(storage::readPrivateFile(path + u"x"_s, 9).error().code, std::string("not_found"));
        QFile::setPermissions(path, QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadOther);
        QCOMPARE(storage::readPrivateFile(path, 10).error().code, std::string("data_folder"));
    }

    void followsNoLink() {
        const QTemporaryDir parent;
        const auto target = parent.path() + u"/target"_s;
        const auto link = parent.path() + u"/link"_s;
        QVERIFY(storage::writePrivateFile(target, "x"));
        QVERIFY(QFile::link(target, link));
        QVERIFY(!storage::writePrivateFile(link, "y"));
        QVERIFY(!storage::readPrivateFile(link, 10));
        QCOMPARE(storage::readPrivateFile(target, 10).value(), std::string("x"));
    }
};

QTEST_GUILESS_MAIN(DataFolderTest)
#include "tst_data_folder.moc"
