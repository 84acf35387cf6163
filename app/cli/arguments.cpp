#include "app/cli/arguments.h"

#include "app/cli/exit_codes.h"
#include "server/protocol/json.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

namespace xshathra::app {

namespace {

constexpr const char* kAbout =
    "Xshathra: a local realtime server that speaks the Centrifuge protocol, and its command line.\n"
    "Commands talk to the server that runs on the data folder. Where none runs, they open the folder themselves, but for\n"
    "status, publish and tail, which need a server.";

constexpr const char* kRootFooter = R"(Examples:
  xshathra serve
  xshathra project show --keys
  TOKEN=$(xshathra token --user user_123)
  xshathra publish public:lobby '{"hello":"world"}'
  xshathra tail public:lobby

Exit codes:
  0  done
  1  the server refused, or something failed on the way
  2  the command line, a setting or a value is wrong
  3  what was named does not exist
  4  another program listens on the port
  5  no server runs, or it does not answer
  6  the data folder is held by another instance, or can't be opened

Environment:
  XSHATHRA_DATA_DIR and one variable for each setting; see `xshathra serve --help`.)";

constexpr const char* kServeIntroduction =
    R"(Prints where it listens, the data folder and its projects, then serves until SIGINT or SIGTERM. Clients are then told to reconnect
(3001) and the program ends with 0 within 10 seconds. With --json the first line is one JSON object, printed when the server is ready.

With one of the --centrifugo options it runs what is configured there as the one project, with Centrifugo's port (8000), paths and
rules, and names each option that it doesn't act on. Everything is in memory: no data folder is used. Of what is given twice an option
wins over a variable, and that over the file; the flags below win over all.
)";

constexpr const char* kSettings = R"(
A setting comes from the stored settings, a flag, or an environment variable; the last of these that is given wins:
  --port N            XSHATHRA_PORT            3001; 0 takes a free port
  --bind ADDRESS      XSHATHRA_BIND            127.0.0.1 and ::1; 0.0.0.0 opens the server to the network
  --allow-origin URL  XSHATHRA_ALLOW_ORIGINS   pages that may connect, besides those of this machine
  --allow-host NAME   XSHATHRA_ALLOW_HOSTS     names of this server, besides localhost
  --tls-cert FILE     XSHATHRA_TLS_CERT        PEM; together with the key the port speaks https and wss
  --tls-key FILE      XSHATHRA_TLS_KEY         PEM
  --io-threads N      XSHATHRA_IO_THREADS      0: one for every two cores, at most 4
)";

constexpr const char* kServeExamples = R"(
Examples:
  xshathra serve
  xshathra serve --port 3002 --data-dir ./realtime-data
  xshathra serve --port 0 --json >ready.json &     # and when it is ready: jq .port ready.json
  xshathra serve --bind 0.0.0.0 --allow-host dev.example.test --tls-cert cert.pem --tls-key key.pem
  xshathra serve --centrifugo-config config.yaml
  CENTRIFUGO_CLIENT_INSECURE=true xshathra serve --centrifugo-env --centrifugo-option http_server.port=9000)";

constexpr const char* kConsoleAbout =
    "Xshathra Console: a window with a local realtime server in it that speaks the Centrifuge protocol.";

constexpr const char* kConsoleIntroduction =
    R"(Opens the window and serves until it is closed. Where a window is open on the same data folder, that one is shown instead. Without a
display it says so and serves without a window, as `xshathra serve` does. The command line for scripts is `xshathra`.
)";

constexpr const char* kConsoleExamples = R"(
Examples:
  xshathra-console
  xshathra-console --port 3002 --data-dir ./realtime-data)";

