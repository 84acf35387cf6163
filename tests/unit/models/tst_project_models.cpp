#include "server/services/config_store.h"
#include "ui/models/namespace_table_model.h"
#include "ui/models/project_list_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::models;
using namespace Qt::StringLiterals;
using services::Project;
using services::ProjectPtr;

namespace {

ProjectPtr project(const std::string& id, const std::string& name,
                   services::Environment environment = services::Environment::Development) {
    auto made = std::make_shared<Project>();
    made->id = id;
    made->name = name;
    made->environment = environment;
    return made;
}

void publish(services::ConfigStore& store, std::vector<ProjectPtr> projects) {
    auto config = std::make_shared<services::Config>();
    config->projects = std::move(projects);
    store.publish(std::move(config));
}

QStringList namesOf(const ProjectListModel& model) {
    QStringList names;
    for (int row = 0; row < model.rowCount(); ++row)
        names += model.index(row).data().toString();
    return names;
}

ProjectPtr withNamespaces(std::vector<engine::NamespaceOptions> namespaces) {
    auto made = std::make_shared<Project>();
    made->namespaces = std::move(namespaces);
    return made;
}

}  // namespace

class ProjectModelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsProjectsThatComeChangeAndGo() {
        services::ConfigStore store;
        const auto a = project("proj_a", "Arena");
        const auto b = project("proj_b", "Board", services::Environment::Production);
        publish(store, {a});
        ProjectListModel model(store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(namesOf(model), QStringList{u"Arena"_s});

        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        publish(store, {a, b});
        QTRY_COMPARE(namesOf(model), (QStringList{u"Arena"_s, u"Board"_s}));
        QCOMPARE(inserted.size(), 1);
        QCOMPARE(model.index(1).data(ProjectListModel::EnvironmentRole).toString(), u"production"_s);
        QCOMPARE(model.rowOf(u"proj_b"_s), 1);
        QCOMPARE(model.rowOf(u"proj_none"_s), -1);

        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        const auto renamed = project("proj_b", "Chess");
        publish(store, {a, renamed});
        QTRY_COMPARE(namesOf(model), (QStringList{u"Arena"_s, u"Chess"_s}));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed.constFirst().constFirst().toModelIndex().row(), 1);

        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        QPersistentModelIndex kept(model.index(1));
        publish(store, {renamed});
        QTRY_COMPARE(namesOf(model), QStringList{u"Chess"_s});
        QCOMPARE(removed.size(), 1);
        QCOMPARE(kept.row(), 0);

