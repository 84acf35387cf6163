#include "app/cli/arguments.h"
#include "app/cli/exit_codes.h"
#include "app/composition.h"
#include "app/headless.h"
#include "app/process.h"
#include "app/stop_signals.h"
#include "app/window/console.h"
#include "server/runtime/control_client.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QSettings>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace xshathra;
using namespace Qt::StringLiterals;

/// Whether a window can be opened. Qt ends the process where it finds no display, so this has to be known before.
bool hasDisplay() {
#if defined(Q_OS_LINUX)
    return !qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ||
           !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
#else
    return true;
#endif
}

/// Asks the instance that holds the folder to show its window. Nothing where no instance answers; otherwise the exit code.
std::optional<int> raiseRunningInstance(const QString& dataFolder) {
    runtime::ControlClient client;
    if (!client.connectTo(dataFolder))
        return std::nullopt;
    const auto shown = client.callAndWait(u"window.show"_s, {});
    if (shown)
        return app::kExitOk;
    std::fprintf(stderr, "xshathra-console: %s\n", shown.error().message.c_str());
    return app::kExitDataFolder;
}

runtime::RuntimeOptions optionsFor(const app::Invocation& invocation) {
    runtime::RuntimeOptions options;
    options.dataFolder = invocation.dataFolder.isEmpty() ? runtime::defaultDataFolder() : runtime::absoluteFolder(invocation.dataFolder);
    options.flags = invocation.flags;
    options.environment = runtime::environmentOfProcess();
    options.logLevel = invocation.logLevel;
    return options;
}

int runWindow(QApplication& application, runtime::RuntimeOptions options) {
    QSettings settings(options.dataFolder + u"/window.ini"_s, QSettings::IniFormat);
    options.capture = true;
    app::Composition composition(std::move(options));
    composition.server().claimCapture();
    const ui::Theme theme(application);
    app::Console console(composition.server(), settings);
    const app::StopSignals signals;
    QObject::connect(&signals, &app::StopSignals::requested, &application, &QCoreApplication::quit);
    console.show();
    composition.server().start();
    return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
    // The window takes the options of `xshathra serve`.
    std::vector<std::string> arguments{"serve"};
    arguments.insert(arguments.end(), argv + 1, argv + argc);
    const auto parsed = app::parseArguments(arguments);
    std::fputs(parsed.output.c_str(), stdout);
    std::fputs(parsed.error.c_str(), stderr);
    if (!parsed.invocation)
        return parsed.exitCode;

    app::prepareProcess();
    app::nameApplication("xshathra-console");
    auto options = optionsFor(*parsed.invocation);
    if (!hasDisplay()) {
        std::fputs("xshathra-console: no display was found (DISPLAY and WAYLAND_DISPLAY are empty); running without a window\n", stderr);
        options.logToStandardError = true;
        const QCoreApplication application(argc, argv);
        return app::runHeadless(options, parsed.invocation->json);
    }
    QApplication application(argc, argv);
    if (const auto exitCode = raiseRunningInstance(options.dataFolder))
        return *exitCode;
    return runWindow(application, std::move(options));
}