/// What CLI11 fills in: it knows standard types only.
struct Raw {
    std::string dataFolder;
    bool json = false;
    std::map<std::string, std::string> settings;
    std::vector<std::string> origins;
    std::vector<std::string> hosts;
    std::string logLevel = "info";
    std::string centrifugoConfig;
    bool centrifugoEnvironment = false;
    std::vector<std::string> centrifugoOptions;
    std::string project;
    std::string name;
    std::string environment;
    bool keys = false;
    std::string file;
    std::string format;
    bool overwrite = false;
    std::string user;
    std::int64_t ttl = 0;
    std::vector<std::string> channels;
    std::string channel;
    std::string info;
    std::string data;
    std::vector<std::string> tags;
    std::string idempotencyKey;
    bool skipHistory = false;
    bool delta = false;
    std::vector<std::string> assignments;
    std::int64_t count = 0;
};

QString text(const std::string& value) { return QString::fromStdString(value); }

QStringList texts(const std::vector<std::string>& values) {
    QStringList list;
    for (const auto& value : values)
        list.append(text(value));
    return list;
}

std::optional<LogLevel> logLevelNamed(const std::string& name) {
    static const std::map<std::string, LogLevel> kLevels{
        {"debug", LogLevel::Debug}, {"info", LogLevel::Info}, {"warn", LogLevel::Warn}, {"error", LogLevel::Error}};
    const auto found = kLevels.find(name);
    return found == kLevels.end() ? std::nullopt : std::optional(found->second);
}

/// The parser of one call: options write into `raw_`, the chosen leaf into `chosen_`.
class Parser {
public:
    enum class Program { CommandLine, Console };

    explicit Parser(Program program)
        : root_(program == Program::Console ? kConsoleAbout : kAbout,
                program == Program::Console ? "xshathra-console" : "xshathra") {
        root_.set_version_flag("--version", root_.get_name() + " " + XSHATHRA_VERSION, "Print the version");
        if (program == Program::Console) {
            root_.footer(std::string(kConsoleIntroduction) + kSettings + kConsoleExamples);
            addCommonOptions(&root_);
            addServeOptions(&root_);
            return;
        }
        root_.require_subcommand(1);
        root_.footer(kRootFooter);
        addServe();
        addStatus();
        addProjects();
        addNamespaces();
        addTokens();
        addPublish();
        addTail();
    }

    ParsedArguments parse(std::vector<std::string> arguments) {
        ParsedArguments parsed;
        const auto typed = arguments;
        if (const auto odd = std::find_if_not(typed.begin(), typed.end(), protocol::isUtf8); odd != typed.end()) {
            parsed.exitCode = kExitUsage;
            parsed.error = root_.get_name() + ": '" + text(*odd).toStdString() + "' is not valid UTF-8\n";
            return parsed;
        }
        // CLI11 takes the arguments last first.
        std::reverse(arguments.begin(), arguments.end());
        try {
            root_.parse(std::move(arguments));
        } catch (const CLI::CallForHelp&) {
            parsed.output = help();
            return parsed;
        } catch (const CLI::CallForAllHelp&) {
            parsed.output = root_.help("", CLI::AppFormatMode::All);
            return parsed;
        } catch (const CLI::CallForVersion& version) {
            parsed.output = std::string(version.what()) + "\n";
            return parsed;
        } catch (const CLI::ParseError& error) {
            parsed.exitCode = kExitUsage;
            parsed.error = root_.get_name() + ": " + commandFault(typed).value_or(error.what()) + "\nTry `" +
                           commandPath() + " --help`.\n";
            return parsed;
        }
        finish(parsed);
        return parsed;
    }

private:
    void addCommonOptions(CLI::App* app) {
        app->add_option("--data-dir", raw_.dataFolder, "Where projects, keys and settings are kept")
            ->type_name("FOLDER");
        app->add_flag("--json", raw_.json, "Print JSON for scripts");
    }

    CLI::App* leaf(CLI::App& parent, const std::string& name, const std::string& about, Command command,
                   const std::string& footer) {
        auto* app = parent.add_subcommand(name, about);
        app->footer(footer);
        addCommonOptions(app);
        app->final_callback([this, command] { command_ = command; });
        return app;
    }

    /// A command that only has commands.
    CLI::App* group(const std::string& name, const std::string& about, const std::string& footer) {
        auto* app = root_.add_subcommand(name, about);
        app->require_subcommand(1);
        app->footer(footer);
        return app;
    }