        // Brought back at its old place.
        publish(store, {a, renamed});
        QTRY_COMPARE(namesOf(model), (QStringList{u"Arena"_s, u"Chess"_s}));
        QCOMPARE(kept.row(), 1);
        publish(store, {});
        QTRY_COMPARE(model.rowCount(), 0);
        QVERIFY(!model.project(0));
        QVERIFY(!model.project(-1));
    }

    void showsOpenConnections() {
        services::ConfigStore store;
        publish(store, {project("proj_a", "Arena"), project("proj_b", "Board")});
        ProjectListModel model(store);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setConnections({{u"proj_b"_s, 4}});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(model.index(0).data(ProjectListModel::ConnectionsRole).toInt(), 0);
        QCOMPARE(model.index(1).data(ProjectListModel::ConnectionsRole).toInt(), 4);
        QCOMPARE(model.index(1).data(Qt::AccessibleTextRole).toString(), u"Board, development, 4 connections"_s);
        model.setConnections({{u"proj_b"_s, 4}});
        QCOMPARE(changed.size(), 1);
    }

    void saysHowChannelsAreTreated() {
        engine::NamespaceOptions open{"public", {}};
        open.options.allowSubscribeForClient = true;
        open.options.allowSubscribeForAnonymous = true;
        engine::NamespaceOptions chat{"chat", {}};
        chat.options.presence = true;
        chat.options.historySize = 300;
        chat.options.historyTtl = Milliseconds(600'000);
        chat.options.forceRecovery = true;

        NamespaceTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 0);
        model.setProject(withNamespaces({open, chat}));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.columnCount(), int{NamespaceTableModel::ColumnCount});
        const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
        const auto flag = [&](int row, int column) {
            return model.index(row, column).data(NamespaceTableModel::FlagRole);
        };
        const auto dash = QString(QChar(0x2013));
        QCOMPARE(text(0, NamespaceTableModel::Name), u"public"_s);
        QCOMPARE(text(0, NamespaceTableModel::Subscribe), u"anyone"_s);
        QCOMPARE(text(0, NamespaceTableModel::Presence), dash);
        QCOMPARE(text(0, NamespaceTableModel::History), dash);
        QCOMPARE(text(0, NamespaceTableModel::Pattern), u"public:{name}"_s);
        QCOMPARE(flag(0, NamespaceTableModel::Subscribe).toBool(), false);
        QCOMPARE(text(1, NamespaceTableModel::Subscribe), u"subscription token"_s);
        QCOMPARE(text(1, NamespaceTableModel::History), u"300 %1 10 min"_s.arg(QChar(0x00b7)));
        QCOMPARE(text(1, NamespaceTableModel::Recovery), u"yes"_s);
        QCOMPARE(text(1, NamespaceTableModel::Pattern), u"chat:{projectId}:{roomId}"_s);
        QCOMPARE(flag(1, NamespaceTableModel::Subscribe).toBool(), true);
        QCOMPARE(flag(1, NamespaceTableModel::Presence).toBool(), true);
        QCOMPARE(flag(1, NamespaceTableModel::Recovery).toBool(), true);
        QVERIFY(!flag(1, NamespaceTableModel::History).isValid());
        QCOMPARE(model.index(1, NamespaceTableModel::Subscribe).data(Qt::AccessibleTextRole).toString(),
                 u"chat: Subscribe subscription token"_s);
        for (int column = 0; column < NamespaceTableModel::ColumnCount; ++column)
            QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
        model.setProject(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void namesWhoMaySubscribe_data() {
        QTest::addColumn<bool>("proxy");
        QTest::addColumn<bool>("client");
        QTest::addColumn<bool>("anonymous");
        QTest::addColumn<QString>("word");
        QTest::newRow("token") << false << false << false << u"subscription token"_s;
        QTest::newRow("anonymous alone") << false << false << true << u"subscription token"_s;
        QTest::newRow("users") << false << true << false << u"users"_s;
        QTest::newRow("anyone") << false << true << true << u"anyone"_s;
        QTest::newRow("backend") << true << true << true << u"your backend decides"_s;
    }

    void namesWhoMaySubscribe() {
        QFETCH(bool, proxy);
        QFETCH(bool, client);
        QFETCH(bool, anonymous);
        engine::ChannelOptions options;
        options.subscribeProxyEnabled = proxy;
        options.allowSubscribeForClient = client;
        options.allowSubscribeForAnonymous = anonymous;
        QTEST(subscribeWord(options), "word");
    }

    void writesHistoryShort_data() {
        QTest::addColumn<qint64>("milliseconds");
        QTest::addColumn<QString>("word");
        QTest::newRow("ms") << qint64{500} << u"500 ms"_s;
        QTest::newRow("s") << qint64{1'000} << u"1 s"_s;
        QTest::newRow("60 s") << qint64{60'000} << u"60 s"_s;
        QTest::newRow("odd seconds") << qint64{90'000} << u"90 s"_s;
        QTest::newRow("min") << qint64{120'000} << u"2 min"_s;
        QTest::newRow("h") << qint64{3'600'000} << u"1 h"_s;
        QTest::newRow("d") << qint64{172'800'000} << u"2 d"_s;
    }

    void writesHistoryShort() {
        QFETCH(qint64, milliseconds);
        QFETCH(QString, word);
        engine::ChannelOptions options;
        options.historySize = 10;
        options.historyTtl = Milliseconds(milliseconds);
        QCOMPARE(historyWord(options), u"10 %1 %2"_s.arg(QChar(0x00b7)).arg(word));
    }
};

QTEST_GUILESS_MAIN(ProjectModelsTest)

#include "tst_project_models.moc"
