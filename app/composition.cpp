#include "app/composition.h"

#include <utility>

namespace xshathra::app {

runtime::RuntimeOptions optionsFor(const Invocation& invocation) {
    runtime::RuntimeOptions options;
    options.dataFolder = invocation.dataFolder.isEmpty() ? runtime::defaultDataFolder() : runtime::absoluteFolder(invocation.dataFolder);
    options.flags = invocation.flags;
    options.environment = runtime::environmentOfProcess();
    options.logLevel = invocation.logLevel;
    return options;
}

Composition::Composition(runtime::RuntimeOptions options, QObject* parent)
    : QObject(parent), server_(std::move(options)), operations_(server_),
      control_([this](const QString& method, const QJsonObject& params, const std::shared_ptr<runtime::Answer>& answer) {
          operations_.run(method, params, answer);
      }) {
    connect(&server_, &runtime::ServerRuntime::servicesReady, this, &Composition::openControlSocket);
}

void Composition::openControlSocket() {
    const auto opened = control_.listen(server_.dataFolder());
    if (!opened)
        server_.log().warn("control", opened.error().message);
}

}  // namespace xshathra::app
