#include "tests/unit/rest/server_api_fixture.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRegularExpression>
#include <QtTest>

using namespace xshathra;

namespace {

/// What tests/unit/rest/data/server_api.jsonl was recorded with, in the words of the engine.
void recordedProject(engine::ProjectConfig& project, engine::ChannelLayout& layout) {
    layout = {};
    const auto add = [&](const char* name) -> engine::ChannelOptions& {
        layout.namespaces.push_back({name, {}});
        return layout.namespaces.back().options;
    };
    add("plain");
    auto& history = add("hist");
    history.historySize = 3;
    history.historyTtl = Seconds(60);
    add("pres").presence = true;
    add("jo").publicationDataFormat = engine::DataFormat::JsonObject;
    add("js").publicationDataFormat = engine::DataFormat::Json;
    add("bin").publicationDataFormat = engine::DataFormat::Binary;
    add("regex").channelRegex = "^[a-z]+$";
    auto& map = add("map");
    map.subscriptionType = engine::SubscriptionType::Map;
    map.map.mode = engine::MapMode::Persistent;
    auto& poll = add("poll");
    poll.subscriptionType = engine::SubscriptionType::SharedPoll;
    poll.sharedPoll.mode = engine::SharedPollMode::Versioned;
    poll.sharedPoll.publishEnabled = true;
    auto& pollOff = add("polloff");
    pollOff.subscriptionType = engine::SubscriptionType::SharedPoll;
    pollOff.sharedPoll.mode = engine::SharedPollMode::Versioned;
    project.sharedPoll.hmacSecretKey = auth::Secret("s");
}

/// Lines of JSON with what differs from run to run made equal; other texts as they are.
QByteArray normal(QByteArray text) {
    static const QRegularExpression kEpoch(QStringLiteral("\"epoch\":\"[^\"]*\""));
    static const QRegularExpression kTime(QStringLiteral("\"time\":[0-9]+"));
    auto whole = QString::fromUtf8(text);
    whole.replace(kEpoch, QStringLiteral("\"epoch\":\"EPOCH\"")).replace(kTime, QStringLiteral("\"time\":1"));
    QByteArrayList lines;
    for (const auto& line : whole.split(QLatin1Char('\n'))) {
        const auto document = QJsonDocument::fromJson(line.toUtf8());
        lines.append(document.isNull() ? line.toUtf8() : document.toJson(QJsonDocument::Compact));
    }
    return lines.join('\n');
}

}  // namespace

/// Requests and the answers of a Centrifugo v6.9.1 to them, in their order, played at the server API.
class ServerApiRecordedTest : public QObject {
    Q_OBJECT

    std::unique_ptr<test::ServerApiFixture> fixture_;
    /// Epochs that later requests use, by name.
    QMap<QString, QString> saved_;

private Q_SLOTS:
    void initTestCase() {
        fixture_ = std::make_unique<test::ServerApiFixture>();
        fixture_->engine.addProject("proj_A", recordedProject);
        fixture_->apply();
    }

    void answersAsCentrifugo_data() {
        QTest::addColumn<QJsonObject>("row");
        QFile file(QStringLiteral(XSHATHRA_REST_DATA "/server_api.jsonl"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        while (!file.atEnd()) {
            const auto row = QJsonDocument::fromJson(file.readLine()).object();
            QTest::newRow(row.value(QLatin1String("name")).toString().toUtf8().constData()) << row;
        }
    }
    void answersAsCentrifugo() {
        QFETCH(QJsonObject, row);
        auto body = row.value(QLatin1String("body")).toString();
        for (auto it = saved_.cbegin(); it != saved_.cend(); ++it)
            body.replace(QLatin1Char('$') + it.key(), it.value());
        const auto path = row.value(QLatin1String("path")).toString().toStdString();
        auto request =
            test::ServerApiFixture::request(path, body.toStdString(), row.contains(QLatin1String("auth")) ? "" : "k");
        for (const auto* fields : {"auth", "headers"}) {
            const auto object = row.value(QLatin1String(fields)).toObject();
            for (auto it = object.begin(); it != object.end(); ++it)
                request.head.fields.add(it.key().toStdString(), it.value().toString().toStdString());
        }

        const auto answer = fixture_->ask(request);
        const QByteArray text(answer.body.data(), static_cast<qsizetype>(answer.body.size()));
        if (const auto name = row.value(QLatin1String("save")).toString(); !name.isEmpty()) {
            static const QRegularExpression kEpoch(QStringLiteral("\"epoch\":\"([^\"]+)\""));
            const auto found = kEpoch.match(QString::fromUtf8(text));
            QVERIFY2(found.hasMatch(), text.constData());
            saved_.insert(name, found.captured(1));
        }
        // "ours" stands beside the recorded answer where docs/protocol.md lists a difference.
        const auto expected = row.value(QLatin1String("ours")).toString(row.value(QLatin1String("answer")).toString());
        QCOMPARE(normal(text), normal(expected.toUtf8()));
        QCOMPARE(answer.status,
                 row.value(QLatin1String("oursStatus")).toInt(row.value(QLatin1String("status")).toInt()));
    }
};

QTEST_GUILESS_MAIN(ServerApiRecordedTest)
#include "tst_server_api_recorded.moc"
