#pragma once

#include "server/base/result.h"
#include "server/runtime/control_protocol.h"

#include <QJsonObject>
#include <QString>

#include <functional>
#include <map>
#include <memory>

namespace xshathra::runtime {

class ServerRuntime;

/// The use cases that the command line and a second start of the program ask for, by name, each a call of the services
/// that the window and the REST API call too. Parameters and results are JSON objects; docs/adr/0002-local-control.md
/// lists them. Use it on the runtime's thread.
class Operations {
public:
    /// `runtime` must outlive it.
    explicit Operations(ServerRuntime& runtime);

    /// Carries `method` out and answers, now or later. Unknown methods are answered too.
    void run(const QString& method, const QJsonObject& params, const std::shared_ptr<Answer>& answer);

private:
    using AnswerPtr = std::shared_ptr<Answer>;
    using Function = void (Operations::*)(const QJsonObject&, const AnswerPtr&);

    void status(const QJsonObject& params, const AnswerPtr& answer);
    void showWindow(const QJsonObject& params, const AnswerPtr& answer);
    void listProjects(const QJsonObject& params, const AnswerPtr& answer);
    void createProject(const QJsonObject& params, const AnswerPtr& answer);
    void importProject(const QJsonObject& params, const AnswerPtr& answer);
    void exportProject(const QJsonObject& params, const AnswerPtr& answer);
    void showProject(const QJsonObject& params, const AnswerPtr& answer);
    void listNamespaces(const QJsonObject& params, const AnswerPtr& answer);
    void setNamespace(const QJsonObject& params, const AnswerPtr& answer);
    void removeNamespace(const QJsonObject& params, const AnswerPtr& answer);
    void mintToken(const QJsonObject& params, const AnswerPtr& answer);
    void mintSubscriptionToken(const QJsonObject& params, const AnswerPtr& answer);
    void publish(const QJsonObject& params, const AnswerPtr& answer);
    void followCapture(const QJsonObject& params, const AnswerPtr& answer);

    static const std::map<QString, Function>& table();

    ServerRuntime& runtime_;
};

}  // namespace xshathra::runtime
