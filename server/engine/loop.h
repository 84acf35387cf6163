#pragma once

#include "server/base/clock.h"
#include "server/engine/delivery.h"
#include "server/engine/loop_mailbox.h"
#include "server/engine/timers.h"
#include "server/protocol/codes.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace xshathra::engine {

class Client;

/// Counters of one loop. Written by the loop's thread alone, read from any thread; a snapshot isn't taken at one
/// instant.
struct LoopCounters {
    std::uint64_t clients = 0;
    std::uint64_t messagesIn = 0;
    std::uint64_t messagesOut = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t slowClients = 0;
};

/// The engine's part of an I/O thread. The thread that constructs a Loop owns it; functions marked so may be called
/// from any thread.
///
/// The I/O thread's turn: wait until a socket is ready, the wake callback fired or nextDeadline() has come; give frames
/// to the clients; runDueTimers(); runPosted(); flush the transports that have something to send. runPosted() delivers
/// what this very turn published, so it must come after the frames and before the flush.
///
/// Destroy it after all its clients.
class Loop {
public:
    /// `wake` makes the loop's thread call runPosted() soon. It is called from any thread, at most once for each batch,
    /// also from the loop's own thread (where a flag for the end of the turn is enough); it must be quick, must not
    /// call the Loop, and isn't called after the Loop's destructor returned.
    Loop(const Clock& clock, std::function<void()> wake);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    const Clock& clock() const { return clock_; }
    Timers& timers() { return timers_; }

    /// Runs `task` on the loop's thread in a later runPosted(). Any thread.
    void post(std::function<void()> task);
    /// Runs what was posted and delivers what was published up to now, in order of arrival. What these cause in turn
    /// runs in the next call (wake is called for it). Own thread.
    void runPosted();

    /// Runs `fn` after `after` (zero or less: in the next runDueTimers()). Own thread.
    TimerId schedule(Nanoseconds after, std::function<void()> fn);
    /// Takes a timer back; an id that already ran or was cancelled does nothing. Own thread.
    void cancel(TimerId id);
    /// Monotonic time at which runDueTimers() has to be called, or nothing while no timer is set. Own thread.
    std::optional<Nanoseconds> nextDeadline() const;
    void runDueTimers();

    /// Any thread.
    LoopCounters counters() const;

    // What follows is for the engine itself.

    const std::shared_ptr<LoopMailbox>& mailbox() const { return mailbox_; }
    /// Gives a client its place; the handle stays valid as an address (of nobody) after removeClient(). Own thread.
    ClientHandle addClient(Client& client);
    void removeClient(const ClientHandle& handle);
    /// The client of that handle, or null when it has gone. Own thread.
    Client* client(const ClientHandle& handle) const;
    /// Closes every connection of the loop. Own thread.
    void disconnectAll(const protocol::Disconnect& reason);
    void countIn(std::size_t messages, std::size_t bytes);
    void countOut(std::size_t messages, std::size_t bytes);
    void countSlow();

private:
    struct Slot {
        std::uint32_t generation = 0;
        Client* client = nullptr;
    };

    const Clock& clock_;
    std::shared_ptr<LoopMailbox> mailbox_;
    Timers timers_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> freeSlots_;
    std::vector<LoopItem> taken_;
    std::atomic<std::uint64_t> clients_{0};
    std::atomic<std::uint64_t> messagesIn_{0};
    std::atomic<std::uint64_t> messagesOut_{0};
    std::atomic<std::uint64_t> bytesIn_{0};
    std::atomic<std::uint64_t> bytesOut_{0};
    std::atomic<std::uint64_t> slowClients_{0};
};

}  // namespace xshathra::engine
