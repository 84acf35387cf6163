#include "server/storage/database.h"
#include "server/storage/migrations.h"
#include "server/storage/tables.h"

#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace xshathra;
using namespace xshathra::storage;

namespace {

ProjectRow project(const std::string& id, const std::string& name) {
    return {id, name, name, "development", Milliseconds(1000), "{}", std::nullopt};
}

KeyRow key(const std::string& id, const std::string& projectId) {
    return {id,        projectId,       "server",    "hash-" + id, std::string("\0sealed\xff", 8),
            "xsk_...", Milliseconds(1), std::nullopt};
}

QByteArray readAll(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeAll(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(bytes), bytes.size());
}

std::unique_ptr<Connection> openMemory() {
    auto connection = Connection::open(QString(), false);
    if (!connection || !migrate(**connection))
        return nullptr;
    return std::move(*connection);
}

QString schemaOf(Connection& connection) {
    auto query = connection.run("SELECT group_concat(sql, ';') FROM sqlite_schema");
    return query && query->next() ? query->value(0).toString() : QString();
}

}  // namespace

class StorageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsRowsAsTheyAre() {
        auto c = openMemory();
        QVERIFY(c);
        ProjectTable projects(*c);
        const auto row = project("proj_1", "Arena");
        QVERIFY(projects.insert(row));
        QVERIFY(projects.find("proj_1").value() == row);
        QVERIFY(KeyTable(*c).insert(key("k1", "proj_1")));
        QVERIFY(KeyTable(*c).list("proj_1").value() == std::vector{key("k1", "proj_1")});
        const NamespaceRow ns{"proj_1", "", "{}", 3};
        QVERIFY(NamespaceTable(*c).insert(ns));
        QVERIFY(NamespaceTable(*c).list("proj_1").value() == std::vector{ns});
        const SecretRow secret{"engine", std::string("\0\1", 2), Milliseconds(5), Nanoseconds(Milliseconds(9))};
        QVERIFY(SecretTable(*c).put(secret));
        QVERIFY(SecretTable(*c).find("engine").value() == secret);
        QVERIFY(!SecretTable(*c).find("other").value());
    }

    void nameIsUniqueAmongProjectsInForce() {
        auto c = openMemory();
        ProjectTable projects(*c);
        QVERIFY(projects.insert(project("a", "same")));
        QCOMPARE(projects.insert(project("b", "same")).error().code, std::string("storage_constraint"));
        QVERIFY(projects.nameTaken("same", "b").value());
        QVERIFY(!projects.nameTaken("same", "a").value());
        QVERIFY(projects.markDeleted("a", Milliseconds(1)));
        QVERIFY(!projects.nameTaken("same", "b").value());
        QVERIFY(projects.insert(project("b", "same")));
        QCOMPARE(projects.markDeleted("a", std::nullopt).error().code, std::string("storage_constraint"));
        QCOMPARE(projects.list(false).value().size(), std::size_t{1});
        QCOMPARE(projects.list(true).value().size(), std::size_t{2});
    }

    void erasingAProjectTakesItsRows() {
        auto c = openMemory();
        QVERIFY(ProjectTable(*c).insert(project("a", "a")));
        QVERIFY(KeyTable(*c).insert(key("k", "a")));
        QVERIFY(NamespaceTable(*c).insert({"a", "chat", "{}", 1}));
        QVERIFY(ProjectTable(*c).erase("a"));
        QVERIFY(KeyTable(*c).list("a").value().empty());
        QVERIFY(NamespaceTable(*c).list("a").value().empty());
        QCOMPARE(ProjectTable(*c).erase("a").error().code, std::string("not_found"));
        QCOMPARE(KeyTable(*c).insert(key("k", "nobody")).error().code, std::string("storage_constraint"));
    }

    void anExpiringKeyLosesItsSealedText() {
        auto c = openMemory();
        QVERIFY(ProjectTable(*c).insert(project("a", "a")));
        QVERIFY(KeyTable(*c).insert(key("k", "a")));
        QVERIFY(KeyTable(*c).setExpiry("k", Milliseconds(100)));
        QVERIFY(KeyTable(*c).list("a").value().front().sealed.empty());
        QVERIFY(KeyTable(*c).eraseExpired(Milliseconds(99)));
        QCOMPARE(KeyTable(*c).list("a").value().size(), std::size_t{1});
        QVERIFY(KeyTable(*c).eraseExpired(Milliseconds(100)));
        QVERIFY(KeyTable(*c).list("a").value().empty());
    }

    void naughtyStringsAreOnlyText_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("quote") << QByteArray("'; DROP TABLE projects; --");
        QTest::newRow("double quote") << QByteArray("\"; DELETE FROM keys; --");
        QTest::newRow("placeholder") << QByteArray("? :name @x $y");
        QTest::newRow("percent") << QByteArray("%_%");
        QTest::newRow("unicode") << QByteArray("\xf0\x9f\x8e\xae \xe2\x80\xae abc");
        QTest::newRow("nul") << QByteArray("a\0b", 3);
        QTest::newRow("empty") << QByteArray("");
        QTest::newRow("union") << QByteArray("x' UNION SELECT sql FROM sqlite_schema --");
    }

    void naughtyStringsAreOnlyText() {
        QFETCH(QByteArray, text);
        auto c = openMemory();
        const auto schema = schemaOf(*c);
        const auto naughty = text.toStdString();
        QVERIFY(ProjectTable(*c).insert({naughty, naughty, naughty, naughty, Milliseconds(1), naughty, std::nullopt}));
        QVERIFY(KeyTable(*c).insert(
            {naughty, naughty, "server", naughty, naughty, naughty, Milliseconds(1), std::nullopt}));
        QVERIFY(NamespaceTable(*c).insert({naughty, naughty, naughty, 1}));
        QVERIFY(SettingTable(*c).set(naughty, naughty));
        QVERIFY(SecretTable(*c).put({naughty, naughty, Milliseconds(1), std::nullopt}));
        QCOMPARE(ProjectTable(*c).find(naughty).value().name, naughty);
        QCOMPARE(KeyTable(*c).list(naughty).value().front().sealed, naughty);
        QCOMPARE(NamespaceTable(*c).list(naughty).value().front().optionsJson, naughty);
        QCOMPARE(SettingTable(*c).list().value().front().second, naughty);
        QCOMPARE(SecretTable(*c).find(naughty).value()->sealed, naughty);
        QCOMPARE(schemaOf(*c), schema);
    }

    void rollsBackOnErrors() {
        auto c = openMemory();
        const auto outcome = c->transact([](Connection& connection) -> Result<bool> {
            if (auto inserted = ProjectTable(connection).insert(project("a", "a")); !inserted)
                return Unexpected<Error>(inserted.error());
            return fail("planned", "stop");
        });
        QCOMPARE(outcome.error().code, std::string("planned"));
        QVERIFY(ProjectTable(*c).list(true).value().empty());
    }

    void jobsRunInOrderOnTheirOwnThread() {
        auto database = Database::open({});
        QVERIFY(database);
        std::vector<int> order;
        QList<QFuture<Result<bool>>> futures;
        for (int i = 0; i < 100; ++i) {
            futures.append((*database)->run([&order, i](Connection&) -> Result<bool> {
                order.push_back(i);
                return QThread::currentThread() != qApp->thread();
            }));
        }
        for (auto& future : futures)
            QVERIFY(future.result().value());
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QCOMPARE(order.size(), std::size_t{100});
    }

    void finishesWaitingJobsBeforeClosing() {
        int done = 0;
        {
            auto database = Database::open({});
            for (int i = 0; i < 50; ++i) {
                auto ignored = (*database)->run([&done](Connection&) -> Result<bool> {
                    ++done;
                    return true;
                });
            }
        }
        QCOMPARE(done, 50);
    }

    void filesArePrivateAndSurviveReopening() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        {
            auto database = Database::open({path, false});
            QVERIFY(database);
            QVERIFY((*database)->run([](Connection& c) { return ProjectTable(c).insert(project("a", "a")); }).result());
            for (const auto& name : {u"/x.db"_s, u"/x.db-wal"_s, u"/x.db-shm"_s})
                QVERIFY(!(QFileInfo(folder.path() + name).permissions() &
                          (QFileDevice::ReadOther | QFileDevice::ReadGroup)));
        }
        auto database = Database::open({path, true});
        QVERIFY(database);
        QVERIFY((*database)->run([](Connection& c) { return ProjectTable(c).find("a"); }).result());
    }

    void refusesANewerFileUntouched() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        {
            auto connection = Connection::open(path, false);
            QVERIFY(connection && migrate(**connection));
            QVERIFY((*connection)->setSchemaVersion(schemaVersion() + 1));
        }
        const auto before = readAll(path);
        const auto database = Database::open({path, false});
        QVERIFY(!database);
        QCOMPARE(database.error().code, std::string("storage_newer"));
        QVERIFY(database.error().message.find(std::to_string(schemaVersion() + 1)) != std::string::npos);
        QCOMPARE(readAll(path), before);
    }

    void reportsForeignAndCutFilesAndKeepsThem_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("foreign") << 0;
        QTest::newRow("cut to half") << 1;
        QTest::newRow("cut inside the first page") << 2;
        QTest::newRow("zeroed pages") << 3;
    }

    void reportsForeignAndCutFilesAndKeepsThem() {
        QFETCH(int, kind);
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        { QVERIFY(Database::open({path, false})); }
        auto bytes = readAll(path);
        QVERIFY(bytes.size() > 8192);
        if (kind == 0)
            bytes = QByteArray(20000, 'x');
        else if (kind == 1)
            bytes.truncate(bytes.size() / 2);
        else if (kind == 2)
            bytes.truncate(1000);
        else
            bytes.replace(4096, bytes.size() - 4096, QByteArray(bytes.size() - 4096, '\0'));
        writeAll(path, bytes);
        const auto database = Database::open({path, true});
        QVERIFY(!database);
        QCOMPARE(database.error().code, std::string("storage_corrupt"));
        QVERIFY(database.error().message.find("left as it is") != std::string::npos);
        QCOMPARE(readAll(path), bytes);
    }

    void flippedBitsNeverCrash() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        {
            auto database = Database::open({path, false});
            for (int i = 0; i < 20; ++i)
                QVERIFY((*database)
                            ->run([i](Connection& c) {
                                return ProjectTable(c).insert(
                                    project("p" + std::to_string(i), "n" + std::to_string(i)));
                            })
                            .result());
        }
        const auto sound = readAll(path);
        QRandomGenerator random(42);
        for (int seed = 0; seed < 200; ++seed) {
            auto bytes = sound;
            const auto at = random.bounded(static_cast<int>(bytes.size()));
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.bounded(8)));
            writeAll(path, bytes);
            auto database = Database::open({path, true});
            if (!database) {
                QVERIFY(!database.error().code.empty());
                continue;
            }
            const auto rows = (*database)->run([](Connection& c) { return ProjectTable(c).list(true); }).result();
            if (!rows)
                QVERIFY(rows.error().code.rfind("storage_", 0) == 0);
        }
    }

    void backsUpBeforeMigratingAndKeepsThree() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        std::vector<Migration> steps(migrations().begin(), migrations().end());
        { QVERIFY(migrate(**Connection::open(path, false), steps)); }
        QVERIFY(backupsOf(path).empty());
        for (int i = 0; i < 5; ++i) {
            steps.push_back({steps.back().to + 1, [](Connection&) -> Result<void> { return {}; }});
            auto connection = Connection::open(path, false);
            QVERIFY(migrate(**connection, steps));
            QCOMPARE((*connection)->schemaVersion().value(), steps.back().to);
        }
        const auto backups = backupsOf(path);
        QCOMPARE(backups.size(), std::size_t{kKeptBackups});
        auto newest = Connection::open(backups.front(), true);
        QVERIFY(newest);
        QCOMPARE((*newest)->schemaVersion().value(), steps.back().to - 1);
        QVERIFY(!(QFileInfo(backups.back()).permissions() & QFileDevice::ReadOther));
    }

    void aFailedStepLeavesTheVersionBeforeIt() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        std::vector<Migration> steps(migrations().begin(), migrations().end());
        const auto last = steps.back().to;
        steps.push_back({last + 1, [](Connection& c) -> Result<void> {
                             if (auto made = c.run("CREATE TABLE half (x)"); !made)
                                 return Unexpected<Error>(made.error());
                             return fail("planned", "stop");
                         }});
        auto connection = Connection::open(path, false);
        QCOMPARE(migrate(**connection, steps).error().code, std::string("planned"));
        QCOMPARE((*connection)->schemaVersion().value(), last);
        QVERIFY(!schemaOf(**connection).contains(u"half"_s));
        steps.back().apply = [](Connection&) -> Result<void> { return {}; };
        QVERIFY(migrate(**connection, steps));
        QCOMPARE((*connection)->schemaVersion().value(), last + 1);
    }

    void saysWhenTheFileIsLocked() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/x.db"_s;
        auto first = Connection::open(path, false);
        QVERIFY(first && migrate(**first));
        auto second = Connection::open(path, false);
        QVERIFY(second);
        QVERIFY((*second)->run("PRAGMA busy_timeout = 1"));
        QVERIFY((*first)->run("BEGIN IMMEDIATE"));
        QCOMPARE((*second)->run("BEGIN IMMEDIATE").error().code, std::string("storage_busy"));
        QVERIFY((*first)->run("ROLLBACK"));
    }

    void saysWhenTheDiskIsFull() {
        auto c = openMemory();
        QVERIFY(c->run("PRAGMA max_page_count = 14"));
        Result<void> outcome;
        for (int i = 0; i < 100 && outcome; ++i)
            outcome = c->transact([i](Connection& connection) {
                return SettingTable(connection).set("n" + std::to_string(i), std::string(3000, 'x'));
            });
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().code, std::string("storage_full"));
        QVERIFY(SettingTable(*c).list());
        QVERIFY(c->run("PRAGMA max_page_count = 1000"));
        QVERIFY(SettingTable(*c).set("after", "space"));
    }
};

QTEST_GUILESS_MAIN(StorageTest)
#include "tst_storage.moc"
