#include "server/transport/epoll_dispatcher.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QSemaphore>
#include <QSocketNotifier>
#include <QTemporaryFile>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <functional>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <utility>

namespace {

class Runner final : public QThread {
public:
    explicit Runner(std::function<void()> work) : work_(std::move(work)) {
        setEventDispatcher(xshathra::transport::makeEventDispatcher());
    }

protected:
    void run() override { work_(); }

private:
    std::function<void()> work_;
};

/// Runs `work` on a thread with the dispatcher under test.
void inThread(std::function<void()> work) {
    Runner runner(std::move(work));
    runner.start();
    QVERIFY(runner.wait(20000));
}

struct Pair {
    Pair() { QVERIFY(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0); }
    ~Pair() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    void put() { QCOMPARE(::write(ends[1], "x", 1), ssize_t(1)); }
    void take() {
        char byte = 0;
        QCOMPARE(::read(ends[0], &byte, 1), ssize_t(1));
    }
    int ends[2]{-1, -1};
};

qint64 cpuNanoseconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

class TestEpollDispatcher : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void firesTimersInOrderAndNotEarly() {
        inThread([] {
            QEventLoop loop;
            QElapsedTimer clock;
            QList<int> order;
            clock.start();
            QTimer::singleShot(30, &loop, [&] {
                order << 30;
                QVERIFY(clock.elapsed() >= 30);
                loop.quit();
            });
            QTimer::singleShot(10, &loop, [&] {
                order << 10;
                QVERIFY(clock.elapsed() >= 10);
            });
            loop.exec();
            QCOMPARE(order, (QList<int>{10, 30}));
        });
    }

    void repeatsTimersUntilStopped() {
        inThread([] {
            QEventLoop loop;
            QTimer timer;
            int count = 0;
            QObject::connect(&timer, &QTimer::timeout, &loop, [&] {
                if (++count == 4)
                    timer.stop();
            });
            timer.start(2);
            QTimer::singleShot(60, &loop, &QEventLoop::quit);
            loop.exec();
            QCOMPARE(count, 4);
        });
    }

    void tellsAnExceptionNotifierOfHangUpsAlone() {
        inThread([] {
            QEventLoop loop;
            Pair pair;
            QSocketNotifier notifier(pair.ends[0], QSocketNotifier::Exception);
            int fired = 0;
            QObject::connect(&notifier, &QSocketNotifier::activated, &loop, [&] {
                ++fired;
                notifier.setEnabled(false);
                loop.quit();
            });
            pair.put();
            ::shutdown(pair.ends[1], SHUT_WR);
            while (loop.processEvents()) {
            }
            QCOMPARE(fired, 0);
            ::close(std::exchange(pair.ends[1], -1));
            QTimer::singleShot(5000, &loop, &QEventLoop::quit);
            loop.exec();
            QCOMPARE(fired, 1);
        });
    }

    void zeroTimerRunsEachTurnWithoutStarvingSockets() {
        inThread([] {
            QEventLoop loop;
            QTimer zero;
            Pair pair;
            int turns = 0;
            QObject::connect(&zero, &QTimer::timeout, &loop, [&] {
                if (++turns == 5)
                    pair.put();
            });
            QSocketNotifier notifier(pair.ends[0], QSocketNotifier::Read);
            QObject::connect(&notifier, &QSocketNotifier::activated, &loop, [&] {
                pair.take();
                loop.quit();
            });
            zero.start(0);
            loop.exec();
            QVERIFY(turns >= 5);
        });
    }

    void reportsRemainingTimeAndRegisteredTimers() {
        inThread([] {
            QObject owner;
            auto* dispatcher = QAbstractEventDispatcher::instance();
            const int id = owner.startTimer(5000);
            const auto timers = dispatcher->registeredTimers(&owner);
            QCOMPARE(timers.size(), 1);
            QCOMPARE(timers.first().timerId, id);
            QCOMPARE(timers.first().interval, 5000);
            const int left = dispatcher->remainingTime(id);
            QVERIFY(left > 4000 && left <= 5000);
            owner.killTimer(id);
            QCOMPARE(dispatcher->remainingTime(id), -1);
            QVERIFY(dispatcher->registeredTimers(&owner).isEmpty());
        });
    }

    void timerMayEndItselfAndOthersInItsHandler() {
        inThread([] {
            QEventLoop loop;
            auto* first = new QTimer;
            auto* second = new QTimer;
            int fired = 0;
            QObject::connect(first, &QTimer::timeout, &loop, [&] {
                ++fired;
                delete second;
                first->deleteLater();
                first->stop();
            });
            QObject::connect(second, &QTimer::timeout, &loop, [&] { fired += 100; });
            first->start(1);
            second->start(1);
            QTimer::singleShot(20, &loop, &QEventLoop::quit);
            loop.exec();
            QVERIFY(fired == 1 || fired == 101);  // both may be due in one turn, but a deleted one never fires
        });
    }

    void deliversReadAndWriteReadiness() {
        inThread([] {
            QEventLoop loop;
            Pair pair;
            bool wrote = false;
            QSocketNotifier writable(pair.ends[1], QSocketNotifier::Write);
            QSocketNotifier readable(pair.ends[0], QSocketNotifier::Read);
            QObject::connect(&writable, &QSocketNotifier::activated, &loop, [&] {
                wrote = true;
                writable.setEnabled(false);
                pair.put();
            });
            QObject::connect(&readable, &QSocketNotifier::activated, &loop, &QEventLoop::quit);
            loop.exec();
            QVERIFY(wrote);
        });
    }

