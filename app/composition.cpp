#include "app/composition.h"

#include <utility>

namespace xshathra::app {

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
