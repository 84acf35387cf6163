#pragma once

#include "app/cli/arguments.h"
#include "server/base/result.h"
#include "server/runtime/control_server.h"
#include "server/runtime/operations.h"
#include "server/runtime/options.h"
#include "server/runtime/server_runtime.h"

#include <QObject>

namespace xshathra::app {

/// How a server is started by a command line: `serve`, or the window's program.
runtime::RuntimeOptions optionsFor(const Invocation& invocation);

/// Where the command line asks for a Centrifugo configuration: reads it into the options, and prints its notes to
/// standard error. Errors: `invalid_config`, see centrifugo::load().
Result<void> loadCentrifugo(const Invocation& invocation, runtime::RuntimeOptions& options);

/// A server with its control socket: what both programs run. The one place that makes them and connects them.
class Composition final : public QObject {
    Q_OBJECT

public:
    explicit Composition(runtime::RuntimeOptions options, QObject* parent = nullptr);

    runtime::ServerRuntime& server() { return server_; }

private:
    void openControlSocket();

    runtime::ServerRuntime server_;
    runtime::Operations operations_;
    runtime::ControlServer control_;
};

}  // namespace xshathra::app
