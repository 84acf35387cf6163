// Measures the Live view under load: how long the GUI thread is kept from its events, how many frames it paints, and
// whether every event is accounted for. See docs/performance.md for how to read the figures.

#include "server/capture/recorder.h"
#include "ui/live/live_list.h"
#include "ui/live/live_view.h"
#include "ui/models/live_model.h"
#include "ui/theme/theme.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace xshathra;
using capture::Event;
using models::LiveModel;

namespace {

constexpr int kChannels = 100;
constexpr int kHeartbeatMs = 5;

struct Options {
    int seconds = 10;
    int rate = 10'000;
    int threads = 4;
    int burst = 0;
    int kept = 0;
};

/// The same texts for all events, as the engine shares them too.
struct Texts {
    Texts() : project(SharedBytes::fromStatic("proj_01J9Z3T8QH")) {
        for (int i = 0; i < kChannels; ++i) {
            channels.push_back(SharedBytes((i % 2 == 0 ? "match:" : "chat:") + std::to_string(i)));
            clients.push_back(SharedBytes("c9f3a2e1-0b7d-4c7e-9a55-" + std::to_string(100'000'000'000 + i)));
            users.push_back(SharedBytes("u" + std::to_string(i)));
        }
    }
    Event event(int number) const {
        const auto at = static_cast<std::size_t>(number % kChannels);
        std::string payload = "{\"push\":{\"channel\":\"" + std::string(channels[at].view()) +
                              "\",\"pub\":{\"data\":{\"tick\":" + std::to_string(number) +
                              ",\"hp\":27,\"pos\":[12,4],\"fill\":\"";
        constexpr std::size_t kPayload = 200;
        constexpr std::string_view kEnd = "\"}}}}";
        payload.append(kPayload - std::min(kPayload, payload.size() + kEnd.size()), 'x');
        payload += kEnd;
        Event event;
        event.dir = number % 3 == 0 ? capture::Direction::In : capture::Direction::Out;
        event.kind = number % 3 == 0 ? capture::Kind::Publish : capture::Kind::Push;
        event.project = project;
        event.channel = channels[at];
        event.client = clients[at];
        event.user = users[at];
        event.payload = SharedBytes(std::move(payload));
        event.latency = Nanoseconds(200'000);
        return event;
    }

    SharedBytes project;
    std::vector<SharedBytes> channels;
    std::vector<SharedBytes> clients;
    std::vector<SharedBytes> users;
};

/// Measures the gaps between two turns of the event loop.
class Heartbeat {
public:
    Heartbeat() {
        timer_.setTimerType(Qt::PreciseTimer);
        timer_.setInterval(kHeartbeatMs);
        QObject::connect(&timer_, &QTimer::timeout, [this] {
            gaps_.push_back(static_cast<double>(clock_.nsecsElapsed()) / 1e6);
            clock_.restart();
        });
    }
    void start() {
        gaps_.clear();
        clock_.start();
        timer_.start();
    }
    void stop() { timer_.stop(); }
    double largest() const { return gaps_.empty() ? 0 : *std::max_element(gaps_.begin(), gaps_.end()); }
    double percentile(double share) const {
        if (gaps_.empty()) {
            return 0;
        }
        std::vector<double> sorted = gaps_;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    }

private:
    QTimer timer_;
    QElapsedTimer clock_;
    std::vector<double> gaps_;
};

long residentKiB() {
    std::ifstream statm("/proc/self/statm");
    long pages = 0;
    long resident = 0;
    statm >> pages >> resident;
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

void turnFor(int milliseconds) {
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < milliseconds) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
    }
}

/// Records at the given rate from several threads until `stop`.
void record(capture::Recorder& recorder, const Texts& texts, const Options& options, const std::atomic<bool>& stop,
            std::atomic<int>& numbers) {
    using Clock = std::chrono::steady_clock;
    const auto step = std::chrono::milliseconds(2);
    const double perStep = static_cast<double>(options.rate) / options.threads * 0.002;
    double due = 0;
    auto next = Clock::now();
    while (!stop.load(std::memory_order_relaxed)) {
        next += step;
        std::this_thread::sleep_until(next);
        for (due += perStep; due >= 1; due -= 1) {
            if (recorder.active()) {
                recorder.record(texts.event(numbers.fetch_add(1, std::memory_order_relaxed)));
            }
        }
    }
}

bool addsUp(const LiveModel::Counters& c, const char* what) {
    const bool good = c.kept + c.evicted + c.cleared + c.waiting == c.total;
    std::printf("%-34s kept %llu + evicted %llu + cleared %llu + waiting %llu = total %llu: %s\n", what,
                static_cast<unsigned long long>(c.kept), static_cast<unsigned long long>(c.evicted),
                static_cast<unsigned long long>(c.cleared), static_cast<unsigned long long>(c.waiting),
                static_cast<unsigned long long>(c.total), good ? "exact" : "WRONG");
    return good;
}

bool steadyLoad(const Options& options, const Texts& texts) {
    const SystemClock clock;
    capture::Recorder recorder(clock);
    recorder.setActive(true);
    LiveModel model(recorder);
    ui::LiveView view(model);
    view.resize(1170, 751);
    view.show();
    view.setFilter(QStringLiteral("match"));
    std::atomic<int> numbers{0};
    for (; numbers < 1000; ++numbers) {
        recorder.record(texts.event(numbers));
    }
    model.takeArrived();
    view.list()->goToRow(model.rowCount() / 2);
    view.list()->follow();
    turnFor(300);

    std::atomic<bool> stop{false};
    std::vector<std::thread> workers;
    for (int i = 0; i < options.threads; ++i) {
        workers.emplace_back([&] { record(recorder, texts, options, stop, numbers); });
    }
    Heartbeat heartbeat;
    const std::uint64_t framesBefore = view.list()->framesPainted();
    const int before = numbers;
    QElapsedTimer elapsed;
    elapsed.start();
    heartbeat.start();
    turnFor(options.seconds * 1000);
    heartbeat.stop();
    const double seconds = static_cast<double>(elapsed.nsecsElapsed()) / 1e9;
    const std::uint64_t frames = view.list()->framesPainted() - framesBefore;
    const int recorded = numbers - before;
    stop = true;
    for (std::thread& worker : workers) {
        worker.join();
    }
    std::printf("%-34s %.0f messages/s for %.1f s, following, filter \"match\", inspector %s\n", "load",
                recorded / seconds, seconds, view.inspectorShown() ? "open" : "closed");
    std::printf("%-34s largest %.1f ms, p99 %.1f ms, median %.1f ms\n", "gaps of the event loop", heartbeat.largest(),
                heartbeat.percentile(0.99), heartbeat.percentile(0.5));
    std::printf("%-34s %.1f\n", "frames a second", static_cast<double>(frames) / seconds);
    std::printf("%-34s %llu\n", "rows that no frame showed",
                static_cast<unsigned long long>(model.counters().notDrawn));
    bool good = addsUp(model.counters(), "before the last drain");
    model.takeArrived();
    good = addsUp(model.counters(), "after it") && good;
    return good && model.counters().waiting == 0;
}

bool burst(const Options& options, const Texts& texts) {
    const SystemClock clock;
    capture::Recorder recorder(clock);
    LiveModel model(recorder);
    ui::LiveView view(model);
    view.resize(1170, 751);
    view.show();
    turnFor(200);
    Heartbeat heartbeat;
    heartbeat.start();
    std::atomic<int> left{options.threads};
    std::vector<std::thread> workers;
    for (int t = 0; t < options.threads; ++t) {
        workers.emplace_back([&, t] {
            // All of them within a second, in steps of two milliseconds.
            constexpr int kSteps = 500;
            const int share = options.burst / options.threads;
            auto next = std::chrono::steady_clock::now();
            for (int step = 0, i = 0; step < kSteps; ++step) {
                next += std::chrono::milliseconds(2);
                std::this_thread::sleep_until(next);
                for (; i < static_cast<int>(static_cast<std::int64_t>(share) * (step + 1) / kSteps); ++i) {
                    recorder.record(texts.event(i * options.threads + t));
                }
            }
            --left;
        });
    }
    QElapsedTimer elapsed;
    elapsed.start();
    while (left > 0) {
        turnFor(5);
    }
    const qint64 recordedMs = elapsed.elapsed();
    while (model.counters().waiting > 0) {
        turnFor(5);
    }
    turnFor(100);
    heartbeat.stop();
    for (std::thread& worker : workers) {
        worker.join();
    }
    std::printf("%-34s %d messages in %lld ms, all shown after %lld ms\n", "burst", options.burst,
                static_cast<long long>(recordedMs), static_cast<long long>(elapsed.elapsed()));
    std::printf("%-34s largest %.1f ms\n", "gaps of the event loop", heartbeat.largest());
    return addsUp(model.counters(), "burst") && model.counters().evicted == 0;
}

bool keptMessages(const Options& options, const Texts& texts) {
    const SystemClock clock;
    capture::Recorder recorder(clock);
    LiveModel model(recorder);
    ui::LiveView view(model);
    view.resize(1170, 751);
    view.show();
    turnFor(200);
    const long idle = residentKiB();
    for (int i = 0; i < options.kept; ++i) {
        recorder.record(texts.event(i));
        if (i % 50'000 == 49'999) {
            model.takeArrived();
        }
    }
    model.takeArrived();
    turnFor(100);
    std::printf("%-34s %lld messages, %.0f MB above idle\n", "kept", static_cast<long long>(model.store().size()),
                static_cast<double>(residentKiB() - idle) / 1000);

    Heartbeat heartbeat;
    QElapsedTimer timer;
    const auto filter = [&](const QString& text, const char* what) {
        heartbeat.start();
        timer.start();
        model.setFilterText(text);
        const double first = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        while (model.filtering()) {
            QApplication::processEvents();
        }
        const double complete = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        turnFor(20);
        heartbeat.stop();
        std::printf("%-34s first rows %.1f ms, complete %.0f ms, largest gap %.1f ms, %d rows\n", what, first, complete,
                    heartbeat.largest(), model.rowCount());
    };
    filter(QStringLiteral("match:42"), "filter by channel");
    filter(QStringLiteral("\"tick\":999"), "filter by payload");
    filter(QStringLiteral("nowhere to be found"), "filter without a match");
    filter(QString(), "filter cleared");
    const bool good = addsUp(model.counters(), "kept");
    timer.start();
    model.clear();
    std::printf("%-34s %.1f ms\n", "clear", static_cast<double>(timer.nsecsElapsed()) / 1e6);
    heartbeat.start();
    turnFor(1000);
    heartbeat.stop();
    std::printf("%-34s largest gap %.1f ms, %.0f MB above idle a second after\n", "", heartbeat.largest(),
                static_cast<double>(residentKiB() - idle) / 1000);
    return good && addsUp(model.counters(), "cleared");
}

}  // namespace

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    Options options;
    CLI::App cli("Load on the Live view: stalls of the GUI thread, frames a second, and the sum of all messages.");
    cli.add_option("--seconds", options.seconds, "Length of the steady load (60 for the figures of record)")
        ->check(CLI::Range(1, 86'400));
    cli.add_option("--rate", options.rate, "Messages a second")->check(CLI::Range(1, 1'000'000));
    cli.add_option("--threads", options.threads, "Recording threads")->check(CLI::Range(1, 64));
    cli.add_option("--burst", options.burst, "Then as many messages at once")->check(CLI::Range(0, 10'000'000));
    cli.add_option("--kept", options.kept, "Then filter and clear with as many messages kept")
        ->check(CLI::Range(0, 10'000'000));
    CLI11_PARSE(cli, argc, argv);

    QApplication app(argc, argv);
    ui::Theme theme(app);
    const Texts texts;
    std::printf("%-34s Qt %s, platform %s, %s build, %u cores\n", "on", qVersion(),
                qPrintable(QApplication::platformName()),
#ifdef NDEBUG
                "release",
#else
                "debug",
#endif
                std::thread::hardware_concurrency());
    bool good = steadyLoad(options, texts);
    if (options.burst > 0) {
        good = burst(options, texts) && good;
    }
    if (options.kept > 0) {
        good = keptMessages(options, texts) && good;
    }
    return good ? 0 : 1;
}
