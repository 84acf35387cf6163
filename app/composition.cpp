#include "app/composition.h"

#include "app/cli/output.h"

#include <cstdio>
#include <utility>

namespace xshathra::app {

namespace {

/// Centrifugo's words; what is finer than debug or coarser than error is these two.
LogLevel logLevelOf(const std::string& word) {
    if (word == "trace" || word == "debug")
        return LogLevel::Debug;
    if (word == "warn")
        return LogLevel::Warn;
    return word == "error" || word == "fatal" || word == "none" ? LogLevel::Error : LogLevel::Info;
}

}  // namespace

runtime::RuntimeOptions optionsFor(const Invocation& invocation) {
    runtime::RuntimeOptions options;
    options.dataFolder =
        invocation.dataFolder.isEmpty() ? runtime::defaultDataFolder() : runtime::absoluteFolder(invocation.dataFolder);
    options.flags = invocation.flags;
    options.environment = runtime::environmentOfProcess();
    options.logLevel = invocation.logLevel;
    return options;
}

Result<void> loadCentrifugo(const Invocation& invocation, runtime::RuntimeOptions& options) {
    if (invocation.centrifugoConfig.isEmpty() && !invocation.centrifugoEnvironment &&
        invocation.centrifugoOptions.isEmpty())
        return {};
    centrifugo::Source source;
    source.file = invocation.centrifugoConfig.toStdString();
    source.readVariables = invocation.centrifugoEnvironment;
    source.environment = centrifugo::environmentOfProcess();
    for (const auto& option : invocation.centrifugoOptions)
        source.options.emplace_back(option.section(u'=', 0, 0).toStdString(), option.section(u'=', 1).toStdString());
    auto loaded = centrifugo::load(source);
    if (!loaded)
        return Unexpected<Error>(loaded.error());
    for (const auto& note : loaded->notes)
        std::fprintf(stderr, "note: %s\n", forTerminal(QString::fromStdString(note)).toUtf8().constData());
    if (!invocation.logLevelGiven)
        options.logLevel = logLevelOf(loaded->configuration.logLevel);
    options.centrifugo = std::move(*loaded);
    return {};
}

Composition::Composition(runtime::RuntimeOptions options, QObject* parent)
    : QObject(parent),
      server_(std::move(options)),
      operations_(server_),
      control_([this](const QString& method, const QJsonObject& params,
                      const std::shared_ptr<runtime::Answer>& answer) { operations_.run(method, params, answer); }) {
    connect(&server_, &runtime::ServerRuntime::servicesReady, this, &Composition::openControlSocket);
}

void Composition::openControlSocket() {
    if (server_.dataFolder().isEmpty())
        return;
    const auto opened = control_.listen(server_.dataFolder());
    if (!opened)
        server_.log().warn("control", opened.error().message);
}

}  // namespace xshathra::app
