#include "server/services/project_service.h"

#include "server/base/ids.h"
#include "server/services/config_store.h"
#include "server/services/config_writer.h"
#include "server/services/lookup.h"
#include "server/services/project_document.h"
#include "server/services/project_factory.h"
#include "server/services/project_json.h"
#include "server/storage/tables.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace xshathra::services {

namespace {

/// A timer can't be set further ahead than it can count; it looks again at least once an hour.
constexpr Milliseconds kLongestTimer = std::chrono::hours(1);
/// How soon a sweep that failed (disk full) is tried again.
constexpr Milliseconds kSweepRetry = std::chrono::minutes(1);

/// The row of a project in force.
Result<storage::ProjectRow> rowInForce(storage::Connection& connection, std::string_view id) {
    auto row = storage::ProjectTable(connection).find(id);
    if (row ? row->deletedAt.has_value() : row.error().code == "not_found")
        return noProject(id);
    return row;
}

/// A change that touches no option, so that a project may stay as it is.
Touched touched(const std::string& id) { return {{id}, false, true}; }

}  // namespace

ProjectService::ProjectService(ConfigStore& store, ConfigWriter& writer, const Clock& clock, Log* log, QObject* parent)
    : QObject(parent), store_(store), writer_(writer), clock_(clock), log_(log), timer_(this) {
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, [this] { sweep(); });
    connect(&store_, &ConfigStore::changed, this, &ProjectService::scheduleSweep);
    scheduleSweep();
}

QFuture<Result<ProjectPtr>> ProjectService::create(NewProject project) {
    auto name = checkProjectName(project.name);
    if (!name)
        return readyFuture<ProjectPtr>(Unexpected<Error>(name.error()));
    project.name = std::move(*name);
    const auto id = "proj_" + makeUlid(clock_.wall());
    return writer_.changeProject(
        id, [this, id, project = std::move(project)](storage::Connection& connection) -> Result<Touched> {
            if (auto inserted = insertProject(connection, writer_.vault(), clock_, id, project); !inserted)
                return Unexpected<Error>(inserted.error());
            return Touched{{id}, false};
        });
}

std::vector<ProjectPtr> ProjectService::list() const { return store_.current()->projects; }

ProjectPtr ProjectService::find(std::string_view projectId) const { return store_.current()->find(projectId); }

QFuture<Result<ProjectPtr>> ProjectService::rename(std::string projectId, std::string name) {
    auto checked = checkProjectName(name);
    if (!checked)
        return readyFuture<ProjectPtr>(Unexpected<Error>(checked.error()));
    return writer_.changeProject(
        projectId, [projectId, name = std::move(*checked)](storage::Connection& connection) -> Result<Touched> {
            auto row = rowInForce(connection, projectId);
            if (!row)
                return Unexpected<Error>(row.error());
            if (auto free = checkNameFree(connection, name, projectId); !free)
                return Unexpected<Error>(free.error());
            row->name = name;
            row->nameKey = projectNameKey(name);
            if (auto updated = storage::ProjectTable(connection).update(*row); !updated)
                return Unexpected<Error>(updated.error());
            return touched(projectId);
        });
}

QFuture<Result<ProjectPtr>> ProjectService::setEnvironment(std::string projectId, Environment environment) {
    return writer_.changeProject(projectId,
                                 [projectId, environment](storage::Connection& connection) -> Result<Touched> {
                                     auto row = rowInForce(connection, projectId);
                                     if (!row)
                                         return Unexpected<Error>(row.error());
                                     row->environment = std::string(toString(environment));
                                     if (auto updated = storage::ProjectTable(connection).update(*row); !updated)
                                         return Unexpected<Error>(updated.error());
                                     return touched(projectId);
                                 });
}

QFuture<Result<ProjectPtr>> ProjectService::setOptions(std::string projectId, ProjectOptions options) {
    return writer_.changeProject(projectId, [projectId, options](storage::Connection& connection) -> Result<Touched> {
        auto row = rowInForce(connection, projectId);
        if (!row)
            return Unexpected<Error>(row.error());
        row->optionsJson = toJson(options);
        if (auto updated = storage::ProjectTable(connection).update(*row); !updated)
            return Unexpected<Error>(updated.error());
        return touched(projectId);
    });
}