    /// `names`: with a bare one, it may also stand by its place.
    void addProjectOption(CLI::App* app, const std::string& names = "-p,--project") {
        app->add_option(names, raw_.project, "Project id or name; may be left out where there is only one")
            ->type_name("PROJECT");
    }

    void addSetting(CLI::App* app, const std::string& flag, const std::string& setting, const std::string& about,
                    const std::string& type) {
        app->add_option_function<std::string>(
               flag, [this, setting](const std::string& value) { raw_.settings[setting] = value; }, about)
            ->type_name(type);
    }

    void addServe() {
        auto* serve = leaf(root_, "serve", "Run the server without a window", Command::Serve,
                           std::string(kServeIntroduction) + kSettings + kServeExamples);
        addServeOptions(serve);
        serve
            ->add_option("--centrifugo-config", raw_.centrifugoConfig,
                         "Run a Centrifugo v6 configuration file (.json, .yaml, .toml)")
            ->type_name("FILE");
        serve->add_flag("--centrifugo-env", raw_.centrifugoEnvironment, "Run what CENTRIFUGO_... variables configure");
        serve
            ->add_option("--centrifugo-option", raw_.centrifugoOptions,
                         "Set one option of Centrifugo's; may be repeated")
            ->type_name("NAME=VALUE")
            ->allow_extra_args(false);
    }

    void addServeOptions(CLI::App* app) {
        addSetting(app, "--port", "server.port", "Port for HTTP and WebSocket", "PORT");
        addSetting(app, "--bind", "server.bind", "Address to listen on", "ADDRESS");
        addSetting(app, "--tls-cert", "server.tlsCertificate", "Certificate chain, PEM", "FILE");
        addSetting(app, "--tls-key", "server.tlsKey", "Private key, PEM", "FILE");
        addSetting(app, "--io-threads", "server.ioThreads", "Threads that serve connections", "N");
        app->add_option("--allow-origin", raw_.origins, "Let pages of this origin connect; may be repeated")
            ->type_name("URL")
            ->allow_extra_args(false);
        app->add_option("--allow-host", raw_.hosts, "Answer to this host name too; may be repeated")
            ->type_name("NAME")
            ->allow_extra_args(false);
        logLevelOption_ =
            app->add_option("--log-level", raw_.logLevel, "debug, info, warn or error")->type_name("LEVEL");
    }

    void addStatus() {
        leaf(
            root_, "status", "Tell whether a server runs on the data folder, and where it listens", Command::Status,
            R"(Ends with 0 where it listens, with 5 where none runs or it doesn't listen, with 4 where another program has its port.

Example:
  xshathra status --json | jq -r .url)");
    }

    void addProjects() {
        auto* projects = group("project", "Create and look at projects", R"(Examples:
  xshathra project create "Arena dev"
  xshathra project list
  xshathra project show --keys)");
        auto* create = leaf(*projects, "create", "Create a project with its keys and namespaces",
                            Command::ProjectCreate, R"(Example:
  xshathra project create "Arena dev" --environment staging)");
        create->add_option("name", raw_.name, "Its name")->required()->type_name("NAME");
        create->add_option("-e,--environment", raw_.environment, "development (default), staging or production")
            ->type_name("TAG");
        create->add_flag("--keys,--reveal", raw_.keys, "Print the new keys");

        leaf(*projects, "list", "List the projects", Command::ProjectList, R"(Example:
  xshathra project list --json | jq -r '.projects[].id')");

        auto* import = leaf(
            *projects, "import", "Create a project from a Centrifugo configuration file", Command::ProjectImport,
            R"(The file is one of Centrifugo v6. Its namespaces become the project's; its client, channel, rpc, proxy, token and API options
act for the project; those of the server as a whole (ports, paths, origins) are kept for the export. Options that are not acted on, or not
known, are named.

Examples:
  xshathra project import config.json
  xshathra project import config.yaml --name "Arena staging" --environment staging)");
        import->add_option("file", raw_.file, "Its name ends in .json, .yaml, .yml or .toml")
            ->required()
            ->type_name("FILE");
        import->add_option("-n,--name", raw_.name, "The project's name; without it the file's name")->type_name("NAME");
        import->add_option("-e,--environment", raw_.environment, "development (default), staging or production")
            ->type_name("TAG");

        auto* exporting = leaf(
            *projects, "export", "Write a project as a Centrifugo configuration file", Command::ProjectExport,
            R"(Writes to standard output where no file is named. The text holds the configuration's secrets; a file is made readable for its owner
alone. Defaults are left out.

Examples:
  xshathra project export "My project" config.json
  xshathra project export --format yaml)");
        addProjectOption(exporting, "-p,--project,project");
        exporting->add_option("file", raw_.file, "Its name ends in .json, .yaml, .yml or .toml")->type_name("FILE");
        exporting->add_option("--format", raw_.format, "json (default), yaml or toml, for standard output")
            ->type_name("FORMAT");
        exporting->add_flag("--force", raw_.overwrite, "Replace the file if there is one");

        auto* show =
            leaf(*projects, "show", "Show one project", Command::ProjectShow, R"(Keys are masked unless asked for.

Example:
  KEY=$(xshathra project show --keys --json | jq -r .serverKey))");
        addProjectOption(show, "-p,--project,project");
        show->add_flag("--keys,--reveal", raw_.keys, "Print the keys in clear");
    }

