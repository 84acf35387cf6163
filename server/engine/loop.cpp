#include "server/engine/loop.h"

#include "server/engine/client.h"
#include "server/engine/loop_channel.h"

#include <utility>

namespace xshathra::engine {

namespace {

/// A counter that one thread alone writes: no locked instruction needed.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

Loop::Loop(const Clock& clock, std::function<void()> wake)
    : clock_(clock), mailbox_(std::make_shared<LoopMailbox>(std::move(wake))), timers_(clock) {}

Loop::~Loop() { mailbox_->close(); }

void Loop::post(std::function<void()> task) {
    if (mailbox_->put(std::function<void(Loop&)>([run = std::move(task)](Loop&) { run(); })))
        mailbox_->wake();
}

void Loop::runPosted() {
    // A task that calls runPosted() again finds the vector taken and gets its own.
    auto items = std::exchange(taken_, {});
    items.clear();
    mailbox_->takeInto(items);
    for (auto& item : items) {
        if (auto* delivery = std::get_if<Delivery>(&item))
            delivery->target->deliver(*this, *delivery);
        else
            std::get<std::function<void(Loop&)>>(item)(*this);
    }
    items.clear();
    if (items.capacity() > taken_.capacity())
        taken_ = std::move(items);
}

TimerId Loop::schedule(Nanoseconds after, std::function<void()> fn) { return timers_.schedule(after, std::move(fn)); }

void Loop::cancel(TimerId id) { timers_.cancel(id); }

std::optional<Nanoseconds> Loop::nextDeadline() const { return timers_.nextDeadline(); }

void Loop::runDueTimers() { timers_.runDue(); }

LoopCounters Loop::counters() const {
    return {clients_.load(std::memory_order_relaxed),     messagesIn_.load(std::memory_order_relaxed),
            messagesOut_.load(std::memory_order_relaxed), bytesIn_.load(std::memory_order_relaxed),
            bytesOut_.load(std::memory_order_relaxed),    slowClients_.load(std::memory_order_relaxed)};
}

ClientHandle Loop::addClient(Client& client) {
    std::uint32_t slot = 0;
    if (freeSlots_.empty()) {
        slot = std::uint32_t(slots_.size());
        slots_.emplace_back();
    } else {
        slot = freeSlots_.back();
        freeSlots_.pop_back();
    }
    slots_[slot].client = &client;
    add(clients_, 1);
    return {mailbox_, slot, slots_[slot].generation};
}

void Loop::removeClient(const ClientHandle& handle) {
    auto& slot = slots_[handle.slot];
    if (slot.generation != handle.generation || slot.client == nullptr)
        return;
    slot.client = nullptr;
    ++slot.generation;
    freeSlots_.push_back(handle.slot);
    add(clients_, std::uint64_t(-1));
}

Client* Loop::client(const ClientHandle& handle) const {
    if (handle.slot >= slots_.size() || slots_[handle.slot].generation != handle.generation)
        return nullptr;
    return slots_[handle.slot].client;
}

void Loop::disconnectAll(const protocol::Disconnect& reason) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].client != nullptr)
            slots_[i].client->disconnect(reason);
    }
}

void Loop::countIn(std::size_t messages, std::size_t bytes) {
    add(messagesIn_, messages);
    add(bytesIn_, bytes);
}

void Loop::countOut(std::size_t messages, std::size_t bytes) {
    add(messagesOut_, messages);
    add(bytesOut_, bytes);
}

void Loop::countSlow() { add(slowClients_, 1); }

}  // namespace xshathra::engine
