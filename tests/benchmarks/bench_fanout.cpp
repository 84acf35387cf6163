// Server CPU per delivered message: Xshathra, a naive Qt server, and if its program is given a real Centrifugo, taken
// in turn in one run on one machine. Prints a table of microseconds and ratios; figures of different runs are not
// comparable.

#include "tests/benchmarks/load_client.h"
#include "tests/benchmarks/server_process.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

using namespace xshathra::bench;

namespace {

struct Options {
    std::string program;
    std::string naive;
    std::string centrifugo;
    int durationMs = 4000;
    int warmUpMs = 1000;
    int rounds = 3;
    int idleConnections = 2000;
    std::string only;
};

const std::vector<LoadScenario>& scenarios() {
    static const std::vector<LoadScenario> list{
        {"1 -> 1000, 1 in flight", 1, 1000, 1, 128},
        {"1 -> 1000, 16 in flight", 1, 1000, 16, 128},
        {"100 x 10, 16 in flight", 100, 10, 16, 128},
        {"1000 x 1, 16 in flight", 1000, 1, 16, 128},
        {"1 -> 1000, 16 in flight, Protobuf", 1, 1000, 16, 128, LoadScenario::kPlainNamespace, true},
        {"1 -> 1000, 16 in flight, history and recovery", 1, 1000, 16, 128, LoadScenario::kKeptNamespace},
        {"1 -> 1000, 16 in flight, 2 KiB, history and recovery", 1, 1000, 16, 2048, LoadScenario::kKeptNamespace},
        {"1 -> 1000, 16 in flight, 2 KiB, delta", 1, 1000, 16, 2048, LoadScenario::kDeltaNamespace, false, true},
    };
    return list;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    Options options;
    const auto folder = QCoreApplication::applicationDirPath().toStdString();
    options.program = folder + "/../../bin/xshathra";
    options.naive = folder + "/bench_naive_server";
    CLI::App app("Server CPU per delivery, in turn: Xshathra, a naive Qt server, and a real Centrifugo if given");
    app.add_option("--program", options.program, "the xshathra program")->check(CLI::ExistingFile);
    app.add_option("--centrifugo", options.centrifugo, "a centrifugo program to compare with")
        ->check(CLI::ExistingFile);
    app.add_option("--duration", options.durationMs, "measured milliseconds of each run")
        ->check(CLI::Range(50, 600000));
    app.add_option("--warm-up", options.warmUpMs, "milliseconds before measuring")->check(CLI::Range(0, 60000));
    app.add_option("--rounds", options.rounds, "rounds; the median counts")->check(CLI::Range(1, 100));
    app.add_option("--idle", options.idleConnections, "idle connections for the memory row")
        ->check(CLI::Range(10, 100000));
    app.add_option("--only", options.only, "only the loads whose name has this in it");
    CLI11_PARSE(app, argc, argv);

    std::vector<std::string> names{"xshathra", "naive"};
    if (!options.centrifugo.empty())
        names.emplace_back("centrifugo");
    const auto start = [&](const std::string& name) {
        if (name == "xshathra")
            return ServerProcess::startXshathra(options.program);
        if (name == "naive")
            return ServerProcess::startNaive(options.naive);
        return ServerProcess::startCentrifugo(options.centrifugo);
    };

    bool sound = true;
    std::map<std::string, std::map<std::string, double>> table;
    auto wanted = scenarios();
    std::erase_if(wanted, [&](const LoadScenario& one) { return one.name.find(options.only) == std::string::npos; });
    for (const auto& scenario : wanted) {
        std::map<std::string, std::vector<double>> samples;
        for (int round = 0; round < options.rounds; ++round) {
            for (const auto& name : names) {
                if (name == "naive" && !scenario.isPlain())
                    continue;
                auto server = start(name);
                if (!server->error().empty()) {
                    std::fprintf(stderr, "%s: %s\n", name.c_str(), server->error().c_str());
                    return 1;
                }
                const auto result = runLoad(server->target(), scenario, std::chrono::milliseconds(options.warmUpMs),
                                            std::chrono::milliseconds(options.durationMs));
                if (!result.error.empty() || result.lost != 0 || result.outOfOrder != 0 || result.delivered == 0) {
                    std::fprintf(stderr, "%s, %s: %s lost=%llu out of order=%llu delivered=%llu\n", name.c_str(),
                                 scenario.name.c_str(), result.error.c_str(),
                                 static_cast<unsigned long long>(result.lost),
                                 static_cast<unsigned long long>(result.outOfOrder),
                                 static_cast<unsigned long long>(result.delivered));
                    sound = false;
                }
                samples[name].push_back(result.microsecondsPerDelivery());
            }
        }
        for (const auto& [name, taken] : samples)
            table[scenario.name][name] = median(taken);
    }

    std::map<std::string, double> idle;
    for (const auto& name : names) {
        auto server = start(name);
        const auto result = measureIdle(server->target(), options.idleConnections);
        if (!result.error.empty()) {
            std::fprintf(stderr, "%s, idle: %s\n", name.c_str(), result.error.c_str());
            sound = false;
        }
        idle[name] = result.kibPerConnection;
    }

    std::printf(
        "\nServer CPU per delivery in microseconds (median of %d rounds of %d ms), and how many times ours it is\n\n",
        options.rounds, options.durationMs);
    std::printf("| Load | xshathra | naive Qt | naive / ours |%s\n",
                options.centrifugo.empty() ? "" : " Centrifugo | ours / Centrifugo |");
    std::printf("|---|---|---|---|%s\n", options.centrifugo.empty() ? "" : "---|---|");
    for (const auto& scenario : wanted) {
        const auto& row = table[scenario.name];
        const double ours = row.at("xshathra");
        std::printf("| %s | %.2f |", scenario.name.c_str(), ours);
        if (scenario.isPlain())
            std::printf(" %.2f | %.1f |", row.at("naive"), row.at("naive") / ours);
        else
            std::printf(" - | - |");
        if (!options.centrifugo.empty())
            std::printf(" %.2f | %.2f |", row.at("centrifugo"), ours / row.at("centrifugo"));
        std::printf("\n");
    }
    std::printf("| idle connection, KiB | %.1f | %.1f | %.1f |", idle["xshathra"], idle["naive"],
                idle["naive"] / idle["xshathra"]);
    if (!options.centrifugo.empty())
        std::printf(" %.1f | %.2f |", idle["centrifugo"], idle["xshathra"] / idle["centrifugo"]);
    std::printf("\n");
    return sound ? 0 : 1;
}
