#pragma once

#include "server/base/result.h"
#include "server/storage/connection.h"

#include <QFuture>
#include <QPromise>
#include <QString>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>

namespace xshathra::storage {

struct DatabaseOptions {
    /// Absolute path of the file; empty: in memory.
    QString path;
    /// Read the whole file before use: after an unclean stop.
    bool quickCheck = false;
};

/// The database with its own thread: jobs go in, futures come out, in order. Functions may be called on any thread;
/// jobs run on the storage thread alone.
class Database {
public:
    /// Starts the thread, opens the file and brings its schema up to date; waits for that. Errors: those of
    /// Connection::open() and migrate(). A corrupt file is kept as it is; the message names the newest backup.
    static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    /// Runs the jobs that wait, then closes the file.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs `job(Connection&)`, which returns a Result, on the storage thread. The future is finished when the job has
    /// returned; for a job that changed something inside Connection::transact() that means: after COMMIT. Never wait
    /// for it in an event loop.
    template <typename Job>
    auto run(Job job) -> QFuture<std::invoke_result_t<Job&, Connection&>> {
        using Outcome = std::invoke_result_t<Job&, Connection&>;
        auto promise = std::make_shared<QPromise<Outcome>>();
        auto future = promise->future();
        promise->start();
        auto finish = [promise](Outcome outcome) {
            promise->addResult(std::move(outcome));
            promise->finish();
        };
        const bool queued = enqueue([finish, job = std::make_shared<Job>(std::move(job))](Connection& connection) {
            finish((*job)(connection));
        });
        if (!queued)
            finish(Outcome(closedError()));
        return future;
    }

private:
    using Task = std::function<void(Connection&)>;

    Database() = default;
    bool enqueue(Task task);
    static Unexpected<Error> closedError();
    void work(const DatabaseOptions& options, QPromise<Result<bool>> opened);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> tasks_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace xshathra::storage
