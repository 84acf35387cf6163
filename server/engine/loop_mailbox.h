#pragma once

#include "server/engine/delivery.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

namespace xshathra::engine {

class LoopMailbox;

/// The address of one client for other threads: never a pointer, since the client may go at any time. A slot is reused
/// with another generation, so an old handle reaches nobody.
struct ClientHandle {
    std::shared_ptr<LoopMailbox> mailbox;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
};

class Loop;

/// A task gets the loop that it runs on.
using LoopItem = std::variant<std::function<void(Loop&)>, Delivery>;

/// What other threads may touch of a Loop: its inbox. Shared ownership, so that putting into the mailbox of a loop that
/// has ended is harmless (the item is dropped). Thread-safe.
class LoopMailbox {
public:
    explicit LoopMailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// Adds an item. True when the owner has to be woken: call wake() once no lock is held.
    [[nodiscard]] bool put(LoopItem item);
    void wake();
    /// Exchanges the waiting items for `spare`, which must be empty.
    void takeInto(std::vector<LoopItem>& spare);
    /// No wake-up is under way or follows when this returns.
    void close();

private:
    std::mutex mutex_;
    std::vector<LoopItem> items_;
    bool closed_ = false;
    std::mutex wakeMutex_;
    std::function<void()> wake_;
};

}  // namespace xshathra::engine