    void addNamespaces() {
        auto* namespaces = group("namespace", "Look at and change a project's namespaces", R"(Examples:
  xshathra namespace list
  xshathra namespace set news presence=true
  xshathra namespace remove news)");
        auto* list = leaf(*namespaces, "list", "List the namespaces with the options that differ from the default",
                          Command::NamespaceList, R"(Example:
  xshathra namespace list)");
        addProjectOption(list);

        auto* set = leaf(
            *namespaces, "set", "Create a namespace or change some of its options", Command::NamespaceSet,
            R"(Options have Centrifugo's names. What isn't named stays as it is; OPTION= takes one back to its default.

Example:
  xshathra namespace set news allow_subscribe_for_client=true history_size=100 history_ttl=5m)");
        set->add_option("name", raw_.name, "The namespace")->required()->type_name("NAME");
        set->add_option("options", raw_.assignments, "Options, for example presence=true")->type_name("OPTION=VALUE");
        addProjectOption(set);

        auto* remove = leaf(*namespaces, "remove", "Remove a namespace", Command::NamespaceRemove, R"(Example:
  xshathra namespace remove lobby)");
        remove->add_option("name", raw_.name, "The namespace")->required()->type_name("NAME");
        addProjectOption(remove);
    }

    void addTokens() {
        auto* token = leaf(root_, "token", "Mint a connection token", Command::Token, R"(Examples:
  TOKEN=$(xshathra token --user user_123)
  xshathra token --user user_123 --ttl 3600 --channel public:news --info '{"name":"Ada"}' --json)");
        addUser(token);
        token->add_option("-c,--channel", raw_.channels, "Subscribe the connection to this channel; may be repeated")
            ->type_name("CHANNEL")
            ->allow_extra_args(false);
        infoOption_ = token->add_option("--info", raw_.info, "What others see of this user")->type_name("JSON");

        auto* subscription =
            leaf(root_, "subscription-token", "Mint a token for one channel", Command::SubscriptionToken, R"(Example:
  xshathra subscription-token --user user_123 --channel chat:room-7)");
        addUser(subscription);
        subscription->add_option("-c,--channel", raw_.channel, "The channel")->required()->type_name("CHANNEL");
    }

    void addUser(CLI::App* app) {
        app->add_option("-u,--user", raw_.user, "User id")->required()->type_name("USER");
        ttlOptions_.push_back(
            app->add_option("--ttl", raw_.ttl, "Seconds, 30 to 3600; 900 by default")->type_name("SECONDS"));
        addProjectOption(app);
    }

