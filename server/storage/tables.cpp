#include "server/storage/tables.h"

#include <utility>

namespace xshathra::storage {

namespace {

QVariant timeValue(Nanoseconds wall) {
    return QVariant::fromValue<qlonglong>(std::chrono::duration_cast<Milliseconds>(wall).count());
}

QVariant timeValue(const std::optional<Nanoseconds>& wall) {
    return wall ? timeValue(*wall) : QVariant(QMetaType::fromType<qlonglong>());
}

Nanoseconds columnTime(const QSqlQuery& query, int column) { return Milliseconds(query.value(column).toLongLong()); }

std::optional<Nanoseconds> columnOptionalTime(const QSqlQuery& query, int column) {
    if (query.isNull(column))
        return std::nullopt;
    return columnTime(query, column);
}

/// The outcome of a statement that should change one row.
Result<void> changedOne(const Result<QSqlQuery>& query, const char* what) {
    if (!query)
        return Unexpected<Error>(query.error());
    if (query->numRowsAffected() < 1)
        return fail("not_found", std::string("There is no such ") + what + ".");
    return {};
}

Result<void> done(const Result<QSqlQuery>& query) {
    if (!query)
        return Unexpected<Error>(query.error());
    return {};
}

/// The rows of a query, each made by `read`. A read error in the middle is an error, not an early end.
template <typename Row, typename Read>
Result<std::vector<Row>> rows(const Connection& connection, Result<QSqlQuery> query, Read read) {
    if (!query)
        return Unexpected<Error>(query.error());
    std::vector<Row> all;
    while (query->next())
        all.push_back(read(*query));
    if (auto error = connection.errorOf(*query))
        return Unexpected<Error>(std::move(*error));
    return all;
}

ProjectRow readProject(const QSqlQuery& query) {
    return {columnText(query, 0), columnText(query, 1), columnText(query, 2),        columnText(query, 3),
            columnTime(query, 4), columnText(query, 5), columnOptionalTime(query, 6)};
}

}  // namespace

Result<void> ProjectTable::insert(const ProjectRow& row) {
    return done(
        connection_.run("INSERT INTO projects (id, name, name_key, environment, created_at, options, deleted_at) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?)",
                        {textValue(row.id), textValue(row.name), textValue(row.nameKey), textValue(row.environment),
                         timeValue(row.createdAt), textValue(row.optionsJson), timeValue(row.deletedAt)}));
}

Result<void> ProjectTable::update(const ProjectRow& row) {
    return changedOne(
        connection_.run("UPDATE projects SET name = ?, name_key = ?, environment = ?, options = ? WHERE id = ?",
                        {textValue(row.name), textValue(row.nameKey), textValue(row.environment),
                         textValue(row.optionsJson), textValue(row.id)}),
        "project");
}

Result<void> ProjectTable::markDeleted(std::string_view id, std::optional<Nanoseconds> at) {
    return changedOne(
        connection_.run("UPDATE projects SET deleted_at = ? WHERE id = ?", {timeValue(at), textValue(id)}), "project");
}

Result<void> ProjectTable::erase(std::string_view id) {
    return changedOne(connection_.run("DELETE FROM projects WHERE id = ?", {textValue(id)}), "project");
}

Result<ProjectRow> ProjectTable::find(std::string_view id) {
    auto found = rows<ProjectRow>(
        connection_,
        connection_.run(
            "SELECT id, name, name_key, environment, created_at, options, deleted_at FROM projects WHERE id = ?",
            {textValue(id)}),
        readProject);
    if (!found)
        return Unexpected<Error>(found.error());
    if (found->empty())
        return fail("not_found", "There is no such project.");
    return std::move(found->front());
}

Result<bool> ProjectTable::nameTaken(std::string_view nameKey, std::string_view exceptId) {
    auto query = connection_.run("SELECT 1 FROM projects WHERE name_key = ? AND id <> ? AND deleted_at IS NULL",
                                 {textValue(nameKey), textValue(exceptId)});
    if (!query)
        return Unexpected<Error>(query.error());
    return query->next();
}

Result<std::vector<ProjectRow>> ProjectTable::list(bool withDeleted) {
    return rows<ProjectRow>(
        connection_,
        connection_.run("SELECT id, name, name_key, environment, created_at, options, deleted_at FROM projects "
                        "WHERE ? OR deleted_at IS NULL ORDER BY created_at, id",
                        {withDeleted ? 1 : 0}),
        readProject);
}

Result<void> KeyTable::insert(const KeyRow& row) {
    return done(connection_.run(
        "INSERT INTO keys (id, project_id, kind, hash, sealed, hint, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {textValue(row.id), textValue(row.projectId), textValue(row.kind), textValue(row.hash), blobValue(row.sealed),
         textValue(row.hint), timeValue(row.createdAt), timeValue(row.expiresAt)}));
}