QFuture<Result<ProjectPtr>> ProjectService::remove(std::string projectId) {
    return writer_.database().run([this, projectId](storage::Connection& connection) -> Result<ProjectPtr> {
        const auto removed = store_.current()->find(projectId);
        if (!removed)
            return noProject(projectId);
        {
            // Known before the commit, so that no sweep takes the mark for one that is over.
            const std::lock_guard lock(undoMutex_);
            undoUntil_[projectId] = clock_.monotonic() + kUndoTime;
        }
        auto done = writer_.apply(connection, [this, &projectId](storage::Connection& c) -> Result<Touched> {
            if (auto marked = storage::ProjectTable(c).markDeleted(projectId, clock_.wall()); !marked)
                return Unexpected<Error>(marked.error());
            return touched(projectId);
        });
        if (!done)
            return Unexpected<Error>(done.error());
        return removed;
    });
}

QFuture<Result<ProjectPtr>> ProjectService::restore(std::string projectId) {
    return writer_.changeProject(projectId, [this, projectId](storage::Connection& connection) -> Result<Touched> {
        const auto row = storage::ProjectTable(connection).find(projectId);
        if (!row && row.error().code != "not_found")
            return Unexpected<Error>(row.error());
        {
            const std::lock_guard lock(undoMutex_);
            const auto until = undoUntil_.find(projectId);
            if (!row || !row->deletedAt || until == undoUntil_.end() || until->second <= clock_.monotonic())
                return fail("not_found",
                            "The project can't be brought back: " + std::to_string(kUndoTime.count()) +
                                " seconds after its removal it is gone.",
                            "projectId");
        }
        if (auto free = checkNameFree(connection, row->name, projectId); !free)
            return Unexpected<Error>(free.error());
        if (auto marked = storage::ProjectTable(connection).markDeleted(projectId, std::nullopt); !marked)
            return Unexpected<Error>(marked.error());
        return touched(projectId);
    });
}

QFuture<Result<ProjectPtr>> ProjectService::rotateKey(std::string projectId, auth::KeyKind kind, Seconds grace) {
    if (grace.count() < 0 || grace > kMaxGrace)
        return readyFuture<ProjectPtr>(fail("invalid_argument",
                                            "The grace time is " + std::to_string(grace.count()) +
                                                " seconds; allowed are 0 to " + std::to_string(kMaxGrace.count()) + ".",
                                            "graceSeconds"));
    return writer_.changeProject(
        projectId, [this, projectId, kind, grace](storage::Connection& connection) -> Result<Touched> {
            const auto project = store_.current()->find(projectId);
            if (!project)
                return noProject(projectId);
            const auto now = clock_.wall();
            storage::KeyTable table(connection);
            if (const auto* older = project->previousKey(kind)) {
                if (auto ended = table.setExpiry(older->id, now); !ended)
                    return Unexpected<Error>(ended.error());
            }
            if (auto expiring = table.setExpiry(project->currentKey(kind)->id, now + grace); !expiring)
                return Unexpected<Error>(expiring.error());
            const auto row = makeKeyRow(writer_.vault(), clock_, projectId, kind, project->environment);
            if (!row)
                return Unexpected<Error>(row.error());
            if (auto inserted = table.insert(*row); !inserted)
                return Unexpected<Error>(inserted.error());
            return touched(projectId);
        });
}

QFuture<Result<ProjectPtr>> ProjectService::endGrace(std::string projectId, auth::KeyKind kind) {
    return writer_.changeProject(
        projectId, [this, projectId, kind](storage::Connection& connection) -> Result<Touched> {
            const auto project = store_.current()->find(projectId);
            if (!project)
                return noProject(projectId);
            const auto* previous = project->previousKey(kind);
            if (previous == nullptr)
                return fail(
                    "not_found",
                    "No rotated " + std::string(auth::toString(kind)) + " key of this project is in its grace time.",
                    "kind");
            if (auto ended = storage::KeyTable(connection).setExpiry(previous->id, clock_.wall()); !ended)
                return Unexpected<Error>(ended.error());
            return touched(projectId);
        });
}

QFuture<Result<auth::Secret>> ProjectService::revealKey(std::string projectId, auth::KeyKind kind) {
    return writer_.database().run([this, projectId, kind](storage::Connection& connection) -> Result<auth::Secret> {
        const auto project = store_.current()->find(projectId);
        if (!project)
            return noProject(projectId);
        const auto rows = storage::KeyTable(connection).list(projectId);
        if (!rows)
            return Unexpected<Error>(rows.error());
        const auto& wanted = project->currentKey(kind)->id;
        const auto row = std::find_if(rows->begin(), rows->end(),
                                      [&wanted](const auto& candidate) { return candidate.id == wanted; });
        if (row == rows->end())
            return noProject(projectId);
        return writer_.vault().unseal(row->sealed, keyRecord(row->id));
    });
}

