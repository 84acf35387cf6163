#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/storage/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::storage {

/// A project. Times are wall time since 1970.
struct ProjectRow {
    std::string id;
    std::string name;
    /// The name in the form that must be unique among projects that aren't deleted.
    std::string nameKey;
    std::string environment;
    Nanoseconds createdAt{};
    /// A JSON object of the project's options.
    std::string optionsJson;
    /// Set while a removal can still be undone.
    std::optional<Nanoseconds> deletedAt;

    friend bool operator==(const ProjectRow&, const ProjectRow&) = default;
};

/// An API key. The key itself is only there sealed.
struct KeyRow {
    std::string id;
    std::string projectId;
    /// `server` or `client`.
    std::string kind;
    /// SHA-256 of the key in lower-case hexadecimal digits.
    std::string hash;
    std::string sealed;
    /// The key as screens show it, with its middle left out.
    std::string hint;
    Nanoseconds createdAt{};
    /// Set on a key that was rotated: when it stops being valid.
    std::optional<Nanoseconds> expiresAt;

    friend bool operator==(const KeyRow&, const KeyRow&) = default;
};

/// A namespace; the name is empty for the options of channels without one.
struct NamespaceRow {
    std::string projectId;
    std::string name;
    /// A JSON object with Centrifugo's option names.
    std::string optionsJson;
    /// Order in lists.
    std::int64_t position = 0;

    friend bool operator==(const NamespaceRow&, const NamespaceRow&) = default;
};

/// A sealed secret of the whole instance.
struct SecretRow {
    std::string name;
    std::string sealed;
    Nanoseconds createdAt{};
    /// When it stops being accepted; absent for the current one.
    std::optional<Nanoseconds> expiresAt;

    friend bool operator==(const SecretRow&, const SecretRow&) = default;
};

/// Each table is a view on a connection, made where it is used, on the storage thread. Functions that change one row
/// give `not_found` where there is none; otherwise the errors are those of Connection.
class ProjectTable {
public:
    explicit ProjectTable(Connection& connection) : connection_(connection) {}
    /// `storage_constraint` where another project has that nameKey.
    Result<void> insert(const ProjectRow& row);
    Result<void> update(const ProjectRow& row);
    Result<void> markDeleted(std::string_view id, std::optional<Nanoseconds> at);
    /// Also takes the project's keys and namespaces away.
    Result<void> erase(std::string_view id);
    Result<ProjectRow> find(std::string_view id);
    /// Whether a project other than `exceptId` that isn't deleted has that nameKey.
    Result<bool> nameTaken(std::string_view nameKey, std::string_view exceptId);
    /// Oldest first.
    Result<std::vector<ProjectRow>> list(bool withDeleted);

private:
    Connection& connection_;
};

class KeyTable {
public:
    explicit KeyTable(Connection& connection) : connection_(connection) {}
    Result<void> insert(const KeyRow& row);
    /// Lets a rotated key end then. What was sealed is wiped: only current keys are shown in clear.
    Result<void> setExpiry(std::string_view id, Nanoseconds at);
    /// Newest first.
    Result<std::vector<KeyRow>> list(std::string_view projectId);
    /// Erases keys whose expiry is at or before `now`.
    Result<void> eraseExpired(Nanoseconds now);

private:
    Connection& connection_;
};

class NamespaceTable {
public:
    explicit NamespaceTable(Connection& connection) : connection_(connection) {}
    Result<void> insert(const NamespaceRow& row);
    Result<void> update(const NamespaceRow& row, std::string_view oldName);
    Result<void> erase(std::string_view projectId, std::string_view name);
    /// By position, then name.
    Result<std::vector<NamespaceRow>> list(std::string_view projectId);

private:
    Connection& connection_;
};

class SettingTable {
public:
    explicit SettingTable(Connection& connection) : connection_(connection) {}
    Result<void> set(std::string_view name, std::string_view value);
    /// Succeeds also where there was none.
    Result<void> erase(std::string_view name);
    Result<std::vector<std::pair<std::string, std::string>>> list();

private:
    Connection& connection_;
};

class SecretTable {
public:
    explicit SecretTable(Connection& connection) : connection_(connection) {}
    Result<void> put(const SecretRow& row);
    Result<void> erase(std::string_view name);
    Result<std::optional<SecretRow>> find(std::string_view name);
    /// Whether any secret or key is stored: then the master key must exist.
    Result<bool> anySealed();

private:
    Connection& connection_;
};

}  // namespace xshathra::storage
