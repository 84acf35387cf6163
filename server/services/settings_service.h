#pragma once

#include "server/base/log.h"
#include "server/base/result.h"

#include <QFuture>
#include <QMap>
#include <QObject>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace xshathra::storage {
class Database;
}

namespace xshathra::services {

/// Where a value comes from. The last one that is given wins.
enum class SettingSource : std::uint8_t { Default, Stored, Flag, Environment };

QString toString(SettingSource source);

enum class SettingType : std::uint8_t { Integer, Boolean, Choice, Address, Path, Origins, Hosts };

/// One line of the table of settings, the one place that knows name, variable, flag, default and bounds.
struct SettingSpec {
    /// `server.port`.
    const char* name;
    /// `XSHATHRA_PORT`; null: none.
    const char* variable;
    /// `--port`; null: none.
    const char* flag;
    SettingType type;
    const char* defaultValue;
    qint64 min;
    qint64 max;
    /// Words of a Choice, separated by `|`.
    const char* choices;
    /// One sentence for people.
    const char* description;
    /// A change takes effect when the server is started again.
    bool needsRestart;
};

/// All settings, in the order of the settings page.
std::span<const SettingSpec> settingSpecs();
/// Null where there is no such setting.
const SettingSpec* findSetting(const QString& name);

struct SettingValue {
    const SettingSpec* spec = nullptr;
    /// In its normal form: lists separated by commas, booleans `true` or `false`.
    QString value;
    SettingSource source = SettingSource::Default;
    /// What is stored, also where a flag or variable overrides it.
    std::optional<QString> stored;
};

/// The values in force, typed.
struct Settings {
    std::uint16_t port = 3001;
    /// Never empty; `localhost` stands here as both of its addresses.
    QStringList bind;
    /// 0: one for every two cores, at most 4.
    int ioThreads = 0;
    QStringList allowedOrigins;
    QStringList allowedHosts;
    QString tlsCertificate;
    QString tlsKey;
    /// Rows and MiB that the console keeps.
    int captureRows = 0;
    int captureMegabytes = 0;
    /// `system`, `light` or `dark`.
    QString theme;
};

/// The settings: stored ones changed in the window, flags and variables of this run. Reading: any thread. Changing: any
/// thread.
class SettingsService final : public QObject {
    Q_OBJECT

public:
    /// Flags by setting name, variables by their whole name. Waits for the database. Errors: `invalid_setting`, whose
    /// message names value, source and what is allowed, with the setting's name as field; also for a flag that doesn't
    /// exist. `log`, which may be null, is told of stored values that aren't allowed (any more): the default is in
    /// force in their place.
    static Result<std::unique_ptr<SettingsService>> open(storage::Database& database,
                                                         const QMap<QString, QString>& flags,
                                                         const QMap<QString, QString>& environment, Log* log = nullptr);

    Settings settings() const;
    SettingValue value(const QString& name) const;
    std::vector<SettingValue> list() const;

    /// Checks and stores; nothing means: back to the default. The value in force changes unless a flag or variable
    /// overrides it. Errors: `invalid_setting` with the setting's name as field, or those of storage::Connection.
    QFuture<Result<SettingValue>> set(const QString& name, const std::optional<QString>& value);

    /// The normal form of a value, or why it isn't allowed; `from` says where it came from ("--port", "XSHATHRA_PORT",
    /// "settings").
    static Result<QString> check(const SettingSpec& spec, const QString& value, const QString& from);

Q_SIGNALS:
    /// Emitted on the storage thread after a change: connect with a context object.
    void changed(const QString& name);

private:
    explicit SettingsService(storage::Database& database);
    SettingValue valueLocked(const SettingSpec& spec) const;

    storage::Database& database_;
    mutable std::mutex mutex_;
    QMap<QString, QString> stored_;
    QMap<QString, QString> flags_;
    QMap<QString, QString> variables_;
};

}  // namespace xshathra::services
