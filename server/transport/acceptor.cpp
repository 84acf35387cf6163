#include "server/transport/acceptor.h"

#include "server/transport/epoll_dispatcher.h"

#include <QHostAddress>

#include <cerrno>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace xshathra::transport {

namespace {

constexpr int kBacklog = 4096;
/// Connections taken before the thread looks at its other events.
constexpr int kAcceptsPerTurn = 64;
/// Tries to find a port that is free on all addresses, where any will do.
constexpr int kAnyPortTries = 20;

/// One descriptor held back: with it a connection can be taken out of the queue when none is left.
class Reserve {
public:
    Reserve() { refill(); }
    ~Reserve() { release(); }
    Reserve(const Reserve&) = delete;
    Reserve& operator=(const Reserve&) = delete;
    void release() {
#ifdef Q_OS_UNIX
        if (descriptor_ >= 0)
            ::close(std::exchange(descriptor_, -1));
#endif
    }
    void refill() {
#ifdef Q_OS_UNIX
        if (descriptor_ < 0)
            descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
#endif
    }

private:
    int descriptor_ = -1;
};

}  // namespace

void Listener::startAccepting() {
#ifdef Q_OS_UNIX
    pauseAccepting();
    notifier_ = std::make_unique<QSocketNotifier>(socketDescriptor(), QSocketNotifier::Read);
    QObject::connect(notifier_.get(), &QSocketNotifier::activated, this, [this] { acceptWaiting(); });
#else
    QObject::connect(this, &QTcpServer::acceptError, this, [this] { exhausted_(*this); });
#endif
}

void Listener::pause() {
    if (notifier_)
        notifier_->setEnabled(false);
    else
        pauseAccepting();
}

void Listener::resume() {
    if (notifier_)
        notifier_->setEnabled(true);
    else
        resumeAccepting();
}

void Listener::acceptWaiting() {
#ifdef Q_OS_UNIX
    for (int taken = 0; taken < kAcceptsPerTurn && notifier_->isEnabled(); ++taken) {
        const int accepted = ::accept(static_cast<int>(socketDescriptor()), nullptr, nullptr);
        if (accepted >= 0) {
            ::fcntl(accepted, F_SETFD, FD_CLOEXEC);
            take_(accepted);
            continue;
        }
        switch (errno) {
            case ECONNABORTED:
            case EINTR: break;
            case EMFILE:
            case ENFILE:
            case ENOBUFS:
            case ENOMEM: exhausted_(*this); return;
            default: return;
        }
    }
#endif
}

void Listener::shedOne() {
#ifdef Q_OS_UNIX
    const int accepted = ::accept(static_cast<int>(socketDescriptor()), nullptr, nullptr);
    if (accepted >= 0)
        ::close(accepted);
#endif
}

Acceptor::Acceptor(SharedState& shared, std::vector<std::unique_ptr<IoThread>>& threads)
    : shared_(shared), threads_(threads) {
    setObjectName(QStringLiteral("acceptor"));
    if (auto* dispatcher = makeEventDispatcher())
        setEventDispatcher(dispatcher);
}

Acceptor::~Acceptor() {
    quit();
    wait();
}

Result<void> Acceptor::listen() {
    start();
    ready_.acquire();
    if (!error_)
        return {};
    wait();
    return Unexpected(*error_);
}

Result<void> Acceptor::bindOnce(Listeners& listeners, std::uint16_t port) {
    std::optional<Error> passedOver;
    for (const auto& text : shared_.options.addresses) {
        const QHostAddress address(QString::fromStdString(text));
        if (address.isNull())
            return fail("invalid_setting", "\"" + text + "\" is not an IP address.", "addresses");
        auto listener = std::make_unique<Listener>([this](qintptr descriptor) { take(descriptor); },
                                                   [this](Listener& exhausted) { onExhausted_(exhausted); });
        listener->setListenBacklogSize(kBacklog);
        if (listener->listen(address, port)) {
            port = listener->serverPort();
            listeners.push_back(std::move(listener));
            continue;
        }
        const auto place = text + " port " + std::to_string(port);
        switch (listener->serverError()) {
            case QAbstractSocket::AddressInUseError:
                return fail("port_in_use", "Another program listens on " + place + ".", "port");
            case QAbstractSocket::UnsupportedSocketOperationError:
            case QAbstractSocket::SocketAddressNotAvailableError:
                passedOver = Error{"bind", "The address " + text + " does not exist on this machine.", "addresses"};
                break;
            case QAbstractSocket::SocketAccessError:
                return fail("bind", "Listening on " + place + " is not allowed for this user.", "port");
            default:
                return fail("bind", "Listening on " + place + " failed: " + listener->errorString().toStdString() + ".",
                            "port");
        }
    }
    if (listeners.empty())
        return passedOver ? Result<void>(Unexpected(*passedOver))
                          : Result<void>(fail("invalid_setting", "No address to listen on is given.", "addresses"));
    return {};
}

Result<void> Acceptor::bindAll(Listeners& listeners) {
    const auto wanted = shared_.options.port;
    auto result = bindOnce(listeners, wanted);
    for (int tries = 1; wanted == 0 && !result && result.error().code == "port_in_use" && tries < kAnyPortTries;
         ++tries) {
        listeners.clear();
        result = bindOnce(listeners, wanted);
    }
    if (!result)
        listeners.clear();
    return result;
}

bool Acceptor::full() const {
    return shared_.counters.openSockets.load(std::memory_order_relaxed) >= shared_.maxSockets;
}

void Acceptor::take(qintptr descriptor) {
    shared_.counters.accepted.fetch_add(1, std::memory_order_relaxed);
    threads_[next_++ % threads_.size()]->adopt(descriptor, SocketToken(shared_.counters));
    if (full())
        onFull_();
}

void Acceptor::pause(Listeners& listeners, QTimer& retry) {
    for (const auto& listener : listeners)
        listener->pause();
    retry.start(kRetry);
}

void Acceptor::run() {
    Listeners listeners;
    if (auto bound = bindAll(listeners); !bound) {
        error_ = bound.error();
        ready_.release();
        return;
    }
    Reserve reserve;
    QTimer retry;
    onFull_ = [&] {
        shared_.log.writeLimited(LogLevel::Warn, "http", "sockets",
                                 "The bound of open sockets is reached; new connections wait.");
        pause(listeners, retry);
    };
    QObject::connect(&retry, &QTimer::timeout, &retry, [&] {
        if (full())
            return;
        retry.stop();
        for (const auto& listener : listeners)
            listener->resume();
    });
    onExhausted_ = [&](Listener& waiting) {
        shared_.counters.count(Refused::Resources);
        shared_.log.writeLimited(LogLevel::Error, "http", "descriptors",
                                 "No descriptor is left; a connection was turned away.");
        reserve.release();
        waiting.shedOne();
        reserve.refill();
        pause(listeners, retry);
    };
    for (const auto& listener : listeners) {
        addresses_.push_back(listener->serverAddress().toString().toStdString());
        listener->startAccepting();
    }
    port_ = listeners.front()->serverPort();
    // The I/O threads see it with the first descriptor they are given.
    auto guard = shared_.options.guard;
    guard.port = port_;
    guard.tls = shared_.tls.has_value();
    shared_.guard = http::Guard(std::move(guard));
    ready_.release();
    exec();
    onFull_ = nullptr;
    onExhausted_ = nullptr;
}

}  // namespace xshathra::transport
