#include "tests/unit/services/services_fixture.h"

#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace xshathra;
using namespace xshathra::services;
using auth::KeyKind;
using test::ServicesFixture;

namespace {

std::string repeated(std::size_t count, const char* text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all += text;
    return all;
}

QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class ProjectsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void firstStartMakesOneProjectReadyToUse() {
        const ServicesFixture fixture;
        const auto all = fixture->projects().list();
        QCOMPARE(all.size(), std::size_t{1});
        const auto& project = all.front();
        QCOMPARE(project->name, std::string("My project"));
        QVERIFY(project->id.rfind("proj_", 0) == 0);
        QCOMPARE(project->id.size(), std::size_t{31});
        QStringList names;
        for (const auto& ns : project->namespaces)
            names << QString::fromStdString(ns.name);
        QCOMPARE(names, (QStringList{u"public"_s, u"chat"_s, u"match"_s, u"lobby"_s}));
        QVERIFY(!project->options.allowAnonymous);
        QVERIFY(fixture.registry.find(project->id));
        QVERIFY(fixture.key(project).rfind("xsk_live_", 0) == 0);
        QVERIFY(fixture.key(project, KeyKind::Client).rfind("xck_live_", 0) == 0);
    }

    void aStartThatFailsLeavesTheNextOneToCheckToo() {
        const QTemporaryDir folder;
        const auto path = folder.path() + u"/data"_s;
        ServicesFixture fixture(path);
        fixture.services = nullptr;
        QVERIFY(!QFile::exists(path + u"/running"_s));
        QFile database(path + u"/xshathra.db"_s);
        QVERIFY(database.open(QIODevice::ReadWrite) && database.write("no database at all") > 0);
        database.close();
        QFile marker(path + u"/running"_s);
        QVERIFY(marker.open(QIODevice::WriteOnly));
        marker.close();
        ServicesOptions options;
        options.dataFolder = path;
        const auto opened = Services::open(options, fixture.clock, &fixture.registry);
        QCOMPARE(opened.error().code, std::string("storage_corrupt"));
        QVERIFY(QFile::exists(path + u"/running"_s));
    }

    void stagingKeysAreTestKeys() {
        const ServicesFixture fixture;
        const auto project = fixture.create("Stage", Environment::Staging);
        QVERIFY(fixture.key(project).rfind("xsk_test_", 0) == 0);
    }

