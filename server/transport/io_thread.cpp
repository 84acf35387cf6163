#include "server/transport/io_thread.h"

#include "server/transport/epoll_dispatcher.h"
#include "server/transport/io_context.h"

#include <QString>

#include <optional>
#include <utility>

#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

namespace xshathra::transport {

namespace {

/// A descriptor on its way between threads: closed if nobody takes it.
struct Travelling {
    Travelling(qintptr taken, SocketToken held) : descriptor(taken), token(std::move(held)) {}
    Travelling(const Travelling&) = delete;
    Travelling& operator=(const Travelling&) = delete;
    ~Travelling() {
#ifdef Q_OS_UNIX
        if (descriptor >= 0)
            ::close(static_cast<int>(descriptor));
#endif
    }
    qintptr descriptor;
    std::optional<SocketToken> token;
};

}  // namespace

IoThread::IoThread(SharedState& shared, int number) : shared_(shared) {
    setObjectName(QStringLiteral("io-%1").arg(number));
    if (auto* dispatcher = makeEventDispatcher())
        setEventDispatcher(dispatcher);
}

IoThread::~IoThread() {
    quit();
    wait();
}

void IoThread::startAndWait() {
    start();
    ready_.acquire();
}

void IoThread::run() {
    IoContext context(shared_);
    context_ = &context;
    mailbox_ = context.loop().mailbox();
    ready_.release();
    exec();
}

void IoThread::post(std::function<void(IoContext&)> task) {
    // Tasks run in the loop's turn, hence while the context exists.
    if (mailbox_->put(engine::LoopItem([this, task = std::move(task)](engine::Loop&) { task(*context_); })))
        mailbox_->wake();
}

void IoThread::adopt(qintptr descriptor, SocketToken token) {
    auto travelling = std::make_shared<Travelling>(descriptor, std::move(token));
    post([travelling](IoContext& context) {
        context.adopt(std::exchange(travelling->descriptor, -1), std::move(*travelling->token));
    });
}

void IoThread::beginStop() {
    post([](IoContext& context) { context.beginStop(); });
}

}  // namespace xshathra::transport