    void addPublish() {
        auto* app =
            leaf(root_, "publish", "Publish JSON to a channel of the running server", Command::Publish, R"(Examples:
  xshathra publish public:lobby '{"hello":"world"}'
  xshathra publish match:1 - <state.json
  xshathra publish chat:room-7 '{"text":"hi"}' --tag kind=note --idempotency-key message-1)");
        app->add_option("channel", raw_.channel, "The channel")->required()->type_name("CHANNEL");
        app->add_option("data", raw_.data, "JSON, or - to read it from standard input")->required()->type_name("DATA");
        app->add_option("--tag", raw_.tags, "A tag of the publication; may be repeated")
            ->type_name("KEY=VALUE")
            ->allow_extra_args(false);
        app->add_option("--idempotency-key", raw_.idempotencyKey, "Publish at most once with this key")
            ->type_name("KEY");
        app->add_flag("--skip-history", raw_.skipHistory, "Deliver without keeping it in the history");
        app->add_flag("--delta", raw_.delta, "Deliver the difference to the previous one to clients that ask for it");
        addProjectOption(app);
    }

    void addTail() {
        auto* app = leaf(
            root_, "tail", "Follow channels as a real client, or without a channel all traffic of the server",
            Command::Tail,
            R"(With channels it connects with a token of its own and subscribes, so it sees what any client sees. Without, it shows every frame and
request that the server handles; where the reader is too slow it counts what it left out, with --json as {"missed":N}. Ends with
Ctrl+C, or after --count messages.

Examples:
  xshathra tail public:lobby chat:room-7
  xshathra tail public:lobby --json --count 1 | jq .data
  xshathra tail)");
        app->add_option("channels", raw_.channels, "Channels to follow")->type_name("CHANNEL");
        app->add_option("-u,--user", raw_.user, "User id to connect as; xshathra-tail by default")->type_name("USER");
        app->add_option("-n,--count", raw_.count, "End after so many messages; 0, the default: never")->type_name("N");
        addProjectOption(app);
    }

    /// The sentence for a command that is missing, and for a word that stands where one should, which CLI11 takes for
    /// the same.
    std::optional<std::string> commandFault(const std::vector<std::string>& typed) const {
        const auto* app = &root_;
        const auto commandsOf = [](const CLI::App* one) {
            return one->get_subcommands([](const CLI::App*) { return true; });
        };
        const auto namesOf = [](const std::vector<const CLI::App*>& commands) {
            std::string names;
            for (const auto* command : commands)
                names += (names.empty() ? "" : ", ") + command->get_name();
            return names;
        };
        for (const auto& word : typed) {
            const auto commands = commandsOf(app);
            if (commands.empty() || word.empty() || word.front() == '-')
                return std::nullopt;
            const auto found = std::find_if(commands.begin(), commands.end(),
                                            [&](const CLI::App* one) { return one->get_name() == word; });
            if (found == commands.end())
                return "'" + word + "' is no command; commands are " + namesOf(commands);
            app = *found;
        }
        const auto commands = commandsOf(app);
        return commands.empty() ? std::nullopt
                                : std::optional("a command is missing; commands are " + namesOf(commands));
    }

    /// The deepest subcommand that was named.
    const CLI::App* deepest() const {
        const CLI::App* app = &root_;
        for (auto named = app->get_subcommands(); !named.empty(); named = app->get_subcommands())
            app = named.back();
        return app;
    }

    std::string commandPath() const {
        std::string path;
        for (const auto* app = deepest(); app != nullptr; app = app->get_parent())
            path = path.empty() ? app->get_name() : app->get_name() + " " + path;
        return path;
    }

    std::string help() const {
        const auto* app = deepest();
        const auto* parent = app->get_parent();
        std::string prefix;
        for (; parent != nullptr; parent = parent->get_parent())
            prefix = prefix.empty() ? parent->get_name() : parent->get_name() + " " + prefix;
        return app->help(prefix);
    }

