#include "server/runtime/options.h"

#include "server/storage/data_folder.h"

#include <QDir>
#include <QProcessEnvironment>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

QString defaultDataFolder() {
    const auto named = qEnvironmentVariable("XSHATHRA_DATA_DIR");
    if (!named.isEmpty())
        return absoluteFolder(named);
    return storage::DataFolder::defaultPath();
}

QString absoluteFolder(const QString& path) { return QDir::cleanPath(QDir(path).absolutePath()); }

QMap<QString, QString> environmentOfProcess() {
    QMap<QString, QString> found;
    const auto environment = QProcessEnvironment::systemEnvironment();
    const auto names = environment.keys();
    for (const auto& name : names) {
        if (name.startsWith("XSHATHRA_"_L1))
            found.insert(name, environment.value(name));
    }
    return found;
}

}  // namespace xshathra::runtime
