#include "server/transport/epoll_dispatcher.h"

#ifdef Q_OS_LINUX

#include <QCoreApplication>
#include <QEvent>
#include <QSocketNotifier>
#include <QTimerEvent>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace xshathra::transport {

namespace {

constexpr int kEventsPerWait = 512;
/// QEventLoop::ProcessEventsFlag names it X11ExcludeTimers; it has no public enumerator any more.
constexpr int kExcludeTimers = 0x08;

constexpr std::array<std::uint32_t, 3> kInterest{EPOLLIN, EPOLLOUT, EPOLLPRI};
/// What makes a notifier of that type fire: an error or a hang-up is told to each, as Qt's own dispatchers do.
constexpr std::array<std::uint32_t, 3> kFires{EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP,
                                              EPOLLOUT | EPOLLERR | EPOLLHUP, EPOLLPRI | EPOLLERR | EPOLLHUP};

}  // namespace

EpollDispatcher::EpollDispatcher(QObject* parent)
    : QAbstractEventDispatcher(parent),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll_ < 0 || event_ < 0)
        qFatal("No descriptor is left for an event loop.");
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = static_cast<std::uint32_t>(event_);
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &interest);
}

EpollDispatcher::~EpollDispatcher() {
    ::close(event_);
    ::close(epoll_);
}

void EpollDispatcher::wakeUp() {
    if (woken_.exchange(true))
        return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

void EpollDispatcher::interrupt() {
    interrupted_.store(true);
    wakeUp();
}

void EpollDispatcher::drainWakeUps() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = ::read(event_, &count, sizeof count);
    // After the read: who finds the flag set may rely on the posted events being looked at after this.
    woken_.exchange(false);
}

void EpollDispatcher::update(int descriptor, Watch& watch) {
    std::uint32_t wanted = 0;
    for (std::size_t type = 0; type < kInterest.size(); ++type) {
        if (watch.notifiers[type] != nullptr)
            wanted |= kInterest[type];
    }
    if (watch.alwaysReady || (watch.added && wanted == watch.armed))
        return;
    epoll_event interest{};
    interest.events = wanted;
    interest.data.u64 = (std::uint64_t{watch.generation} << 32) | static_cast<std::uint32_t>(descriptor);
    int result = ::epoll_ctl(epoll_, watch.added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &interest);
    if (result != 0 && (errno == ENOENT || errno == EEXIST))
        result = ::epoll_ctl(epoll_, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &interest);
    if (result != 0 && errno == EPERM) {
        watch.alwaysReady = true;
        ++alwaysReady_;
        return;
    }
    if (result != 0)
        qWarning("EpollDispatcher: descriptor %d can't be watched (errno %d)", descriptor, errno);
    watch.added = result == 0;
    watch.armed = wanted;
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier* notifier) {
    const auto descriptor = static_cast<int>(notifier->socket());
    const auto type = static_cast<std::size_t>(notifier->type());
    if (descriptor < 0 || type >= kInterest.size())
        return;
    auto& watch = watches_[descriptor];
    if (watch.generation == 0)
        watch.generation = ++lastGeneration_ == 0 ? ++lastGeneration_ : lastGeneration_;
    watch.notifiers[type] = notifier;
    update(descriptor, watch);
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier* notifier) {
    const auto descriptor = static_cast<int>(notifier->socket());
    const auto type = static_cast<std::size_t>(notifier->type());
    const auto found = watches_.find(descriptor);
    if (found == watches_.end() || type >= kInterest.size() || found->second.notifiers[type] != notifier)
        return;
    auto& watch = found->second;
    watch.notifiers[type] = nullptr;
    if (std::any_of(std::begin(watch.notifiers), std::end(watch.notifiers),
                    [](auto* other) { return other != nullptr; })) {
        update(descriptor, watch);
        return;
    }
    if (watch.alwaysReady)
        --alwaysReady_;
    else if (watch.added)
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor,
                    nullptr);  // fails where the descriptor was closed before: it's out then
    watches_.erase(found);
}

void EpollDispatcher::registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject* object) {
    unregisterTimer(timerId);
    const auto due = SteadyClock::now() + std::chrono::milliseconds(std::max<qint64>(interval, 0));
    timers_[timerId] = Timer{object, std::max<qint64>(interval, 0), timerType, due, ++lastTimerGeneration_, false};
    order_.emplace(due, timerId);
}

bool EpollDispatcher::unregisterTimer(int timerId) {
    const auto found = timers_.find(timerId);
    if (found == timers_.end())
        return false;
    order_.erase({found->second.due, timerId});
    timers_.erase(found);
    return true;
}

bool EpollDispatcher::unregisterTimers(QObject* object) {
    bool any = false;
    for (auto it = timers_.begin(); it != timers_.end();) {
        if (it->second.object != object) {
            ++it;
            continue;
        }
        order_.erase({it->second.due, it->first});
        it = timers_.erase(it);
        any = true;
    }
    return any;
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject* object) const {
    QList<TimerInfo> list;
    for (const auto& [id, timer] : timers_) {
        if (timer.object == object)
            list.append(TimerInfo(id, static_cast<int>(timer.interval), timer.type));
    }
    return list;
}