    void finish(ParsedArguments& parsed) {
        const auto usage = [&](const std::string& message) {
            parsed.exitCode = kExitUsage;
            parsed.error = root_.get_name() + ": " + message + "\nTry `" + commandPath() + " --help`.\n";
        };
        Invocation invocation;
        invocation.command = command_;
        const auto level = logLevelNamed(raw_.logLevel);
        if (!level) {
            usage("--log-level is '" + raw_.logLevel + "'; allowed are debug, info, warn and error");
            return;
        }
        for (const auto& tag : raw_.tags) {
            const auto equals = tag.find('=');
            if (equals == 0 || equals == std::string::npos) {
                usage("--tag is '" + tag + "'; it has the form KEY=VALUE");
                return;
            }
            invocation.tags.insert(text(tag.substr(0, equals)), text(tag.substr(equals + 1)));
        }
        for (const auto& option : raw_.centrifugoOptions) {
            const auto equals = option.find('=');
            if (equals == 0 || equals == std::string::npos) {
                usage("--centrifugo-option is '" + option +
                      "'; it has the form NAME=VALUE, for example client.insecure=true");
                return;
            }
        }
        for (const auto& assignment : raw_.assignments) {
            const auto equals = assignment.find('=');
            if (equals == 0 || equals == std::string::npos) {
                usage("'" + assignment + "' is no option; options have the form NAME=VALUE, for example presence=true");
                return;
            }
        }
        if (raw_.count < 0) {
            usage("--count is " + std::to_string(raw_.count) + "; allowed are 0 and more");
            return;
        }
        for (const auto& [name, value] : raw_.settings)
            invocation.flags.insert(text(name), text(value));
        if (!raw_.origins.empty())
            invocation.flags.insert(QStringLiteral("server.allowedOrigins"),
                                    texts(raw_.origins).join(QLatin1Char(',')));
        if (!raw_.hosts.empty())
            invocation.flags.insert(QStringLiteral("server.allowedHosts"), texts(raw_.hosts).join(QLatin1Char(',')));
        invocation.dataFolder = text(raw_.dataFolder);
        invocation.json = raw_.json;
        invocation.logLevel = *level;
        invocation.logLevelGiven = logLevelOption_ != nullptr && logLevelOption_->count() > 0;
        invocation.centrifugoConfig = text(raw_.centrifugoConfig);
        invocation.centrifugoEnvironment = raw_.centrifugoEnvironment;
        invocation.centrifugoOptions = texts(raw_.centrifugoOptions);
        invocation.project = text(raw_.project);
        invocation.name = text(raw_.name);
        invocation.environment = text(raw_.environment);
        invocation.showKeys = raw_.keys;
        invocation.file = text(raw_.file);
        invocation.format = text(raw_.format);
        invocation.overwrite = raw_.overwrite;
        invocation.user = text(raw_.user);
        if (std::any_of(ttlOptions_.begin(), ttlOptions_.end(),
                        [](const CLI::Option* option) { return option->count() > 0; }))
            invocation.ttlSeconds = raw_.ttl;
        invocation.channels = raw_.channel.empty() ? texts(raw_.channels) : QStringList{text(raw_.channel)};
        if (infoOption_ != nullptr && infoOption_->count() > 0)
            invocation.info = QByteArray::fromStdString(raw_.info);
        if (command_ == Command::Publish)
            invocation.data = QByteArray::fromStdString(raw_.data);
        invocation.idempotencyKey = text(raw_.idempotencyKey);
        invocation.skipHistory = raw_.skipHistory;
        invocation.delta = raw_.delta;
        invocation.assignments = texts(raw_.assignments);
        invocation.count = raw_.count;
        parsed.invocation = std::move(invocation);
    }

    CLI::App root_;
    Raw raw_;
    Command command_ = Command::Serve;
    std::vector<const CLI::Option*> ttlOptions_;
    const CLI::Option* infoOption_ = nullptr;
    const CLI::Option* logLevelOption_ = nullptr;
};

}  // namespace

ParsedArguments parseArguments(const std::vector<std::string>& arguments) {
    return Parser(Parser::Program::CommandLine).parse(arguments);
}

ParsedArguments parseConsoleArguments(const std::vector<std::string>& arguments) {
    return Parser(Parser::Program::Console).parse(arguments);
}

}  // namespace xshathra::app
