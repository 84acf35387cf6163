#pragma once

#include "server/base/clock.h"
#include "server/engine/loop.h"
#include "server/engine/node_registry.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace xshathra::test {

/// An I/O thread without sockets: runs its loop whenever woken, and what the test posts.
class LoopThread {
public:
    LoopThread(engine::NodeRegistry& registry, const Clock& clock)
        : thread_([this, &registry, &clock] { run(registry, clock); }) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return loop_ != nullptr; });
    }
    ~LoopThread() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    engine::Loop& loop() { return *loop_; }
    /// Runs on the loop's thread and waits for it.
    template <typename F>
    void call(F fn) {
        std::atomic<bool> done{false};
        loop_->post([&] {
            fn();
            done = true;
            done.notify_one();
        });
        done.wait(false);
    }

private:
    void run(engine::NodeRegistry& registry, const Clock& clock) {
        engine::Loop loop(clock, [this] {
            const std::lock_guard lock(mutex_);
            woken_ = true;
            changed_.notify_all();
        });
        registry.attach(loop);
        {
            const std::lock_guard lock(mutex_);
            loop_ = &loop;
        }
        changed_.notify_all();
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return woken_ || ending_; });
                if (ending_ && !woken_)
                    break;
                woken_ = false;
            }
            loop.runDueTimers();
            loop.runPosted();
        }
        registry.detach(loop);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool ending_ = false;
    engine::Loop* loop_ = nullptr;
    std::thread thread_;
};

}  // namespace xshathra::test
