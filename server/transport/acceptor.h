#pragma once

#include "server/base/result.h"
#include "server/transport/io_thread.h"
#include "server/transport/shared_state.h"

#include <QSemaphore>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QThread>
#include <QTimer>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xshathra::transport {

/// A listening socket that hands over raw descriptors: a QTcpSocket is made on the thread that keeps it, never moved.
///
/// On Unix it accepts by itself: QTcpServer (6.4) takes EMFILE for a passing trouble and asks again at once, for ever.
class Listener final : public QTcpServer {
    Q_OBJECT

public:
    /// `take` gets each connection; `exhausted` is called when the system has no descriptor for the next one.
    Listener(std::function<void(qintptr)> take, std::function<void(Listener&)> exhausted)
        : take_(std::move(take)), exhausted_(std::move(exhausted)) {}

    /// After listen(): from now on connections are taken, while the thread runs its event loop.
    void startAccepting();
    void pause();
    void resume();
    /// Takes one waiting connection out of the system's queue and closes it, with a descriptor that was held back for
    /// this.
    void shedOne();

protected:
    void incomingConnection(qintptr descriptor) override { take_(descriptor); }

private:
    void acceptWaiting();

    std::function<void(qintptr)> take_;
    std::function<void(Listener&)> exhausted_;
    std::unique_ptr<QSocketNotifier> notifier_;
};

/// The thread with the listening sockets. Gives connections to the I/O threads in turn. Pauses while no descriptor is
/// free or the bound of open sockets is reached, and looks again after kRetry: no spinning on a queue that can't be
/// emptied.
class Acceptor final : public QThread {
    Q_OBJECT

public:
    static constexpr Milliseconds kRetry{100};

    Acceptor(SharedState& shared, std::vector<std::unique_ptr<IoThread>>& threads);
    /// Stops listening.
    ~Acceptor() override;

    /// Binds the addresses of the options. On an error nothing listens.
    Result<void> listen();
    std::uint16_t port() const { return port_; }
    const std::vector<std::string>& addresses() const { return addresses_; }

protected:
    void run() override;

private:
    using Listeners = std::vector<std::unique_ptr<Listener>>;

    Result<void> bindAll(Listeners& listeners);
    Result<void> bindOnce(Listeners& listeners, std::uint16_t port);
    void take(qintptr descriptor);
    void pause(Listeners& listeners, QTimer& retry);
    bool full() const;

    SharedState& shared_;
    std::vector<std::unique_ptr<IoThread>>& threads_;
    QSemaphore ready_;
    std::optional<Error> error_;
    std::uint16_t port_ = 0;
    std::vector<std::string> addresses_;
    std::size_t next_ = 0;
    std::function<void()> onFull_;
    std::function<void(Listener&)> onExhausted_;
};

}  // namespace xshathra::transport
