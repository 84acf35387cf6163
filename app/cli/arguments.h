#pragma once

#include "server/base/log.h"

#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>

#include <optional>
#include <string>
#include <vector>

namespace xshathra::app {

enum class Command {
    Serve,
    Status,
    ProjectCreate,
    ProjectList,
    ProjectShow,
    ProjectImport,
    ProjectExport,
    NamespaceList,
    NamespaceSet,
    NamespaceRemove,
    Token,
    SubscriptionToken,
    Publish,
    Tail,
};

/// A command line, taken apart. Fields that a command doesn't use are empty.
struct Invocation {
    Command command = Command::Serve;
    /// Empty: the user's default.
    QString dataFolder;
    bool json = false;

    /// Settings given as flags, by setting name, unchecked.
    QMap<QString, QString> flags;
    LogLevel logLevel = LogLevel::Info;
    bool logLevelGiven = false;

    /// `serve`: a Centrifugo configuration file, whether its environment variables count, and single options,
    /// `name=value`.
    QString centrifugoConfig;
    bool centrifugoEnvironment = false;
    QStringList centrifugoOptions;

    /// Id or name; empty: the only one.
    QString project;
    QString name;
    QString environment;
    /// `project import`, `project export`: a configuration file; empty: standard output.
    QString file;
    /// `json`, `yaml` or `toml`; empty: by the file's name.
    QString format;
    bool overwrite = false;
    bool showKeys = false;

    QString user;
    std::optional<qint64> ttlSeconds;
    QStringList channels;
    /// JSON texts, untouched.
    std::optional<QByteArray> info;
    std::optional<QByteArray> data;
    QMap<QString, QString> tags;
    QString idempotencyKey;
    bool skipHistory = false;
    bool delta = false;

    /// Namespace options, `name=value`.
    QStringList assignments;

    /// `tail`: ends after so many messages; 0: never.
    qint64 count = 0;
};

/// Either an invocation, or what to print and the exit code.
struct ParsedArguments {
    std::optional<Invocation> invocation;
    int exitCode = 0;
    /// Help or version; for standard output.
    std::string output;
    /// For standard error.
    std::string error;
};

/// Takes the arguments of `xshathra` apart; `arguments` without the program's name. Reads nothing but its parameters.
ParsedArguments parseArguments(const std::vector<std::string>& arguments);

/// The same for `xshathra-console`, which has no commands: it takes the options of `xshathra serve`.
ParsedArguments parseConsoleArguments(const std::vector<std::string>& arguments);

}  // namespace xshathra::app
