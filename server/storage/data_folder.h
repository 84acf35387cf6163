#pragma once

#include "server/base/result.h"

#include <QLockFile>
#include <QString>

#include <memory>
#include <string_view>

namespace xshathra::storage {

/// The folder that holds all state of one instance: database, master key, logs. Made with mode 0700, every file in it
/// is 0600, and only one process uses it at a time. Any thread; one owner.
class DataFolder {
public:
    /// `$XDG_DATA_HOME/xshathra`, or what the platform has in its place.
    static QString defaultPath();

    /// Makes the folder where it is missing and takes its lock. Empty path: defaultPath(). Errors: `data_folder` (can't
    /// be made or used, with the reason), `data_folder_in_use` (names the process that holds it).
    static Result<std::unique_ptr<DataFolder>> open(const QString& path = {});

    /// Absolute.
    const QString& path() const { return path_; }
    QString file(const QString& name) const { return path_ + QLatin1Char('/') + name; }
    QString databasePath() const { return file(QStringLiteral("xshathra.db")); }
    /// Whether the last owner ended without destroying its DataFolder (killed, crashed, or power was lost), or found
    /// the folder so and didn't call noteSound().
    bool wasLeftUnclean() const { return unclean_; }
    /// The files have been checked after an unclean stop: the next owner needn't check them again.
    void noteSound() { sound_ = true; }

    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

private:
    DataFolder(QString path, std::unique_ptr<QLockFile> lock);

    QString path_;
    std::unique_ptr<QLockFile> lock_;
    bool unclean_ = false;
    bool sound_ = false;
};

/// Replaces a private file (mode 0600) atomically and durably. Refuses to follow a symbolic link. Errors:
/// `data_folder`.
Result<void> writePrivateFile(const QString& path, std::string_view bytes);
/// Reads a private file of at most `limit` bytes. Errors: `not_found`; `data_folder` for a link, a file that others may
/// read, one that is too large, or one that can't be read.
Result<std::string> readPrivateFile(const QString& path, qint64 limit);

}  // namespace xshathra::storage
