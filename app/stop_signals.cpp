#include "app/stop_signals.h"

#include <QSocketNotifier>

#include <array>

#ifdef Q_OS_UNIX
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#endif

namespace xshathra::app {

#ifdef Q_OS_UNIX

namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

/// Read end and write end. A signal handler may do little more than write(2), and finds nothing but globals.
std::array<int, 2> pipeEnds{-1, -1};
std::array<struct sigaction, kSignals.size()> formerActions{};

void onSignal(int) {
    const auto saved = errno;
    const char byte = 1;
    // A full pipe holds enough requests already.
    [[maybe_unused]] const auto written = ::write(pipeEnds[1], &byte, 1);
    errno = saved;
}

}  // namespace

StopSignals::StopSignals(QObject* parent) : QObject(parent) {
    if (::pipe(pipeEnds.data()) != 0)
        return;
    for (const int end : pipeEnds) {
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
        ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    notifier_ = std::make_unique<QSocketNotifier>(pipeEnds[0], QSocketNotifier::Read);
    connect(notifier_.get(), &QSocketNotifier::activated, this, &StopSignals::received);
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kSignals.size(); ++i)
        ::sigaction(kSignals[i], &action, &formerActions[i]);
}

StopSignals::~StopSignals() {
    if (!notifier_)
        return;
    for (std::size_t i = 0; i < kSignals.size(); ++i)
        ::sigaction(kSignals[i], &formerActions[i], nullptr);
    notifier_.reset();
    for (auto& end : pipeEnds) {
        ::close(end);
        end = -1;
    }
}

void StopSignals::received() {
    std::array<char, 16> bytes{};
    const auto count = ::read(pipeEnds[0], bytes.data(), bytes.size());
    if (count <= 0)
        return;
    times_ += static_cast<int>(count);
    Q_EMIT requested(times_);
}

#else

StopSignals::StopSignals(QObject* parent) : QObject(parent) {}
StopSignals::~StopSignals() = default;
void StopSignals::received() {}

#endif

}  // namespace xshathra::app