    void reportsHangUpToReader() {
        inThread([] {
            QEventLoop loop;
            Pair pair;
            QSocketNotifier readable(pair.ends[0], QSocketNotifier::Read);
            QObject::connect(&readable, &QSocketNotifier::activated, &loop, &QEventLoop::quit);
            ::shutdown(pair.ends[1], SHUT_RDWR);
            loop.exec();
            char byte = 0;
            QCOMPARE(::read(pair.ends[0], &byte, 1), ssize_t(0));
        });
    }

    void handlerMayRemoveTheOtherNotifier() {
        inThread([] {
            QEventLoop loop;
            Pair one;
            Pair two;
            std::unique_ptr<QSocketNotifier> first =
                std::make_unique<QSocketNotifier>(one.ends[0], QSocketNotifier::Read);
            std::unique_ptr<QSocketNotifier> second =
                std::make_unique<QSocketNotifier>(two.ends[0], QSocketNotifier::Read);
            int fired = 0;
            QObject::connect(first.get(), &QSocketNotifier::activated, &loop, [&] {
                ++fired;
                one.take();
                second.reset();
            });
            QObject::connect(second.get(), &QSocketNotifier::activated, &loop, [&] {
                ++fired;
                two.take();
                first.reset();
            });
            one.put();
            two.put();
            QTimer::singleShot(20, &loop, &QEventLoop::quit);
            loop.exec();
            QCOMPARE(fired, 1);
        });
    }

    void reusedDescriptorNumberGetsNoEventOfTheOldOne() {
        inThread([] {
            QEventLoop loop;
            auto old = std::make_unique<Pair>();
            const int number = old->ends[0];
            auto notifier = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
            old->put();
            notifier.reset();
            old.reset();
            Pair fresh;
            bool fired = false;
            QSocketNotifier next(fresh.ends[0], QSocketNotifier::Read);
            QObject::connect(&next, &QSocketNotifier::activated, &loop, [&] { fired = true; });
            QTimer::singleShot(10, &loop, &QEventLoop::quit);
            loop.exec();
            QVERIFY(!fired);
        });
    }

    void plainFileIsAlwaysReady() {
        inThread([] {
            QEventLoop loop;
            QTemporaryFile file;
            QVERIFY(file.open());
            QSocketNotifier notifier(file.handle(), QSocketNotifier::Read);
            QObject::connect(&notifier, &QSocketNotifier::activated, &loop, &QEventLoop::quit);
            loop.exec();
        });
    }

    void otherThreadsWakeIt() {
        Runner* thread = nullptr;
        QSemaphore running;
        QSemaphore done;
        QObject* target = nullptr;
        Runner runner([&] {
            QObject here;
            target = &here;
            QEventLoop loop;
            QMetaObject::invokeMethod(
                &here, [&] { running.release(); }, Qt::QueuedConnection);
            loop.exec();
            done.release();
        });
        thread = &runner;
        thread->start();
        running.acquire();
        // Thousands from this side while the other drains: none may be lost.
        std::atomic<int> seen{0};
        for (int i = 0; i < 5000; ++i)
            QMetaObject::invokeMethod(
                target, [&] { ++seen; }, Qt::QueuedConnection);
        QTRY_COMPARE(seen.load(), 5000);
        thread->quit();
        QVERIFY(done.tryAcquire(1, 10000));
        QVERIFY(thread->wait(10000));
    }

    void excludedSocketsWait() {
        inThread([] {
            QEventLoop loop;
            Pair pair;
            int fired = 0;
            QSocketNotifier notifier(pair.ends[0], QSocketNotifier::Read);
            QObject::connect(&notifier, &QSocketNotifier::activated, &loop, [&] {
                ++fired;
                pair.take();
            });
            pair.put();
            loop.processEvents(QEventLoop::ExcludeSocketNotifiers);
            QCOMPARE(fired, 0);
            loop.processEvents();
            QCOMPARE(fired, 1);
        });
    }

    void idlesWithoutUsingTheProcessor() {
        inThread([] {
            QEventLoop loop;
            Pair pair;
            QSocketNotifier notifier(pair.ends[0], QSocketNotifier::Read);
            int turns = 0;
            QObject::connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::aboutToBlock, &loop,
                             [&] { ++turns; });
            QTimer::singleShot(150, &loop, &QEventLoop::quit);
            const auto before = cpuNanoseconds();
            loop.exec();
            QVERIFY2(turns < 20, "a busy loop");
            QVERIFY(cpuNanoseconds() - before < 50'000'000);
        });
    }

    void nestedLoopServesTimersAndSockets() {
        inThread([] {
            QEventLoop outer;
            Pair pair;
            bool inside = false;
            QSocketNotifier notifier(pair.ends[0], QSocketNotifier::Read);
            QTimer::singleShot(0, &outer, [&] {
                QEventLoop inner;
                QObject::connect(&notifier, &QSocketNotifier::activated, &inner, [&] {
                    pair.take();
                    inside = true;
                    inner.quit();
                });
                QTimer::singleShot(5, &inner, [&] { pair.put(); });
                inner.exec();
                outer.quit();
            });
            outer.exec();
            QVERIFY(inside);
        });
    }
};

QTEST_GUILESS_MAIN(TestEpollDispatcher)
#include "tst_epoll_dispatcher.moc"