Result<void> KeyTable::setExpiry(std::string_view id, Nanoseconds at) {
    return changedOne(
        connection_.run("UPDATE keys SET expires_at = ?, sealed = x'' WHERE id = ?", {timeValue(at), textValue(id)}),
        "key");
}

Result<std::vector<KeyRow>> KeyTable::list(std::string_view projectId) {
    return rows<KeyRow>(
        connection_,
        connection_.run("SELECT id, project_id, kind, hash, sealed, hint, created_at, expires_at FROM keys "
                        "WHERE project_id = ? ORDER BY created_at DESC, id DESC",
                        {textValue(projectId)}),
        [](const QSqlQuery& query) {
            return KeyRow{columnText(query, 0), columnText(query, 1),        columnText(query, 2),
                          columnText(query, 3), columnBlob(query, 4),        columnText(query, 5),
                          columnTime(query, 6), columnOptionalTime(query, 7)};
        });
}

Result<void> KeyTable::eraseExpired(Nanoseconds now) {
    return done(connection_.run("DELETE FROM keys WHERE expires_at <= ?", {timeValue(now)}));
}

Result<void> NamespaceTable::insert(const NamespaceRow& row) {
    return done(connection_.run("INSERT INTO namespaces (project_id, name, options, position) VALUES (?, ?, ?, ?)",
                                {textValue(row.projectId), textValue(row.name), textValue(row.optionsJson),
                                 QVariant::fromValue<qlonglong>(row.position)}));
}

Result<void> NamespaceTable::update(const NamespaceRow& row, std::string_view oldName) {
    return changedOne(
        connection_.run("UPDATE namespaces SET name = ?, options = ?, position = ? WHERE project_id = ? AND name = ?",
                        {textValue(row.name), textValue(row.optionsJson), QVariant::fromValue<qlonglong>(row.position),
                         textValue(row.projectId), textValue(oldName)}),
        "namespace");
}

Result<void> NamespaceTable::erase(std::string_view projectId, std::string_view name) {
    return changedOne(connection_.run("DELETE FROM namespaces WHERE project_id = ? AND name = ?",
                                      {textValue(projectId), textValue(name)}),
                      "namespace");
}

Result<std::vector<NamespaceRow>> NamespaceTable::list(std::string_view projectId) {
    return rows<NamespaceRow>(
        connection_,
        connection_.run(
            "SELECT project_id, name, options, position FROM namespaces WHERE project_id = ? ORDER BY position, name",
            {textValue(projectId)}),
        [](const QSqlQuery& query) {
            return NamespaceRow{columnText(query, 0), columnText(query, 1), columnText(query, 2),
                                query.value(3).toLongLong()};
        });
}

Result<void> SettingTable::set(std::string_view name, std::string_view value) {
    return done(connection_.run(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {textValue(name), textValue(value)}));
}

Result<void> SettingTable::erase(std::string_view name) {
    return done(connection_.run("DELETE FROM settings WHERE name = ?", {textValue(name)}));
}

Result<std::vector<std::pair<std::string, std::string>>> SettingTable::list() {
    return rows<std::pair<std::string, std::string>>(
        connection_, connection_.run("SELECT name, value FROM settings ORDER BY name"),
        [](const QSqlQuery& query) { return std::pair(columnText(query, 0), columnText(query, 1)); });
}

Result<void> SecretTable::put(const SecretRow& row) {
    return done(connection_.run(
        "INSERT INTO secrets (name, sealed, created_at, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) "
        "DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at, expires_at = excluded.expires_at",
        {textValue(row.name), blobValue(row.sealed), timeValue(row.createdAt), timeValue(row.expiresAt)}));
}

Result<void> SecretTable::erase(std::string_view name) {
    return done(connection_.run("DELETE FROM secrets WHERE name = ?", {textValue(name)}));
}

Result<std::optional<SecretRow>> SecretTable::find(std::string_view name) {
    auto query =
        connection_.run("SELECT name, sealed, created_at, expires_at FROM secrets WHERE name = ?", {textValue(name)});
    if (!query)
        return Unexpected<Error>(query.error());
    if (!query->next())
        return std::optional<SecretRow>();
    return std::optional(
        SecretRow{columnText(*query, 0), columnBlob(*query, 1), columnTime(*query, 2), columnOptionalTime(*query, 3)});
}

Result<bool> SecretTable::anySealed() {
    auto query = connection_.run("SELECT 1 FROM secrets UNION ALL SELECT 1 FROM keys LIMIT 1");
    if (!query)
        return Unexpected<Error>(query.error());
    return query->next();
}

}  // namespace xshathra::storage
