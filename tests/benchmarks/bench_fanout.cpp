// Server CPU per delivered message: Xshathra, a bare epoll loop that shows the kernel's share, a naive Qt server, and
// if its program is given a real Centrifugo, taken in turn in one run on one machine. Prints a table of microseconds
// and ratios; figures of different runs are not comparable.

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

const std::string kOurs = "Xshathra";
const std::string kBare = "bare epoll";
const std::string kNaive = "naive Qt";
const std::string kCentrifugo = "Centrifugo";

struct Options {
    std::string program;
    std::string naive;
    std::string bare;
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
    options.bare = folder + "/bench_bare_server";
    CLI::App app(
        "Server CPU per delivery, in turn: Xshathra, a bare epoll loop, a naive Qt server, a real Centrifugo if given");
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

    std::vector<std::string> names{kOurs, kBare, kNaive};
    if (!options.centrifugo.empty())
        names.push_back(kCentrifugo);
    const auto start = [&](const std::string& name) {
        if (name == kOurs)
            return ServerProcess::startXshathra(options.program);
        if (name == kCentrifugo)
            return ServerProcess::startCentrifugo(options.centrifugo);
        return ServerProcess::startComparison(name == kNaive ? options.naive : options.bare);
    };

    bool sound = true;
    std::map<std::string, std::map<std::string, double>> table;
    auto wanted = scenarios();
    std::erase_if(wanted, [&](const LoadScenario& one) { return one.name.find(options.only) == std::string::npos; });
    for (const auto& scenario : wanted) {
        std::map<std::string, std::vector<double>> samples;
        for (int round = 0; round < options.rounds; ++round) {
            for (const auto& name : names) {
                if (!scenario.isPlain() && (name == kNaive || name == kBare))
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

    std::printf("\nServer CPU per delivery in microseconds (median of %d rounds of %d ms)\n\n| Load |", options.rounds,
                options.durationMs);
    for (const auto& name : names)
        std::printf(name == kOurs    ? " %s |"
                    : name == kNaive ? " %s | naive / ours |"
                                     : " %s | ours / it |",
                    name.c_str());
    std::printf("\n|---|%s\n", options.centrifugo.empty() ? "---|---|---|---|---|" : "---|---|---|---|---|---|---|");
    const auto print = [&](const std::string& title, const std::map<std::string, double>& row, int decimals) {
        std::printf("| %s |", title.c_str());
        const double ours = row.at(kOurs);
        for (const auto& name : names) {
            const auto found = row.find(name);
            if (found == row.end())
                std::printf(" - | - |");
            else if (name == kOurs)
                std::printf(" %.*f |", decimals, ours);
            else if (name == kNaive)
                std::printf(" %.*f | %.1f |", decimals, found->second, found->second / ours);
            else
                std::printf(" %.*f | %.2f |", decimals, found->second, ours / found->second);
        }
        std::printf("\n");
    };
    for (const auto& scenario : wanted)
        print(scenario.name, table[scenario.name], 2);
    print("idle connection, KiB", idle, 1);
    return sound ? 0 : 1;
}
