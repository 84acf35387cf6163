// Creates projects in a loop and prints the id of each one that was acknowledged, until it is killed.
#include "server/base/clock.h"
#include "server/services/services.h"

#include <QCoreApplication>

#include <cstdio>

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    if (argc != 3) {
        std::fputs("usage: project_maker FOLDER PREFIX\n", stderr);
        return 2;
    }
    const xshathra::SystemClock clock;
    xshathra::services::ServicesOptions options;
    options.dataFolder = QString::fromLocal8Bit(argv[1]);
    const auto services = xshathra::services::Services::open(options, clock, nullptr);
    if (!services) {
        std::fprintf(stderr, "%s: %s\n", services.error().code.c_str(), services.error().message.c_str());
        return 1;
    }
    for (unsigned i = 0;; ++i) {
        xshathra::services::NewProject project;
        project.name = std::string(argv[2]) + "-" + std::to_string(i);
        const auto created = (*services)->projects().create(project).result();
        if (!created) {
            std::fprintf(stderr, "%s: %s\n", created.error().code.c_str(), created.error().message.c_str());
            return 1;
        }
        std::printf("%s\n", (*created)->id.c_str());
        std::fflush(stdout);
    }
}
