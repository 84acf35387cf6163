#include "app/headless.h"

#include "app/cli/exit_codes.h"
#include "app/cli/output.h"
#include "app/composition.h"
#include "app/stop_signals.h"
#include "server/services/project_service.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonObject>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

/// One run. Lives until the event loop has ended.
class Headless final : public QObject {
public:
    Headless(const runtime::RuntimeOptions& options, bool json) : output_(json), composition_(options) {
        connect(&server(), &runtime::ServerRuntime::stateChanged, this,
                [this](runtime::State state) { changed(state); });
        connect(&signals_, &StopSignals::requested, this, [this](int times) {
            // Who asks twice doesn't want to wait for clients.
            if (times > 1)
                QCoreApplication::exit(kExitFailure);
            else
                server().stop();
        });
        server().start();
    }

private:
    runtime::ServerRuntime& server() { return composition_.server(); }

    void changed(runtime::State state) {
        switch (state) {
            case runtime::State::Running: announce(); break;
            case runtime::State::PortInUse: finish(portInUse()); break;
            case runtime::State::Failed: finish(failed()); break;
            case runtime::State::Stopped: finish(kExitOk); break;
            case runtime::State::Starting:
            case runtime::State::Stopping: break;
        }
    }

    void announce() {
        const auto endpoints = server().endpoints();
        if (output_.json()) {
            QJsonArray projects;
            for (const auto& project : server().projects().list())
                projects.append(QJsonObject{{u"id"_s, text(project->id)}, {u"name"_s, text(project->name)}});
            output_.object({{u"event"_s, u"ready"_s},
                            {u"url"_s, endpoints.origin},
                            {u"webSocketUrl"_s, endpoints.webSocket},
                            {u"port"_s, endpoints.port},
                            {u"pid"_s, QCoreApplication::applicationPid()},
                            {u"version"_s, QStringLiteral(XSHATHRA_VERSION)},
                            {u"dataFolder"_s, server().dataFolder()},
                            {u"projects"_s, projects}});
            return;
        }
        output_.line(u"Xshathra %1 is running (%2 ms)"_s.arg(QStringLiteral(XSHATHRA_VERSION))
                         .arg(server().startTime().value_or(Milliseconds()).count()));
        if (server().dataFolder().isEmpty()) {
            output_.line(makeTable({{u"  WebSocket"_s, endpoints.webSocket},
                                    {u"  Server API"_s, endpoints.publish},
                                    {u"  Project"_s, u"a Centrifugo configuration, in memory"_s},
                                    {u"  Stop"_s, u"Ctrl+C"_s}}));
            return;
        }
        QList<QStringList> rows{
            {u"  WebSocket"_s, endpoints.webSocket},
            {u"  REST API"_s, endpoints.origin + u"/api/realtime/{token,subscription-token,publish}"_s},
            {u"  Data folder"_s, forTerminal(server().dataFolder())}};
        for (const auto& project : server().projects().list())
            rows.append({u"  Project"_s, u"%1 (%2)"_s.arg(text(project->id), forTerminal(text(project->name)))});
        rows.append({u"  Keys"_s, keysCommand()});
        rows.append({u"  Stop"_s, u"Ctrl+C"_s});
        output_.line(makeTable(rows));
    }

    /// As it has to be typed for this server: with its folder where it isn't the default, and a project where there are
    /// several.
    QString keysCommand() {
        const bool several = server().projects().list().size() > 1;
        return commandFor(several ? u"xshathra project show PROJECT --keys"_s : u"xshathra project show --keys"_s,
                          server().dataFolder());
    }

    int portInUse() {
        const auto holder = server().portHolder().value_or(runtime::PortHolder());
        auto message = u"Port %1 is taken by %2."_s.arg(holder.port).arg(holder.description());
        if (server().suggestedPort() != 0)
            message += u" Stop it, or start on another port: "_s +
                       commandFor(u"xshathra serve --port %1"_s.arg(server().suggestedPort()), server().dataFolder());
        return output_.error({"port_in_use", message.toStdString(), {}});
    }

    int failed() {
        const auto failure = server().failure().value_or(runtime::Failure());
        return output_.error({failure.code.toStdString(), failure.message.toStdString(), {}});
    }

    void finish(int exitCode) {
        if (finished_)
            return;
        finished_ = true;
        QCoreApplication::exit(exitCode);
    }

    const Output output_;
    Composition composition_;
    StopSignals signals_;
    bool finished_ = false;
};

}  // namespace

int runHeadless(const runtime::RuntimeOptions& options, bool json) {
    const Headless headless(options, json);
    return QCoreApplication::exec();
}

}  // namespace xshathra::app
