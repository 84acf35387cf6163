#pragma once

#include "server/base/result.h"

#include <QJsonObject>
#include <QString>

#include <functional>
#include <memory>

namespace xshathra::app {

/// Where a command is carried out: in the instance that holds the data folder, or here, on the folder itself. The
/// operations are the same ones (runtime::Operations). Use it on one thread.
class Backend {
public:
    virtual ~Backend() = default;

    /// Finds the running instance; where none runs, opens the folder (without listening). A start or stop that is going
    /// on at this moment is waited for, a few seconds at most.
    static Result<std::unique_ptr<Backend>> open(const QString& dataFolder);
    /// Finds the running instance and touches nothing on the folder. Error `unreachable` where none answers.
    static Result<std::unique_ptr<Backend>> openRunning(const QString& dataFolder);

    using Event = std::function<void(const QJsonObject&)>;
    /// Runs the event loop until the operation is done.
    virtual Result<QJsonObject> call(const QString& method, const QJsonObject& params, const Event& event = {}) = 0;
    /// From an `event`, or anything else that the event loop runs: makes call() return an empty result without waiting
    /// for the operation.
    virtual void giveUp() = 0;
};

}  // namespace xshathra::app
