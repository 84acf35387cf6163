#include "server/transport/server.h"

#include "server/base/log.h"
#include "server/transport/acceptor.h"
#include "server/transport/io_thread.h"
#include "server/transport/shared_state.h"
#include "server/transport/tls.h"

#include <QThread>

#include <algorithm>
#include <utility>

#ifdef Q_OS_UNIX
#include <sys/resource.h>
#endif

namespace xshathra::transport {

namespace {

constexpr int kMostThreads = 64;
constexpr int kMostDefaultThreads = 4;
constexpr unsigned long kDrainPollMs = 2;

/// The other half of the cores is left to the window and to the clients under development, which run on the same
/// machine: taking those too costs more CPU for each delivery and brings no throughput (docs/performance.md).
int threadCount(int wanted) {
    return wanted > 0 ? wanted : std::clamp(QThread::idealThreadCount() / 2, 1, kMostDefaultThreads);
}

std::size_t socketBound(std::size_t wanted) {
    std::size_t bound = 1'000'000;
#ifdef Q_OS_UNIX
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
        bound =
            descriptors > 2 * Limits::kDescriptorReserve ? descriptors - Limits::kDescriptorReserve : descriptors / 2;
    }
#endif
    return wanted > 0 ? std::min(wanted, bound) : bound;
}

}  // namespace

struct Server::Impl {
    ServerParts parts;
    LiveCounters counters;
    std::unique_ptr<SharedState> shared;
    std::vector<std::unique_ptr<IoThread>> threads;
    std::unique_ptr<Acceptor> acceptor;
    std::uint16_t port = 0;
    std::vector<std::string> addresses;
};

Server::Server(ServerParts parts) : impl_(new Impl{parts, {}, {}, {}, {}, 0, {}}) {}

Server::~Server() { stop(Milliseconds(0)); }

Result<void> Server::start(const ListenOptions& options) {
    if (running())
        return fail("already_running", "The server is already running.");
    if (options.ioThreads < 0 || options.ioThreads > kMostThreads)
        return fail("invalid_setting", "The number of I/O threads must be 0 (chosen by the server) to 64.",
                    "ioThreads");
    if (options.certificate.empty() != options.privateKey.empty())
        return fail("tls", "TLS needs both a certificate and its key.",
                    options.certificate.empty() ? "certificate" : "privateKey");
    std::optional<QSslConfiguration> tls;
    if (!options.certificate.empty()) {
        auto identity = loadTlsIdentity(options.certificate, options.privateKey, impl_->parts.clock);
        if (!identity)
            return Unexpected(identity.error());
        for (const auto& warning : identity->warnings)
            impl_->parts.log.warn("http", warning);
        tls = identity->configuration;
    }
    if (const auto invalid = http::Guard::invalidEntries(options.guard); !invalid.empty())
        return fail("invalid_setting", "\"" + invalid.front() + "\" is neither a host name nor an origin.", "guard");
    if (auto valid = options.endpoints.validate(); !valid)
        return valid;

    auto& parts = impl_->parts;
    impl_->shared.reset(new SharedState{parts.router, parts.registry, parts.recorder, parts.clock, parts.log,
                                        impl_->counters, options, http::Guard(options.guard), tls,
                                        socketBound(options.limits.sockets)});
    // Bound first, served later: until the threads run, connections wait in the system's queue.
    impl_->acceptor = std::make_unique<Acceptor>(*impl_->shared, impl_->threads);
    for (int i = 0; i < threadCount(options.ioThreads); ++i)
        impl_->threads.push_back(std::make_unique<IoThread>(*impl_->shared, i));
    for (const auto& thread : impl_->threads)
        thread->startAndWait();
    if (auto listening = impl_->acceptor->listen(); !listening) {
        impl_->acceptor.reset();
        impl_->threads.clear();
        impl_->shared.reset();
        return listening;
    }
    impl_->port = impl_->acceptor->port();
    impl_->addresses = impl_->acceptor->addresses();
    return {};
}

void Server::beginStop() {
    if (!running() || impl_->shared->stopping.exchange(true))
        return;
    impl_->acceptor.reset();
    for (const auto& thread : impl_->threads)
        thread->beginStop();
}

bool Server::drained() const { return impl_->counters.openSockets.load(std::memory_order_relaxed) == 0; }

void Server::stop(Milliseconds grace) {
    if (!running())
        return;
    beginStop();
    for (Milliseconds waited{0}; waited < grace && !drained(); waited += Milliseconds(kDrainPollMs))
        QThread::msleep(kDrainPollMs);
    impl_->threads.clear();
    impl_->shared.reset();
    impl_->port = 0;
    impl_->addresses.clear();
}

bool Server::running() const { return impl_->shared != nullptr; }
std::uint16_t Server::port() const { return impl_->port; }
bool Server::tls() const { return running() && impl_->shared->tls.has_value(); }
std::vector<std::string> Server::addresses() const { return impl_->addresses; }
Counters Server::counters() const { return impl_->counters.snapshot(); }

}  // namespace xshathra::transport
