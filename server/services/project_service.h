#pragma once

#include "server/auth/secret.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/result.h"
#include "server/services/config.h"

#include <QFuture>
#include <QObject>
#include <QTimer>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace xshathra::storage {
class Connection;
}

namespace xshathra::services {

class ConfigStore;
class ConfigWriter;

/// Characters (Unicode code points) of a project's name, after spaces at its ends are taken away.
inline constexpr std::size_t kMaxProjectNameLength = 64;
/// How long a removed project can be brought back.
inline constexpr Seconds kUndoTime{10};
/// How long a rotated key may stay valid.
inline constexpr Seconds kMaxGrace{30 * 24 * 3600};
/// How long an ended key is remembered, so that a backend that still uses it is told so.
inline constexpr Seconds kEndedKeyMemory{7 * 24 * 3600};
/// What dialogs propose as grace time.
inline constexpr Seconds kDefaultGrace{3600};

struct NewProject {
    std::string name;
    Environment environment = Environment::Development;
    ProjectOptions options;
    /// Absent: `public`, `chat`, `match`, `lobby`.
    std::optional<std::vector<engine::NamespaceOptions>> namespaces = {};
    engine::ChannelOptions withoutNamespace = {};
    /// What it is imported from, see ProjectDocuments. Kept sealed; empty: nothing.
    auth::Secret document = {};
};

/// A name that a project may have, without spaces at its ends: valid UTF-8, 1 to kMaxProjectNameLength characters, no
/// control, line separating or direction changing ones. Errors: `invalid_argument` on field `name`.
Result<std::string> checkProjectName(std::string_view name);

/// Creating, changing and removing projects and their keys. A future with a value is an acknowledgement: COMMIT has
/// returned, the snapshot is in force, the engine follows it. Futures finish on the storage thread; use `.then(context,
/// ...)`. Errors of all: `not_found` on field `projectId`, `duplicate` or `invalid_argument` on the field named, those
/// of storage::Connection. Thread: functions from any thread; the object lives on a thread with an event loop.
class ProjectService final : public QObject {
    Q_OBJECT

public:
    /// `log` is told of sweeps that failed; may be null.
    ProjectService(ConfigStore& store, ConfigWriter& writer, const Clock& clock, Log* log = nullptr,
                   QObject* parent = nullptr);

    /// Makes a project with a key pair and the namespaces given, or the usual ones. Errors: `duplicate` on `name`, and
    /// on `http_api.key` where another project has the key that its document names.
    QFuture<Result<ProjectPtr>> create(NewProject project);
    /// The projects in force, oldest first.
    std::vector<ProjectPtr> list() const;
    /// Null where there is none.
    ProjectPtr find(std::string_view projectId) const;
    QFuture<Result<ProjectPtr>> rename(std::string projectId, std::string name);
    /// Keys keep their prefix until they are rotated.
    QFuture<Result<ProjectPtr>> setEnvironment(std::string projectId, Environment environment);
    QFuture<Result<ProjectPtr>> setOptions(std::string projectId, ProjectOptions options);

    /// Takes the project out of force at once and closes its connections. It can be restored for kUndoTime; then, or at
    /// the next start, it is gone for good with its keys. Gives what was removed.
    QFuture<Result<ProjectPtr>> remove(std::string projectId);
    /// Undoes remove(). Errors: `not_found` when the time is over; `duplicate` when its name or its `http_api.key` has
    /// been given to another meanwhile.
    QFuture<Result<ProjectPtr>> restore(std::string projectId);

    /// Makes a new key. The old one stays valid for `grace` (0: not at all; at most kMaxGrace); an even older one ends
    /// at once. Errors: `invalid_argument` on `graceSeconds`.
    QFuture<Result<ProjectPtr>> rotateKey(std::string projectId, auth::KeyKind kind, Seconds grace);
    /// Ends the grace time of the rotated key now. Errors: `not_found` on `kind` when there is none.
    QFuture<Result<ProjectPtr>> endGrace(std::string projectId, auth::KeyKind kind);
    /// The current key in clear, for a person who asked to see or copy it, or for snippets.
    QFuture<Result<auth::Secret>> revealKey(std::string projectId, auth::KeyKind kind);

    /// What the project was imported from, see ProjectDocuments; empty where it wasn't.
    QFuture<Result<auth::Secret>> revealDocument(std::string projectId);

    /// Removes what is over: projects past their undo time, keys past their grace, the previous engine secret. Runs by
    /// itself by timer, again soon after it failed; callable at any time.
    QFuture<Result<bool>> sweep();

private:
    void scheduleSweep();
    /// On the storage thread.
    Result<bool> sweepOn(storage::Connection& connection);

    ConfigStore& store_;
    ConfigWriter& writer_;
    const Clock& clock_;
    Log* const log_;
    QTimer timer_;
    /// Monotonic end of the undo time by project id.
    std::map<std::string, Nanoseconds> undoUntil_;
    mutable std::mutex undoMutex_;
};

}  // namespace xshathra::services
