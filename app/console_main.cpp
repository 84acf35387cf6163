#include "app/cli/arguments.h"
#include "app/cli/exit_codes.h"
#include "app/composition.h"
#include "app/display.h"
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

/// Asks the instance that holds the folder to show its window. Nothing where no instance answers; otherwise the exit
/// code.
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

int runWindow(QApplication& application, runtime::RuntimeOptions options) {
    QSettings settings(options.dataFolder + u"/window.ini"_s, QSettings::IniFormat);
    options.capture = true;
    app::Composition composition(std::move(options));
    composition.server().claimCapture();
    const ui::Theme theme(application);
    app::Console console(composition.server(), settings);
    const app::StopSignals signals;
    QObject::connect(&signals, &app::StopSignals::requested, &console, &app::Console::end);
    console.show();
    composition.server().start();
    return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
    const auto parsed = app::parseConsoleArguments(std::vector<std::string>(argv + 1, argv + argc));
    std::fputs(parsed.output.c_str(), stdout);
    std::fputs(parsed.error.c_str(), stderr);
    if (!parsed.invocation)
        return parsed.exitCode;

    app::prepareProcess();
    app::nameApplication("xshathra-console");
    auto options = app::optionsFor(*parsed.invocation);
    if (const auto problem = app::whyNoDisplay(QProcessEnvironment::systemEnvironment())) {
        std::fprintf(stderr, "xshathra-console: %s; running without a window\n", problem->c_str());
        options.logToStandardError = true;
        const QCoreApplication application(argc, argv);
        return app::runHeadless(options, parsed.invocation->json);
    }
    QApplication application(argc, argv);
    if (const auto exitCode = raiseRunningInstance(options.dataFolder))
        return *exitCode;
    return runWindow(application, std::move(options));
}
