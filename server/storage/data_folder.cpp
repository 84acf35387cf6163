#include "server/storage/data_folder.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>

#include <utility>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

namespace xshathra::storage {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kPrivateFile = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
constexpr auto kPrivateFolder = kPrivateFile | QFileDevice::ExeOwner;
constexpr auto kOthers = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup |
                         QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther;
constexpr auto kLockName = "instance.lock"_L1;
constexpr auto kRunningName = "running"_L1;

std::string inQuotes(const QString& text) { return "\"" + text.toStdString() + "\""; }

/// A rename is only durable when its folder is written out too.
void syncFolder([[maybe_unused]] const QString& path) {
#ifdef Q_OS_UNIX
    const int descriptor = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        ::fsync(descriptor);
        ::close(descriptor);
    }
#endif
}

Result<void> prepareFolder(const QString& path) {
    const QFileInfo info(path);
    if (info.exists() && !info.isDir())
        return fail("data_folder", "The data folder " + inQuotes(path) + " is a file; name a folder.");
    if (!info.exists()) {
        const QDir parent(info.absolutePath());
        if (!parent.mkpath(u"."_s) || !parent.mkdir(info.fileName(), kPrivateFolder))
            return fail("data_folder", "The data folder " + inQuotes(path) +
                                           " can't be made; check the permissions of " + inQuotes(info.absolutePath()) +
                                           ", or name another folder.");
        return {};
    }
    if (!info.isWritable() || !info.isReadable() || !info.isExecutable())
        return fail("data_folder", "The data folder " + inQuotes(path) +
                                       " can't be written by this user; change its owner or name another folder.");
    if ((info.permissions() & kOthers) != 0) {
        // Only a folder of ours is closed to others: closing somebody's home or /tmp would do harm.
        const QDir folder(path);
        if (!folder.isEmpty(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot) &&
            !folder.exists(u"xshathra.db"_s))
            return fail("data_folder",
                        "The folder " + inQuotes(path) +
                            " is open to other users and holds other files; name an empty or a new folder.");
        if (!QFile::setPermissions(path, kPrivateFolder))
            return fail("data_folder", "The data folder " + inQuotes(path) +
                                           " is open to other users and can't be closed to them; run chmod 700 on it.");
    }
    return {};
}

Error holderError(const QLockFile& lock, const QString& path) {
    if (lock.error() == QLockFile::PermissionError)
        return {"data_folder", "The data folder " + inQuotes(path) + " can't be locked: permission denied.", {}};
    if (lock.error() != QLockFile::LockFailedError)
        return {"data_folder", "The data folder " + inQuotes(path) + " can't be locked; is the disk full?", {}};
    qint64 pid = 0;
    QString host;
    QString program;
    auto holder = std::string("another instance");
    if (lock.getLockInfo(&pid, &host, &program))
        holder = inQuotes(program) + " (process " + std::to_string(pid) + ")";
    return {"data_folder_in_use",
            "The data folder " + inQuotes(path) + " is in use by " + holder +
                ". Use that one, stop it, or name another folder.",
            {}};
}

}  // namespace

QString DataFolder::defaultPath() {
    return QDir::cleanPath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/xshathra"_s);
}

DataFolder::DataFolder(QString path, std::unique_ptr<QLockFile> lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

Result<std::unique_ptr<DataFolder>> DataFolder::open(const QString& path) {
    const auto folder = path.isEmpty() ? defaultPath() : QDir::cleanPath(QDir(path).absolutePath());
    if (auto prepared = prepareFolder(folder); !prepared)
        return Unexpected<Error>(prepared.error());
    auto lock = std::make_unique<QLockFile>(folder + u'/' + kLockName);
    // No age makes a lock stale: only the end of its process does.
    lock->setStaleLockTime(0);
    if (!lock->tryLock(0))
        return Unexpected<Error>(holderError(*lock, folder));
    QFile::setPermissions(folder + u'/' + kLockName, kPrivateFile);

    std::unique_ptr<DataFolder> result(new DataFolder(folder, std::move(lock)));
    const auto marker = result->file(kRunningName);
    result->unclean_ = QFileInfo::exists(marker);
    QFile file(marker);
    if (QFileInfo(marker).isSymLink() || !file.open(QIODevice::WriteOnly | QIODevice::Truncate, kPrivateFile))
        return fail("data_folder", "The file " + inQuotes(marker) +
                                       " can't be written; check the folder's permissions and free space.");
    return result;
}

DataFolder::~DataFolder() {
    if (!unclean_ || sound_)
        QFile::remove(file(kRunningName));
    lock_->unlock();
}

Result<void> writePrivateFile(const QString& path, std::string_view bytes) {
    if (QFileInfo(path).isSymLink())
        return fail("data_folder", "The file " + inQuotes(path) + " is a symbolic link; it must be a plain file.");
    QSaveFile file(path);
    const auto size = static_cast<qint64>(bytes.size());
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(kPrivateFile) ||
        file.write(bytes.data(), size) != size || !file.commit())
        return fail("data_folder",
                    "The file " + inQuotes(path) + " can't be written: " + file.errorString().toStdString() + ".");
    syncFolder(QFileInfo(path).absolutePath());
    return {};
}

Result<std::string> readPrivateFile(const QString& path, qint64 limit) {
    const QFileInfo info(path);
    if (info.isSymLink())
        return fail("data_folder", "The file " + inQuotes(path) + " is a symbolic link; it must be a plain file.");
    if (!info.exists())
        return fail("not_found", "The file " + inQuotes(path) + " doesn't exist.");
    if ((info.permissions() & kOthers) != 0)
        return fail("data_folder", "The file " + inQuotes(path) + " can be read by other users; run chmod 600 on it.");
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail("data_folder",
                    "The file " + inQuotes(path) + " can't be read: " + file.errorString().toStdString() + ".");
    auto bytes = file.read(limit + 1);
    if (bytes.size() > limit)
        return fail("data_folder",
                    "The file " + inQuotes(path) + " is longer than " + std::to_string(limit) + " bytes.");
    return bytes.toStdString();
}

}  // namespace xshathra::storage
