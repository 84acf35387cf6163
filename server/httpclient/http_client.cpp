#include "server/httpclient/http_client.h"

#include "server/httpclient/transfer.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace xshathra::httpclient {

namespace {

/// libcurl wants this once for the process, before any thread uses it.
void initCurlOnce() {
    static const bool done = [] {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        return true;
    }();
    static_cast<void>(done);
}

struct CleanupMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// The thread wakes by itself at least this often.
constexpr int kPollMs = 60'000;

}  // namespace

class HttpClient::Worker {
public:
    explicit Worker(const Limits& limits)
        : most_(std::max<std::size_t>(limits.connections, 1)),
          mostPerOrigin_(std::max<std::size_t>(limits.connectionsPerOrigin, 1)) {
        initCurlOnce();
        multi_.reset(curl_multi_init());
        curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, long(limits.idleConnections));
    }

    ~Worker() { stop(); }

    /// Ends everything; send() refuses from now on.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        curl_multi_wakeup(multi_.get());
        if (thread_.joinable())
            thread_.join();
    }

    std::uint64_t send(Request request, Done done) {
        std::uint64_t id = 0;
        {
            const std::lock_guard lock(mutex_);
            id = ++lastId_;
            if (!stopping_) {
                wanted_.insert(id);
                arrived_.push_back(std::make_unique<Transfer>(id, std::move(request), std::move(done)));
                if (!thread_.joinable())
                    thread_ = std::thread([this] { run(); });
                done = nullptr;
            }
        }
        if (done) {
            done(stopped());
            return id;
        }
        curl_multi_wakeup(multi_.get());
        return id;
    }

    void cancel(std::uint64_t id) {
        {
            const std::lock_guard lock(mutex_);
            if (wanted_.erase(id) == 0)
                return;
            cancelled_.push_back(id);
        }
        curl_multi_wakeup(multi_.get());
    }

private:
    static Unexpected<Failure> stopped() {
        return Unexpected<Failure>({Failure::Kind::Stopped, "The server is stopping."});
    }

    void run() {
        while (takeWork()) {
            do {
                int running = 0;
                curl_multi_perform(multi_.get(), &running);
                reap();
            } while (startQueued());
            curl_multi_poll(multi_.get(), nullptr, 0, pollMs(), nullptr);
        }
        for (auto& transfer : std::exchange(queued_, {}))
            deliver(*transfer, stopped());
        while (!transfers_.empty()) {
            auto transfer = take(transfers_.begin()->second->handle());
            deliver(*transfer, stopped());
        }
    }

    /// Begins and ends what was asked for; false when it is time to stop.
    bool takeWork() {
        std::vector<std::unique_ptr<Transfer>> arrived;
        std::vector<std::uint64_t> cancelled;
        bool goOn = true;
        {
            const std::lock_guard lock(mutex_);
            arrived.swap(arrived_);
            cancelled.swap(cancelled_);
            goOn = !stopping_;
        }
        for (auto& transfer : arrived) {
            if (!goOn) {
                deliver(*transfer, stopped());
                continue;
            }
            queued_.push_back(std::move(transfer));
        }
        for (const auto id : cancelled) {
            std::erase_if(queued_, [id](const auto& transfer) { return transfer->id() == id; });
            if (const auto found = byId_.find(id); found != byId_.end())
                take(found->second);
        }
        startQueued();
        return goOn;
    }

    /// Begins requests, in order of arrival, as long as there may be more of them. libcurl's own limits leave some
    /// waiting for ever. True when one has begun.
    bool startQueued() {
        bool started = false;
        std::deque<std::unique_ptr<Transfer>> waiting;
        for (auto& transfer : std::exchange(queued_, {})) {
            if (transfer->left().count() <= 0)
                deliver(*transfer, transfer->finish(CURLE_OPERATION_TIMEDOUT));
            else if (transfers_.size() >= most_ || underWayTo(transfer->origin()) >= mostPerOrigin_)
                waiting.push_back(std::move(transfer));
            else if (auto failure = transfer->prepare())
                deliver(*transfer, Unexpected<Failure>(std::move(*failure)));
            else
                started = begin(std::move(transfer));
        }
        queued_ = std::move(waiting);
        return started;
    }

    std::size_t underWayTo(const std::string& origin) const {
        const auto found = perOrigin_.find(origin);
        return found == perOrigin_.end() ? 0 : found->second;
    }

    bool begin(std::unique_ptr<Transfer> transfer) {
        auto* handle = transfer->handle();
        ++perOrigin_[transfer->origin()];
        curl_multi_add_handle(multi_.get(), handle);
        byId_.emplace(transfer->id(), handle);
        transfers_.emplace(handle, std::move(transfer));
        return true;
    }

    int pollMs() const {
        std::int64_t ms = kPollMs;
        for (const auto& transfer : queued_)
            ms = std::min<std::int64_t>(ms, transfer->left().count());
        return int(std::max<std::int64_t>(ms, 1));
    }

    void reap() {
        int left = 0;
        while (const auto* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE)
                continue;
            const auto result = message->data.result;
            auto transfer = take(message->easy_handle);
            deliver(*transfer, transfer->finish(result));
        }
    }

    std::unique_ptr<Transfer> take(CURL* handle) {
        const auto found = transfers_.find(handle);
        auto transfer = std::move(found->second);
        transfers_.erase(found);
        byId_.erase(transfer->id());
        if (const auto count = perOrigin_.find(transfer->origin()); --count->second == 0)
            perOrigin_.erase(count);
        curl_multi_remove_handle(multi_.get(), handle);
        return transfer;
    }

    void deliver(Transfer& transfer, Expected<Response, Failure> result) {
        {
            const std::lock_guard lock(mutex_);
            if (wanted_.erase(transfer.id()) == 0)
                return;
        }
        if (const auto done = transfer.takeDone())
            done(std::move(result));
    }

    std::unique_ptr<CURLM, CleanupMulti> multi_;

    std::mutex mutex_;
    std::uint64_t lastId_ = 0;
    bool stopping_ = false;
    /// Requests whose callback is still to come.
    std::unordered_set<std::uint64_t> wanted_;
    std::vector<std::unique_ptr<Transfer>> arrived_;
    std::vector<std::uint64_t> cancelled_;

    // The thread's own.
    const std::size_t most_;
    const std::size_t mostPerOrigin_;
    /// What can't begin yet, in order of arrival.
    std::deque<std::unique_ptr<Transfer>> queued_;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;
    std::unordered_map<std::uint64_t, CURL*> byId_;
    /// How many of `transfers_` go to each origin.
    std::unordered_map<std::string, std::size_t> perOrigin_;
    std::thread thread_;
};

HttpClient::HttpClient(Limits limits) : worker_(std::make_unique<Worker>(limits)) {}

HttpClient::~HttpClient() {
    // While the worker is still there for what callbacks send.
    worker_->stop();
}

std::uint64_t HttpClient::send(Request request, Done done) {
    return worker_->send(std::move(request), std::move(done));
}

void HttpClient::cancel(std::uint64_t id) { worker_->cancel(id); }

}  // namespace xshathra::httpclient
