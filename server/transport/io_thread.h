#pragma once

#include "server/engine/loop_mailbox.h"
#include "server/transport/shared_state.h"

#include <QSemaphore>
#include <QThread>

#include <functional>
#include <memory>

namespace xshathra::transport {

class IoContext;

/// A thread with an epoll event loop and the connections it was given. Made and ended by the Server.
class IoThread final : public QThread {
    Q_OBJECT

public:
    IoThread(SharedState& shared, int number);
    /// Ends the thread; connections that are left are cut.
    ~IoThread() override;

    /// Returns once the thread takes connections.
    void startAndWait();
    /// Any thread: a connected descriptor. Closed if the thread ends first.
    void adopt(qintptr descriptor, SocketToken token);
    /// Any thread.
    void beginStop();

protected:
    void run() override;

private:
    void post(std::function<void(IoContext&)> task);

    SharedState& shared_;
    QSemaphore ready_;
    /// Valid while the thread runs; used by tasks on the thread alone.
    IoContext* context_ = nullptr;
    std::shared_ptr<engine::LoopMailbox> mailbox_;
};

}  // namespace xshathra::transport
