#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/composition.h"
#include "app/headless.h"
#include "app/process.h"

#include <QCoreApplication>

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    using namespace xshathra::app;
    const auto parsed = parseArguments(std::vector<std::string>(argv + 1, argv + argc));
    std::fputs(parsed.output.c_str(), stdout);
    std::fputs(parsed.error.c_str(), stderr);
    if (!parsed.invocation)
        return parsed.exitCode;

    prepareProcess();
    const QCoreApplication application(argc, argv);
    nameApplication("xshathra");
    const auto& invocation = *parsed.invocation;
    if (invocation.command != Command::Serve)
        return runCommand(invocation);

    auto options = optionsFor(invocation);
    if (const auto loaded = loadCentrifugo(invocation, options); !loaded)
        return Output(invocation.json).error(loaded.error());
    options.logToStandardError = true;
    return runHeadless(options, invocation.json);
}