int EpollDispatcher::remainingTime(int timerId) {
    const auto found = timers_.find(timerId);
    if (found == timers_.end())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(found->second.due - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

int EpollDispatcher::timeUntilNextTimer() const {
    // A timer whose handler is running (in an outer event loop) can't fire again before that returns.
    for (const auto& [due, id] : order_) {
        const auto found = timers_.find(id);
        if (found == timers_.end() || found->second.active)
            continue;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - SteadyClock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
    }
    return -1;
}

bool EpollDispatcher::deliver(const Ready& ready) {
    bool any = false;
    for (std::size_t type = 0; type < kFires.size(); ++type) {
        // Looked up each time: a handler may remove any notifier, also close the descriptor and open another with its
        // number.
        const auto found = watches_.find(ready.descriptor);
        if (found == watches_.end() || found->second.generation != ready.generation)
            return any;
        auto* notifier = found->second.notifiers[type];
        if (notifier == nullptr || (ready.events & kFires[type]) == 0)
            continue;
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(notifier, &event);
        any = true;
    }
    return any;
}

bool EpollDispatcher::deliverSockets() {
    // A nested event loop in a handler fills ready_ anew, hence the move.
    auto batch = std::move(ready_);
    ready_.clear();
    bool any = false;
    for (const auto& ready : batch)
        any = deliver(ready) || any;
    if (ready_.empty()) {
        batch.clear();
        ready_ = std::move(batch);
    }
    return any;
}

bool EpollDispatcher::deliverTimers() {
    if (order_.empty())
        return false;
    const auto now = SteadyClock::now();
    std::vector<std::pair<int, std::uint64_t>> due;
    for (const auto& [time, id] : order_) {
        if (time > now)
            break;
        const auto found = timers_.find(id);
        if (found != timers_.end() && !found->second.active)
            due.emplace_back(id, found->second.generation);
    }
    for (const auto& [id, generation] : due) {
        auto found = timers_.find(id);
        if (found == timers_.end() || found->second.generation != generation || found->second.active)
            continue;
        auto& timer = found->second;
        order_.erase({timer.due, id});
        timer.due += std::chrono::milliseconds(timer.interval);
        if (timer.due < now)  // missed turns are not made up for
            timer.due = now + std::chrono::milliseconds(timer.interval);
        order_.emplace(timer.due, id);
        timer.active = true;
        QTimerEvent event(id);
        QCoreApplication::sendEvent(timer.object, &event);
        found = timers_.find(id);
        if (found != timers_.end() && found->second.generation == generation)
            found->second.active = false;
    }
    return !due.empty();
}

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags) {
    interrupted_.store(false);
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();

    const bool withSockets = !(flags & QEventLoop::ExcludeSocketNotifiers);
    const bool withTimers = (static_cast<int>(flags) & kExcludeTimers) == 0;
    const bool wait = flags.testFlag(QEventLoop::WaitForMoreEvents);
    Q_EMIT aboutToBlock();

    int timeout = 0;
    if (wait && !interrupted_.load()) {
        timeout = withTimers ? timeUntilNextTimer() : -1;
        if (withSockets && alwaysReady_ > 0)
            timeout = 0;
    }
    std::array<epoll_event, kEventsPerWait> events;
    int count = 0;
    if (withSockets) {
        count = ::epoll_wait(epoll_, events.data(), kEventsPerWait, timeout);
    } else {
        // Sockets that are ready must not end the wait, so it is for the eventfd alone.
        epoll_event only{};
        const int other = ::epoll_create1(EPOLL_CLOEXEC);
        if (other >= 0) {
            only.events = EPOLLIN;
            only.data.u64 = static_cast<std::uint32_t>(event_);
            ::epoll_ctl(other, EPOLL_CTL_ADD, event_, &only);
            count = ::epoll_wait(other, events.data(), 1, timeout);
            ::close(other);
        }
    }

    bool any = false;
    for (int i = 0; i < count; ++i) {
        const auto tag = events[static_cast<std::size_t>(i)].data.u64;
        const Ready ready{static_cast<int>(tag & 0xffffffffU), static_cast<std::uint32_t>(tag >> 32),
                          events[static_cast<std::size_t>(i)].events};
        if (ready.generation == 0) {
            drainWakeUps();
            any = true;
        } else {
            ready_.push_back(ready);
        }
    }
    if (withSockets && alwaysReady_ > 0) {
        for (const auto& [descriptor, watch] : watches_) {
            if (watch.alwaysReady)
                ready_.push_back({descriptor, watch.generation, EPOLLIN | EPOLLOUT});
        }
    }
    if (withSockets)
        any = deliverSockets() || any;
    if (withTimers)
        any = deliverTimers() || any;
    return any;
}

QAbstractEventDispatcher* makeEventDispatcher() { return new EpollDispatcher; }

}  // namespace xshathra::transport

#else

namespace xshathra::transport {

QAbstractEventDispatcher* makeEventDispatcher() { return nullptr; }

}  // namespace xshathra::transport

#endif