    void checksNames_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("one") << QByteArray("a") << true;
        QTest::newRow("longest - 1") << QByteArray::fromStdString(repeated(kMaxProjectNameLength - 1, "a")) << true;
        QTest::newRow("longest") << QByteArray::fromStdString(repeated(kMaxProjectNameLength, "a")) << true;
        QTest::newRow("longest + 1") << QByteArray::fromStdString(repeated(kMaxProjectNameLength + 1, "a")) << false;
        QTest::newRow("characters, not bytes")
            << QByteArray::fromStdString(repeated(kMaxProjectNameLength, "\xf0\x9f\x8e\xae")) << true;
        QTest::newRow("emoji + 1") << QByteArray::fromStdString(repeated(kMaxProjectNameLength + 1, "\xf0\x9f\x8e\xae"))
                                   << false;
        QTest::newRow("empty") << QByteArray("") << false;
        QTest::newRow("blank") << QByteArray(" \t ") << false;
        QTest::newRow("line break") << QByteArray("a\nb") << false;
        QTest::newRow("nul") << QByteArray("a\0b", 3) << false;
        QTest::newRow("escape") << QByteArray("a\x1b[31m") << false;
        QTest::newRow("right-to-left override") << QByteArray(
                                                       "a\xe2\x80\xae"
                                                       "b")
                                                << false;
        QTest::newRow("isolate") << QByteArray(
                                        "a\xe2\x81\xa6"
                                        "b")
                                 << false;
        QTest::newRow("line separator") << QByteArray(
                                               "a\xe2\x80\xa8"
                                               "b")
                                        << false;
        QTest::newRow("cut UTF-8") << QByteArray("a\xc3") << false;
        QTest::newRow("surrogate") << QByteArray("a\xed\xa0\x80") << false;
        QTest::newRow("sql") << QByteArray("'; DROP TABLE projects; --") << true;
        QTest::newRow("markup") << QByteArray("<script>alert(1)</script>") << true;
        QTest::newRow("percent") << QByteArray("%_%s%n") << true;
    }

    void checksNames() {
        QFETCH(QByteArray, name);
        QFETCH(bool, allowed);
        const ServicesFixture fixture;
        NewProject project;
        project.name = name.toStdString();
        const auto created = fixture->projects().create(project).result();
        QCOMPARE(created.has_value(), allowed);
        if (allowed) {
            QCOMPARE((*created)->name, name.toStdString());
        } else {
            QCOMPARE(created.error().code, std::string("invalid_argument"));
            QCOMPARE(created.error().field, std::string("name"));
        }
        QCOMPARE(fixture->projects().list().size(), allowed ? std::size_t{2} : std::size_t{1});
    }

    void takesSpacesAtTheEndsAway() { QCOMPARE(checkProjectName("  Arena  ").value(), std::string("Arena")); }

    void namesAreUniqueWhateverTheirCase() {
        const ServicesFixture fixture;
        fixture.create(
            "Stra\xc3\x9f"
            "e");
        for (const auto* name : {"stra\xc3\x9f"
                                 "e",
                                 "STRASSE", " my PROJECT "}) {
            NewProject project;
            project.name = name;
            const auto created = fixture->projects().create(project).result();
            QVERIFY2(!created, name);
            QCOMPARE(created.error().code, std::string("duplicate"));
            QCOMPARE(created.error().field, std::string("name"));
        }
        QCOMPARE(fixture->projects().list().size(), std::size_t{2});
    }

    void renamesAndChanges() {
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        QCOMPARE(fixture->projects().rename(id, "Arena").result().value()->name, std::string("Arena"));
        QVERIFY(fixture->projects().rename(id, "ARENA").result());
        QVERIFY(fixture->projects().setEnvironment(id, Environment::Production).result().value()->environment ==
                Environment::Production);
        ProjectOptions options;
        options.allowAnonymous = true;
        QVERIFY(fixture->projects().setOptions(id, options).result());
        QVERIFY(fixture.registry.find(id)->config()->client.allowAnonymousConnectWithoutToken);
        QCOMPARE(fixture->projects().rename("proj_none", "x").result().error().code, std::string("not_found"));
        QCOMPARE(fixture->projects().rename(id, "").result().error().field, std::string("name"));
    }

    void removalCanBeUndoneForTenSeconds() {
        ServicesFixture fixture;
        const auto project = fixture.create("Gone");
        const auto key = fixture.key(project);
        QVERIFY(fixture->projects().remove(project->id).result());
        QVERIFY(!fixture->projects().find(project->id));
        QVERIFY(!fixture.registry.find(project->id));
        QVERIFY(!fixture->keys().authenticate(key));
        fixture.clock.advance(kUndoTime - Milliseconds(1));
        QVERIFY(!fixture->projects().sweep().result().value());
        QVERIFY(fixture->projects().restore(project->id).result());
        QVERIFY(fixture.registry.find(project->id));
        QCOMPARE(fixture->keys().authenticate(key).value().projectId, project->id);
    }

    void removalIsFinalAfterThat() {
        ServicesFixture fixture;
        const auto project = fixture.create("Gone");
        QVERIFY(fixture->projects().remove(project->id).result());
        fixture.clock.advance(kUndoTime);
        QCOMPARE(fixture->projects().restore(project->id).result().error().code, std::string("not_found"));
        QVERIFY(fixture->projects().sweep().result().value());
        QCOMPARE(fixture->projects().restore(project->id).result().error().code, std::string("not_found"));
        QCOMPARE(fixture->projects().remove(project->id).result().error().code, std::string("not_found"));
    }

    void wallClockJumpsDontShortenTheUndoTime() {
        ServicesFixture fixture;
        const auto project = fixture.create("Gone");
        QVERIFY(fixture->projects().remove(project->id).result());
        fixture.clock.jumpWall(std::chrono::hours(48));
        QVERIFY(fixture->projects().restore(project->id).result());
    }

    void restoringFindsItsNameTaken() {
        const ServicesFixture fixture;
        const auto project = fixture.create("Arena");
        QVERIFY(fixture->projects().remove(project->id).result());
        fixture.create("arena");
        const auto restored = fixture->projects().restore(project->id).result();
        QCOMPARE(restored.error().code, std::string("duplicate"));
        QCOMPARE(restored.error().field, std::string("name"));
    }

    void rotatedKeysWorkUntilTheirGraceEnds() {
        ServicesFixture fixture;
        const auto id = fixture.first()->id;
        for (const auto kind : {KeyKind::Server, KeyKind::Client}) {
            const auto old = fixture.key(fixture.first(), kind);
            QVERIFY(fixture->projects().rotateKey(id, kind, Seconds(60)).result());
            const auto fresh = fixture.key(fixture.first(), kind);
            QVERIFY(old != fresh);
            QVERIFY(fixture->keys().authenticate(old).value().inGrace);
            QVERIFY(!fixture->keys().authenticate(fresh).value().inGrace);
            if (kind == KeyKind::Client) {
                QVERIFY(fixture.registry.findByClientKey(old));
                QVERIFY(fixture.registry.findByClientKey(fresh));
            }
            fixture.clock.advance(Seconds(60) - Milliseconds(1));
            QVERIFY(fixture->keys().authenticate(old));
            fixture.clock.advance(Milliseconds(1));
            QCOMPARE(fixture->keys().authenticate(old).error().kind, KeyRefusalKind::Expired);
            QVERIFY(fixture->projects().sweep().result().value());
            QVERIFY(!fixture.first()->previousKey(kind));
            QCOMPARE(fixture->keys().authenticate(old).error().kind, KeyRefusalKind::Expired);
            if (kind == KeyKind::Client)
                QVERIFY(!fixture.registry.findByClientKey(old));
            fixture.clock.advance(kEndedKeyMemory);
            QVERIFY(fixture->projects().sweep().result().value());
            QCOMPARE(fixture->keys().authenticate(old).error().kind, KeyRefusalKind::Unknown);
            QVERIFY(fixture->keys().authenticate(fresh));
        }
    }

    void graceHasBounds_data() {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("-1") << qint64{-1} << false;
        QTest::newRow("0") << qint64{0} << true;
        QTest::newRow("most") << qint64{kMaxGrace.count()} << true;
        QTest::newRow("most + 1") << qint64{kMaxGrace.count() + 1} << false;
    }

    void graceHasBounds() {
        QFETCH(qint64, seconds);
        QFETCH(bool, allowed);
        const ServicesFixture fixture;
        const auto rotated =
            fixture->projects().rotateKey(fixture.first()->id, KeyKind::Server, Seconds(seconds)).result();
        QCOMPARE(rotated.has_value(), allowed);
        if (!allowed)
            QCOMPARE(rotated.error().field, std::string("graceSeconds"));
    }

    void withoutGraceTheOldKeyEndsAtOnce() {
        const ServicesFixture fixture;
        const auto old = fixture.key(fixture.first());
        QVERIFY(fixture->projects().rotateKey(fixture.first()->id, KeyKind::Server, Seconds(0)).result());
        QCOMPARE(fixture->keys().authenticate(old).error().kind, KeyRefusalKind::Expired);
    }

    void aSecondRotationEndsTheOldestKey() {
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        const auto oldest = fixture.key(fixture.first());
        QVERIFY(fixture->projects().rotateKey(id, KeyKind::Server, Seconds(600)).result());
        const auto older = fixture.key(fixture.first());
        QVERIFY(fixture->projects().rotateKey(id, KeyKind::Server, Seconds(600)).result());
        QVERIFY(!fixture->keys().authenticate(oldest));
        QVERIFY(fixture->keys().authenticate(older));
    }

    void graceCanBeEndedNow() {
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        QCOMPARE(fixture->projects().endGrace(id, KeyKind::Server).result().error().field, std::string("kind"));
        const auto old = fixture.key(fixture.first());
        QVERIFY(fixture->projects().rotateKey(id, KeyKind::Server, Seconds(600)).result());
        QVERIFY(fixture->projects().endGrace(id, KeyKind::Server).result());
        QCOMPARE(fixture->keys().authenticate(old).error().kind, KeyRefusalKind::Expired);
    }

    void everythingIsThereAfterARestart() {
        const QTemporaryDir parent;
        const auto folder = parent.path() + u"/data"_s;
        ServicesFixture fixture(folder);
        const auto kept = fixture.create("Kept");
        const auto gone = fixture.create("Gone");
        const auto key = fixture.key(kept);
        QVERIFY(fixture->projects().remove(gone->id).result());
        const auto secret = std::string(fixture->secrets().revealEngineSecret().result().value().expose());
        fixture.open(folder);
        QCOMPARE(fixture->projects().list().size(), std::size_t{2});
        QCOMPARE(fixture->projects().find(kept->id)->name, std::string("Kept"));
        QCOMPARE(fixture.key(fixture->projects().find(kept->id)), key);
        QCOMPARE(std::string(fixture->secrets().revealEngineSecret().result().value().expose()), secret);
        QCOMPARE(fixture->projects().restore(gone->id).result().error().code, std::string("not_found"));
    }

    void noSecretIsReadableInTheFolder() {
        const QTemporaryDir parent;
        const auto folder = parent.path() + u"/data"_s;
        ServicesFixture fixture(folder);
        const auto project = fixture.create("Arena");
        const QList<QByteArray> secrets{
            QByteArray::fromStdString(fixture.key(project)),
            QByteArray::fromStdString(fixture.key(project, KeyKind::Client)),
            QByteArray::fromStdString(std::string(fixture->secrets().revealEngineSecret().result().value().expose()))};
        const auto search = [&] {
            int files = 0;
            QDirIterator it(folder, QDir::Files | QDir::Hidden);
            while (it.hasNext()) {
                const auto path = it.next();
                const auto bytes = bytesOf(path);
                ++files;
                for (const auto& secret : secrets)
                    QVERIFY2(!secret.isEmpty() && !bytes.contains(secret), qPrintable(path));
            }
            QVERIFY(files >= 2);
        };
        search();
        QVERIFY(fixture->projects().rotateKey(project->id, KeyKind::Server, Seconds(60)).result());
        fixture.services = nullptr;
        search();
    }

    void startsAreRefusedWithoutTheirMasterKey() {
        const QTemporaryDir parent;
        const auto folder = parent.path() + u"/data"_s;
        { const ServicesFixture fixture(folder); }
        const auto file = folder + u"/master.key"_s;
        QVERIFY(QFile::rename(file, file + u".away"_s));
        const SystemClock clock;
        ServicesOptions options;
        options.dataFolder = folder;
        QCOMPARE(Services::open(options, clock, nullptr).error().code, std::string("master_key"));
        QVERIFY(!QFile::exists(file));
        QVERIFY(QFile::rename(file + u".away"_s, file));
        QVERIFY(Services::open(options, clock, nullptr));
    }

    void anEmptiedDatabaseIsNotANewOne() {
        const QTemporaryDir parent;
        const auto folder = parent.path() + u"/data"_s;
        { const ServicesFixture fixture(folder); }
        QVERIFY(QFile::resize(folder + u"/xshathra.db"_s, 0));
        const SystemClock clock;
        ServicesOptions options;
        options.dataFolder = folder;
        QCOMPARE(Services::open(options, clock, nullptr).error().code, std::string("storage_corrupt"));
        QVERIFY(QFile::remove(folder + u"/xshathra.db"_s));
        QVERIFY(Services::open(options, clock, nullptr));
    }

    void aSecondInstanceIsRefused() {
        const QTemporaryDir parent;
        const auto folder = parent.path() + u"/data"_s;
        const ServicesFixture fixture(folder);
        const SystemClock clock;
        ServicesOptions options;
        options.dataFolder = folder;
        QCOMPARE(Services::open(options, clock, nullptr).error().code, std::string("data_folder_in_use"));
    }

    void readersSeeWholeSnapshotsWhileProjectsChange() {
        const ServicesFixture fixture;
        std::atomic<bool> stop{false};
        std::atomic<std::uint64_t> broken{0};
        std::vector<std::thread> readers;
        for (int i = 0; i < 3; ++i) {
            readers.emplace_back([&] {
                std::uint64_t last = 0;
                while (!stop) {
                    const auto config = fixture->config().current();
                    if (config->revision < last || config->engine->projects.size() != config->projects.size())
                        ++broken;
                    last = config->revision;
                    for (const auto& project : config->projects) {
                        if (config->find(project->id) != project || !project->currentKey(KeyKind::Server))
                            ++broken;
                    }
                }
            });
        }
        for (int i = 0; i < 50; ++i)
            fixture.create("p" + std::to_string(i));
        stop = true;
        for (auto& reader : readers)
            reader.join();
        QCOMPARE(broken.load(), std::uint64_t{0});
        QCOMPARE(fixture->projects().list().size(), std::size_t{51});
    }
};

QTEST_GUILESS_MAIN(ProjectsTest)
#include "tst_projects.moc"