QFuture<Result<auth::Secret>> ProjectService::revealDocument(std::string projectId) {
    return writer_.database().run([this, projectId](storage::Connection& connection) -> Result<auth::Secret> {
        if (!store_.current()->find(projectId))
            return noProject(projectId);
        const auto record = documentRecord(projectId);
        const auto row = storage::SecretTable(connection).find(record);
        if (!row)
            return Unexpected<Error>(row.error());
        return *row ? writer_.vault().unseal((*row)->sealed, record) : Result<auth::Secret>(auth::Secret());
    });
}

QFuture<Result<bool>> ProjectService::sweep() {
    auto swept = writer_.database().run([this](storage::Connection& connection) {
        auto outcome = sweepOn(connection);
        if (!outcome && log_ != nullptr)
            log_->error("storage", "What is over could not be removed and is tried again in " +
                                       std::to_string(std::chrono::duration_cast<Seconds>(kSweepRetry).count()) +
                                       " s: " + outcome.error().message);
        return outcome;
    });
    swept.then(this, [this](const Result<bool>& outcome) {
        if (!outcome)
            timer_.start(kSweepRetry);
    });
    return swept;
}

Result<bool> ProjectService::sweepOn(storage::Connection& connection) {
    const auto now = clock_.wall();
    const auto snapshot = store_.current();
    Touched over;
    over.asStored = true;
    over.secrets = snapshot->previousSecretEnds && *snapshot->previousSecretEnds <= now;
    for (const auto& project : snapshot->projects) {
        if (std::any_of(project->keys.begin(), project->keys.end(), [now](const auto& key) {
                return key.expiresAt && (key.ended ? *key.expiresAt + kEndedKeyMemory <= now : *key.expiresAt <= now);
            }))
            over.projects.push_back(project->id);
    }
    const auto rows = storage::ProjectTable(connection).list(true);
    if (!rows)
        return Unexpected<Error>(rows.error());
    std::vector<std::string> gone;
    {
        const std::lock_guard lock(undoMutex_);
        const auto monotonic = clock_.monotonic();
        std::erase_if(undoUntil_, [monotonic](const auto& entry) { return entry.second <= monotonic; });
        for (const auto& row : *rows) {
            if (row.deletedAt && undoUntil_.count(row.id) == 0)
                gone.push_back(row.id);
        }
    }
    if (over.projects.empty() && gone.empty() && !over.secrets)
        return false;
    auto done = writer_.apply(connection, [&](storage::Connection& c) -> Result<Touched> {
        for (const auto& id : gone) {
            if (auto erased = storage::ProjectTable(c).erase(id); !erased)
                return Unexpected<Error>(erased.error());
            if (auto erased = storage::SecretTable(c).erase(documentRecord(id)); !erased)
                return Unexpected<Error>(erased.error());
        }
        if (over.secrets) {
            if (auto erased = storage::SecretTable(c).erase(kPreviousEngineSecret); !erased)
                return Unexpected<Error>(erased.error());
        }
        if (auto erased = storage::KeyTable(c).eraseExpired(now - kEndedKeyMemory); !erased)
            return Unexpected<Error>(erased.error());
        return over;
    });
    if (!done)
        return Unexpected<Error>(done.error());
    return true;
}

void ProjectService::scheduleSweep() {
    auto next = Nanoseconds::max();
    const auto wall = clock_.wall();
    const auto snapshot = store_.current();
    if (snapshot->previousSecretEnds)
        next = *snapshot->previousSecretEnds - wall;
    for (const auto& project : snapshot->projects) {
        for (const auto& key : project->keys) {
            if (key.expiresAt)
                next =
                    std::min(next, *key.expiresAt + (key.ended ? Nanoseconds(kEndedKeyMemory) : Nanoseconds(0)) - wall);
        }
    }
    {
        const std::lock_guard lock(undoMutex_);
        const auto monotonic = clock_.monotonic();
        for (const auto& [id, until] : undoUntil_)
            next = std::min(next, until - monotonic);
    }
    if (next == Nanoseconds::max()) {
        timer_.stop();
        return;
    }
    // Rounded up: a timer that fires too early would find nothing to do.
    const auto wait = std::chrono::ceil<Milliseconds>(std::max(next, Nanoseconds(0)));
    timer_.start(std::min(wait, kLongestTimer));
}

}  // namespace xshathra::services
