#pragma once

#include <QAbstractEventDispatcher>
#include <QtGlobal>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace xshathra::transport {

#ifdef Q_OS_LINUX
/// An event dispatcher for one thread on epoll, an eventfd for wake-ups and a timeout for timers: the stock one asks
/// poll() about every socket in every turn. Install it with QThread::setEventDispatcher() before the thread starts.
/// Linux only; see makeEventDispatcher().
///
/// aboutToBlock() is emitted in every turn after the posted events, also when it won't block.
class EpollDispatcher final : public QAbstractEventDispatcher {
    Q_OBJECT

public:
    explicit EpollDispatcher(QObject* parent = nullptr);
    ~EpollDispatcher() override;

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;

    void registerSocketNotifier(QSocketNotifier* notifier) override;
    void unregisterSocketNotifier(QSocketNotifier* notifier) override;

    void registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject* object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject* object) override;
    QList<TimerInfo> registeredTimers(QObject* object) const override;
    int remainingTime(int timerId) override;

    /// Any thread. Several before the thread looks cost one system call.
    void wakeUp() override;
    /// Any thread.
    void interrupt() override;

private:
    using SteadyClock = std::chrono::steady_clock;

    struct Watch {
        /// By QSocketNotifier::Type: read, write, exception.
        QSocketNotifier* notifiers[3]{};
        /// Tells a descriptor number that was closed and used again from the one before it.
        std::uint32_t generation = 0;
        std::uint32_t armed = 0;
        bool added = false;
        /// epoll refuses plain files; they are always ready.
        bool alwaysReady = false;
    };
    struct Timer {
        QObject* object = nullptr;
        qint64 interval = 0;
        Qt::TimerType type = Qt::CoarseTimer;
        SteadyClock::time_point due;
        std::uint64_t generation = 0;
        bool active = false;
    };
    struct Ready {
        int descriptor;
        std::uint32_t generation;
        std::uint32_t events;
    };

    void update(int descriptor, Watch& watch);
    /// Milliseconds for epoll_wait, or -1 for no limit.
    int timeUntilNextTimer() const;
    bool deliverSockets();
    bool deliver(const Ready& ready);
    bool deliverTimers();
    void drainWakeUps();

    int epoll_ = -1;
    int event_ = -1;
    std::atomic<bool> woken_{false};
    std::atomic<bool> interrupted_{false};
    std::uint32_t lastGeneration_ = 0;
    std::uint64_t lastTimerGeneration_ = 0;
    std::size_t alwaysReady_ = 0;
    std::unordered_map<int, Watch> watches_;
    std::map<int, Timer> timers_;
    std::set<std::pair<SteadyClock::time_point, int>> order_;
    std::vector<Ready> ready_;
};
#endif

/// The dispatcher for an I/O thread: EpollDispatcher on Linux; null elsewhere, where Qt's own is used.
QAbstractEventDispatcher* makeEventDispatcher();

}  // namespace xshathra::transport
