#pragma once

#include "server/capture/decision.h"
#include "ui/overview/server_commands.h"
#include "ui/overview/server_status.h"

#include <QStringList>

#include <memory>
#include <utility>

namespace xshathra::ui {

/// A server that only remembers what it was asked for, and shows it in the status.
class FakeServer final : public ServerCommands {
public:
    explicit FakeServer(ServerStatus& status) : status_(status) {}

    void setRunning() {
        status_.setAddress({QStringLiteral("127.0.0.1:3001"),
                            QStringLiteral("ws://127.0.0.1:3001/realtime/connection/websocket"),
                            QStringLiteral("http://127.0.0.1:3001/api/realtime"), 3001});
        status_.setStartMilliseconds(180);
        status_.setPortConflict(std::nullopt);
        status_.setRecording(true);
        status_.setProjects({{QStringLiteral("proj_1"), QStringLiteral("My project"), QStringLiteral("development")}});
        status_.setCurrentProject(QStringLiteral("proj_1"));
        ServerFigures figures;
        figures.captureBytesLimit = std::uint64_t{512} << 20;
        status_.setFigures(figures);
        status_.setState(ServerState::Running);
    }

    /// Figures and problems of a busy server; `step` varies the figures for a course over time.
    void fill(int step = 0) {
        ServerFigures figures;
        figures.connections = 4 + static_cast<std::uint64_t>(step / 30);
        figures.channels = 12;
        figures.inPerSecond = 812 + (step * 37) % 90;
        figures.outPerSecond = 3'100 + (step * 53) % 400;
        figures.captureKept = 48'112;
        figures.captureBytes = std::uint64_t{61} << 20;
        figures.captureBytesLimit = std::uint64_t{512} << 20;
        figures.captureEvicted = 17;
        figures.notDrawn = 3;
        figures.publishP95 = 900'000;
        status_.setFigures(figures);
        auto decision = std::make_shared<capture::Decision>();
        decision->verdict = capture::Verdict::Refused;
        decision->code = 109;
        decision->summary = "The token expired 41 s ago.";
        decision->checks = {{"Signature", capture::Outcome::Pass, "HS256, signed with this server's secret", "", ""},
                            {"Expiry", capture::Outcome::Fail, "exp = 1780000000", "exp > 1780000041",
                             "Answer the client's refresh with a new token."},
                            {"Project", capture::Outcome::NotReached, "", "", ""}};
        const auto now = QDateTime::currentDateTimeUtc();
        status_.setProblems({
            {QStringLiteral("a"), QStringLiteral("Error 109: token expired"),
             QStringLiteral("The token expired 41 s ago."), QStringLiteral("u7"), false, 3, now.addSecs(-8), 48'110,
             decision, QStringLiteral("Answer the client's refresh with a new token.")},
            {QStringLiteral("b"), QStringLiteral("HTTP 401 on POST /api/realtime/publish"),
             QStringLiteral("The key fails its checksum: truncated when pasted?"), QString(), false, 2,
             now.addSecs(-70), 48'001, nullptr, QString()},
            {QStringLiteral("c"), QStringLiteral("Disconnected with 3008: slow"), QStringLiteral("queue over 1 MB"),
             QStringLiteral("u9"), true, 14, now.addSecs(-200), 47'000, nullptr, QString()},
        });
    }

    void finishTrail() {
        using Outcome = TrailStepView::Outcome;
        status_.setTrail({{QStringLiteral("token"), Outcome::Done, 1'200'000, {}},
                          {QStringLiteral("connect"), Outcome::Done, 3'400'000, {}},
                          {QStringLiteral("publish"), Outcome::Done, 800'000, {}}});
    }

    void start() override { calls += QStringLiteral("start"); }
    void stop() override { calls += QStringLiteral("stop"); }
    void restart() override { calls += QStringLiteral("restart"); }
    void retry() override { calls += QStringLiteral("retry"); }
    void usePort(std::uint16_t port) override { calls += QStringLiteral("usePort %1").arg(port); }
    void setRecording(bool on) override {
        calls += QStringLiteral("setRecording %1").arg(on ? 1 : 0);
        status_.setRecording(on);
    }
    void createProject(const QString& name, ProjectDone done) override {
        calls += QStringLiteral("createProject %1").arg(name);
        done(QStringLiteral("proj_2"), std::exchange(nextError, {}));
    }
    void renameProject(const QString& id, const QString& name, ProjectDone done) override {
        calls += QStringLiteral("renameProject %1 %2").arg(id, name);
        done(id, std::exchange(nextError, {}));
    }
    void sendTestMessage(const QString& projectId) override {
        calls += QStringLiteral("sendTestMessage %1").arg(projectId);
    }
    void finishFirstRun() override {
        calls += QStringLiteral("finishFirstRun");
        status_.setFirstRun(false);
    }
    QString snippet(const QString& projectId) override { return QStringLiteral("snippet of %1").arg(projectId); }

    QStringList calls;
    /// The next creation or renaming fails with this sentence.
    QString nextError;

private:
    ServerStatus& status_;
};

}  // namespace xshathra::ui
