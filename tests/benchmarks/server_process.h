#pragma once

#include "tests/benchmarks/load_client.h"

#include <QProcess>
#include <QTemporaryDir>

#include <memory>
#include <string>

namespace xshathra::bench {

/// A server program under measurement, started on a free port and ended with the object. Use on one thread.
class ServerProcess {
public:
    /// `xshathra serve` on a fresh data folder with a namespace `bench` in which clients may subscribe and publish.
    static std::unique_ptr<ServerProcess> startXshathra(const std::string& program);
    /// A comparison server of this folder.
    static std::unique_ptr<ServerProcess> startComparison(const std::string& program);
    /// A real Centrifugo with a namespace of the same options; `program` is its binary.
    static std::unique_ptr<ServerProcess> startCentrifugo(const std::string& program);

    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    const LoadTarget& target() const { return target_; }
    /// Why it could not be started, or empty.
    const std::string& error() const { return error_; }

private:
    ServerProcess() = default;
    bool start(const std::string& program, const QStringList& arguments);
    QByteArray readLine();

    QTemporaryDir folder_;
    QProcess process_;
    LoadTarget target_;
    std::string error_;
};

}  // namespace xshathra::bench
