#include "app/cli/backend.h"

#include "app/cli/output.h"
#include "server/runtime/control_client.h"
#include "server/runtime/operations.h"
#include "server/runtime/server_runtime.h"

#include <QDeadlineTimer>
#include <QEventLoop>
#include <QThread>

#include <optional>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

/// Longest wait for an instance that has the folder but doesn't answer (yet, or any more).
constexpr int kBusyLimitMs = 5'000;
constexpr int kRetryMs = 50;

QString folderOf(const QString& dataFolder) {
    return dataFolder.isEmpty() ? runtime::defaultDataFolder() : runtime::absoluteFolder(dataFolder);
}

/// One call and its wait. The first result counts.
struct CallState {
    QEventLoop loop;
    std::optional<Result<QJsonObject>> result;

    void finish(Result<QJsonObject> answer) {
        if (result)
            return;
        result = std::move(answer);
        loop.quit();
    }
    Result<QJsonObject> wait() {
        if (!result)
            loop.exec();
        return *result;
    }
};

class RemoteBackend final : public Backend {
public:
    explicit RemoteBackend(std::unique_ptr<runtime::ControlClient> client) : client_(std::move(client)) {}

    Result<QJsonObject> call(const QString& method, const QJsonObject& params, const Event& event) override {
        const auto state = state_ = std::make_shared<CallState>();
        client_->call(
            method, params, [state](Result<QJsonObject> answer) { state->finish(std::move(answer)); },
            [state, event](const QJsonObject& one) {
                if (event && !state->result)
                    event(one);
            });
        return state->wait();
    }
    void giveUp() override { state_->finish(QJsonObject()); }

private:
    std::unique_ptr<runtime::ControlClient> client_;
    std::shared_ptr<CallState> state_;
};

class LocalBackend final : public Backend {
public:
    explicit LocalBackend(const QString& dataFolder) : runtime_(optionsFor(dataFolder)), operations_(runtime_) {}

    Result<void> start() {
        QEventLoop loop;
        QObject::connect(&runtime_, &runtime::ServerRuntime::stateChanged, &loop, [&](runtime::State state) {
            if (state != runtime::State::Starting)
                loop.quit();
        });
        runtime_.start();
        if (runtime_.state() == runtime::State::Starting)
            loop.exec();
        if (const auto failure = runtime_.failure())
            return fail(failure->code.toStdString(), failure->message.toStdString());
        return {};
    }

    Result<QJsonObject> call(const QString& method, const QJsonObject& params, const Event& event) override {
        class LocalAnswer final : public runtime::Answer {
        public:
            LocalAnswer(std::shared_ptr<CallState> state, Event event)
                : state_(std::move(state)), event_(std::move(event)) {}
            ~LocalAnswer() override {
                state_->finish(xshathra::fail("internal", "The command ended without an answer."));
            }
            void event(const QJsonObject& event) override {
                if (event_ && !state_->result)
                    event_(event);
            }
            void succeed(const QJsonObject& result) override { state_->finish(result); }
            void fail(const Error& error) override { state_->finish(Unexpected<Error>(error)); }
            void whenGone(std::function<void()>) override {}

        private:
            std::shared_ptr<CallState> state_;
            Event event_;
        };
        const auto state = state_ = std::make_shared<CallState>();
        operations_.run(method, params, std::make_shared<LocalAnswer>(state, event));
        return state->wait();
    }
    void giveUp() override { state_->finish(QJsonObject()); }

private:
    static runtime::RuntimeOptions optionsFor(const QString& dataFolder) {
        runtime::RuntimeOptions options;
        options.dataFolder = dataFolder;
        options.environment = runtime::environmentOfProcess();
        options.listen = false;
        // Backend::open() waits, and looks in between whether an instance answers.
        options.folderWait = Milliseconds(0);
        return options;
    }

    runtime::ServerRuntime runtime_;
    runtime::Operations operations_;
    std::shared_ptr<CallState> state_;
};

}  // namespace

Result<std::unique_ptr<Backend>> Backend::openRunning(const QString& dataFolder) {
    const auto folder = folderOf(dataFolder);
    auto client = std::make_unique<runtime::ControlClient>();
    if (client->connectTo(folder))
        return std::unique_ptr<Backend>(std::make_unique<RemoteBackend>(std::move(client)));
    return fail(
        "unreachable",
        u"No server runs on the data folder \"%1\". Start one with `%2` or open Xshathra Console; for one that runs on another folder, name that folder with --data-dir."_s
            .arg(folder, commandFor(u"xshathra serve"_s, folder))
            .toStdString());
}

Result<std::unique_ptr<Backend>> Backend::open(const QString& dataFolder) {
    const auto folder = folderOf(dataFolder);
    const QDeadlineTimer deadline(kBusyLimitMs);
    while (true) {
        auto running = openRunning(folder);
        if (running)
            return running;
        auto local = std::make_unique<LocalBackend>(folder);
        const auto started = local->start();
        if (started)
            return std::unique_ptr<Backend>(std::move(local));
        if (started.error().code != "data_folder_in_use" || deadline.hasExpired())
            return Unexpected<Error>(started.error());
        QThread::msleep(kRetryMs);
    }
}

}  // namespace xshathra::app
