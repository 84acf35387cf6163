#pragma once

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/centrifugo/loader.h"
#include "server/services/server_api_access.h"

#include <QMap>
#include <QString>

#include <optional>

namespace xshathra::runtime {

/// How a server is started. Only the data folder is needed.
struct RuntimeOptions {
    /// Absolute path; made with mode 0700 where it is missing. Empty: defaultDataFolder().
    QString dataFolder;
    /// Values of the command line for this run, by setting name (`server.port` -> `3002`). They are not stored.
    QMap<QString, QString> flags;
    /// `XSHATHRA_...` variables by their whole name; see environmentOfProcess(). They are not stored.
    QMap<QString, QString> environment;
    LogLevel logLevel = LogLevel::Info;
    /// Log lines also go to standard error, one a line.
    bool logToStandardError = false;
    /// Whether the server listens at all. Without it only the services run: for the command line on a folder that no
    /// server holds.
    bool listen = true;
    static constexpr Milliseconds kFolderWait{5'000};
    /// How long a data folder that another process holds without answering on it is waited for: a command of a moment,
    /// or an instance that ends.
    Milliseconds folderWait = kFolderWait;
    /// Whether events are recorded from the start on. The recorder can be switched at any time.
    bool capture = false;
    services::ServerApiRoutes serverApi;
    /// Runs a Centrifugo configuration as the only project, with Centrifugo's addresses and rules, in memory: no data
    /// folder is touched, so the folder and the stored settings mean nothing. Flags and variables for port, bind, TLS
    /// and I/O threads win over the configuration's.
    std::optional<centrifugo::Loaded> centrifugo;
};

/// The data folder of this user: `$XSHATHRA_DATA_DIR`, else `xshathra` in the platform's folder for application data.
QString defaultDataFolder();

/// `path` as an absolute path without `.`, `..` and a slash at the end; relative ones start at the working folder.
QString absoluteFolder(const QString& path);

/// The variables of this process that start with `XSHATHRA_`.
QMap<QString, QString> environmentOfProcess();

}  // namespace xshathra::runtime
