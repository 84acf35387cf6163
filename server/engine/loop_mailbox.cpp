#include "server/engine/loop_mailbox.h"

#include <utility>

namespace xshathra::engine {

bool LoopMailbox::put(LoopItem item) {
    const std::lock_guard lock(mutex_);
    if (closed_)
        return false;
    items_.push_back(std::move(item));
    return items_.size() == 1;
}

void LoopMailbox::wake() {
    // Held during the call so that close() can promise that none is under way.
    const std::lock_guard lock(wakeMutex_);
    if (wake_)
        wake_();
}

void LoopMailbox::takeInto(std::vector<LoopItem>& spare) {
    const std::lock_guard lock(mutex_);
    items_.swap(spare);
}

void LoopMailbox::close() {
    std::vector<LoopItem> dropped;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        items_.swap(dropped);
    }
    const std::lock_guard lock(wakeMutex_);
    wake_ = nullptr;
}

}  // namespace xshathra::engine
