#include "tests/benchmarks/server_process.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QThread>

namespace xshathra::bench {

namespace {

constexpr int kStartMs = 20'000;

QJsonObject runJson(const std::string& program, const QStringList& arguments, std::string& error) {
    QProcess process;
    process.start(QString::fromStdString(program), arguments);
    if (!process.waitForFinished(kStartMs) || process.exitCode() != 0) {
        error = "`xshathra " + arguments.join(QLatin1Char(' ')).toStdString() +
                "` failed: " + process.readAllStandardError().toStdString() +
                process.readAllStandardOutput().toStdString();
        return {};
    }
    return QJsonDocument::fromJson(process.readAllStandardOutput()).object();
}

quint16 freePort() {
    QTcpServer probe;
    probe.listen(QHostAddress::LocalHost);
    return probe.serverPort();
}

bool waitUntilListening(quint16 port) {
    for (int attempt = 0; attempt < kStartMs / 50; ++attempt) {
        QTcpSocket probe;
        probe.connectToHost(QHostAddress::LocalHost, port);
        if (probe.waitForConnected(50))
            return true;
        QThread::msleep(50);
    }
    return false;
}

}  // namespace

ServerProcess::~ServerProcess() {
    process_.terminate();
    if (!process_.waitForFinished(10'000))
        process_.kill();
    process_.waitForFinished(1000);
}

bool ServerProcess::start(const std::string& program, const QStringList& arguments) {
    process_.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process_.start(QString::fromStdString(program), arguments);
    if (!process_.waitForStarted(kStartMs)) {
        error_ = program + " could not be started: " + process_.errorString().toStdString();
        return false;
    }
    target_.pid = static_cast<int>(process_.processId());
    return true;
}

QByteArray ServerProcess::readLine() {
    while (!process_.canReadLine()) {
        if (!process_.waitForReadyRead(kStartMs)) {
            error_ = "the server said nothing within 20 s";
            return {};
        }
    }
    return process_.readLine();
}

std::unique_ptr<ServerProcess> ServerProcess::startXshathra(const std::string& program) {
    std::unique_ptr<ServerProcess> server(new ServerProcess);
    const QStringList dataDir{QStringLiteral("--data-dir"), server->folder_.path(), QStringLiteral("--json")};
    if (!server->start(program,
                       QStringList{QStringLiteral("serve"), QStringLiteral("--port"), QStringLiteral("0")} + dataDir))
        return server;
    server->target_.port = static_cast<std::uint16_t>(
        QJsonDocument::fromJson(server->readLine()).object().value(QLatin1String("port")).toInt());
    if (!server->error_.empty())
        return server;
    const QStringList open{QStringLiteral("allow_subscribe_for_client=true"),
                           QStringLiteral("allow_publish_for_client=true")};
    const QStringList kept{QStringLiteral("history_size=100"), QStringLiteral("history_ttl=60s"),
                           QStringLiteral("force_recovery=true")};
    const QStringList delta{QStringLiteral("allowed_delta_types=fossil"), QStringLiteral("delta_publish=true")};
    for (const auto& [name, options] :
         {std::pair(LoadScenario::kPlainNamespace, open), std::pair(LoadScenario::kKeptNamespace, open + kept),
          std::pair(LoadScenario::kDeltaNamespace, open + kept + delta)})
        runJson(
            program,
            QStringList{QStringLiteral("namespace"), QStringLiteral("set"), QLatin1String(name)} + options + dataDir,
            server->error_);
    const auto minted = runJson(program,
                                QStringList{QStringLiteral("token"), QStringLiteral("--user"), QStringLiteral("bench"),
                                            QStringLiteral("--ttl"), QStringLiteral("3600")} +
                                    dataDir,
                                server->error_);
    server->target_.path = "/realtime/connection/websocket";
    server->target_.token = minted.value(QLatin1String("token")).toString().toStdString();
    if (server->error_.empty() && server->target_.token.empty())
        server->error_ = "`xshathra token` printed no token";
    return server;
}

std::unique_ptr<ServerProcess> ServerProcess::startComparison(const std::string& program) {
    std::unique_ptr<ServerProcess> server(new ServerProcess);
    if (!server->start(program, {}))
        return server;
    server->target_.port = static_cast<std::uint16_t>(server->readLine().trimmed().toInt());
    server->target_.path = "/";
    return server;
}

std::unique_ptr<ServerProcess> ServerProcess::startCentrifugo(const std::string& program) {
    std::unique_ptr<ServerProcess> server(new ServerProcess);
    const auto port = freePort();
    QFile config(server->folder_.filePath(QStringLiteral("config.json")));
    if (!config.open(QIODevice::WriteOnly)) {
        server->error_ = "the configuration file could not be written";
        return server;
    }
    config.write(QStringLiteral(R"({
        "http_server": {"address": "127.0.0.1", "port": "%1"},
        "log": {"level": "error"},
        "client": {"allow_anonymous_connect_without_token": true, "allowed_origins": ["*"]},
        "channel": {"namespaces": [
            {"name": "bench", "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true,
             "allow_publish_for_client": true, "allow_publish_for_anonymous": true},
            {"name": "kept", "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true,
             "allow_publish_for_client": true, "allow_publish_for_anonymous": true,
             "history_size": 100, "history_ttl": "60s", "force_recovery": true},
            {"name": "delta", "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true,
             "allow_publish_for_client": true, "allow_publish_for_anonymous": true,
             "history_size": 100, "history_ttl": "60s", "force_recovery": true,
             "allowed_delta_types": ["fossil"], "delta_publish": true}]}
    })")
                     .arg(port)
                     .toUtf8());
    config.close();
    if (!server->start(program, {QStringLiteral("--config"), config.fileName()}))
        return server;
    if (!waitUntilListening(port))
        server->error_ = "centrifugo did not listen within 20 s";
    server->target_.port = port;
    server->target_.path = "/connection/websocket";
    return server;
}

}  // namespace xshathra::bench
