#include "app/cli/commands.h"

#include "app/cli/backend.h"
#include "app/cli/exit_codes.h"
#include "app/cli/output.h"
#include "app/cli/status.h"
#include "app/cli/tail.h"
#include "server/centrifugo/format.h"
#include "server/centrifugo/loader.h"
#include "server/centrifugo/self_contained.h"
#include "server/protocol/json.h"
#include "server/services/publish_service.h"
#include "server/storage/data_folder.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>

#include <cstdio>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

QJsonObject paramsFor(const Invocation& invocation) {
    QJsonObject params;
    const auto put = [&](const QString& name, const QString& value) {
        if (!value.isEmpty())
            params.insert(name, value);
    };
    put(u"project"_s, invocation.project);
    put(u"name"_s, invocation.name);
    put(u"environment"_s, invocation.environment);
    put(u"userId"_s, invocation.user);
    if (invocation.showKeys)
        params.insert(u"keys"_s, true);
    if (invocation.ttlSeconds)
        params.insert(u"ttlSeconds"_s, *invocation.ttlSeconds);
    if (invocation.info)
        params.insert(u"info"_s, QString::fromUtf8(*invocation.info));
    if (!invocation.assignments.isEmpty())
        params.insert(u"options"_s, QJsonArray::fromStringList(invocation.assignments));
    return params;
}

QString cell(const QJsonObject& object, QLatin1StringView name) { return forTerminal(object.value(name).toString()); }

/// What is wrong with a project, below the table.
void noteTrouble(const Output& output, const QJsonObject& project) {
    if (project.contains("trouble"_L1))
        output.note((project.value("served"_L1).toBool(true) ? u"%1: %2"_s : u"%1 is not served: %2"_s)
                        .arg(cell(project, "name"_L1), cell(project, "trouble"_L1)));
}

void printProject(const Output& output, const QJsonObject& project) {
    QList<QStringList> rows{{u"id"_s, cell(project, "id"_L1)},
                            {u"name"_s, cell(project, "name"_L1)},
                            {u"environment"_s, cell(project, "environment"_L1)},
                            {u"created"_s, cell(project, "createdAt"_L1)}};
    const bool inClear = project.contains("serverKey"_L1);
    rows.append({u"server key"_s, cell(project, inClear ? "serverKey"_L1 : "serverKeyMasked"_L1)});
    rows.append({u"client key"_s, cell(project, inClear ? "clientKey"_L1 : "clientKeyMasked"_L1)});
    output.line(makeTable(rows));
    noteTrouble(output, project);
}

void printProjects(const Output& output, const QJsonObject& result) {
    QList<QStringList> rows{{u"ID"_s, u"NAME"_s, u"ENVIRONMENT"_s, u"CREATED"_s}};
    const auto projects = result.value("projects"_L1).toArray();
    for (const auto& value : projects) {
        const auto project = value.toObject();
        rows.append({cell(project, "id"_L1), cell(project, "name"_L1), cell(project, "environment"_L1),
                     cell(project, "createdAt"_L1)});
    }
    output.line(rows.size() == 1 ? u"No projects. Create one with `xshathra project create NAME`."_s : makeTable(rows));
    for (const auto& value : projects)
        noteTrouble(output, value.toObject());
}

/// Options as `namespace set` takes them; `prefix` is that of nested ones.
QStringList assignmentsOf(const QJsonObject& options, const QString& prefix = {}) {
    QStringList assignments;
    for (auto option = options.begin(); option != options.end(); ++option) {
        const auto name = prefix + option.key();
        const auto value = option.value();
        if (value.isObject())
            assignments += assignmentsOf(value.toObject(), name + u'.');
        else
            assignments += name + u'=' +
                           forTerminal(value.isArray() ? value.toVariant().toStringList().join(u',')
                                                       : value.toVariant().toString());
    }
    return assignments;
}

void printNamespaces(const Output& output, const QJsonObject& result) {
    QList<QStringList> rows{{u"NAMESPACE"_s, u"OPTIONS"_s}};
    const auto namespaces = result.value("namespaces"_L1).toArray();
    for (const auto& value : namespaces) {
        const auto one = value.toObject();
        rows.append({cell(one, "name"_L1), assignmentsOf(one.value("options"_L1).toObject()).join(u' ')});
    }
    output.line(makeTable(rows));
}

void printStatus(const Output& output, const QJsonObject& result) {
    output.line(makeTable({{u"state"_s, cell(result, "state"_L1)},
                           {u"HTTP"_s, cell(result, "url"_L1)},
                           {u"WebSocket"_s, cell(result, "webSocketUrl"_L1)},
                           {u"program"_s, u"%1 %2, pid %3"_s.arg(cell(result, "program"_L1), cell(result, "version"_L1))
                                              .arg(result.value("pid"_L1).toInteger())},
                           {u"data folder"_s, cell(result, "dataFolder"_L1)}}));
}

void printPublished(const Output& output, const Invocation& invocation, const QJsonObject& answer) {
    const auto result = answer.value("result"_L1).toObject();
    auto text = u"Published to %1"_s.arg(forTerminal(invocation.channels.value(0)));
    if (result.contains("offset"_L1))
        text += u", offset %1, epoch %2"_s.arg(result.value("offset"_L1).toInteger()).arg(cell(result, "epoch"_L1));
    output.line(text);
}

/// What is to be published: the argument, or standard input.
Result<QString> dataOf(const Invocation& invocation) {
    auto data = *invocation.data;
    if (data == "-") {
        QFile input;
        if (!input.open(stdin, QIODevice::ReadOnly))
            return fail("failure", "Standard input can't be read.");
        constexpr qint64 kLimit = services::kMaxPublishSize;
        data.clear();
        while (data.size() <= kLimit) {
            const auto part = input.read(kLimit + 1 - data.size());
            if (part.isEmpty())
                break;
            data += part;
        }
        if (data.size() > kLimit)
            return fail("invalid_argument",
                        "Standard input has more than " + std::to_string(kLimit) +
                            " bytes, which is the most that can be published.",
                        "data");
    }
    if (!protocol::isUtf8(std::string_view(data.constData(), static_cast<std::size_t>(data.size()))))
        return fail("invalid_argument", "Standard input is not valid UTF-8.", "data");
    return QString::fromUtf8(data);
}

int publish(const Output& output, Backend& backend, const Invocation& invocation) {
    const auto data = dataOf(invocation);
    if (!data)
        return output.error(data.error());
    auto params = paramsFor(invocation);
    params.insert(u"channel"_s, invocation.channels.value(0));
    params.insert(u"data"_s, *data);
    QJsonObject tags;
    for (auto tag = invocation.tags.begin(); tag != invocation.tags.end(); ++tag)
        tags.insert(tag.key(), tag.value());
    if (!tags.isEmpty())
        params.insert(u"tags"_s, tags);
    if (!invocation.idempotencyKey.isEmpty())
        params.insert(u"idempotencyKey"_s, invocation.idempotencyKey);
    params.insert(u"skipHistory"_s, invocation.skipHistory);
    params.insert(u"delta"_s, invocation.delta);
    const auto result = backend.call(u"publish"_s, params);
    if (!result)
        return output.error(result.error());
    if (output.json())
        output.object(*result);
    else
        printPublished(output, invocation, *result);
    return kExitOk;
}

/// One operation whose result is printed as a whole.
template <typename Print>
int callAndPrint(const Output& output, Backend& backend, const QString& method, const QJsonObject& params,
                 Print print) {
    const auto result = backend.call(method, params);
    if (!result)
        return output.error(result.error());
    if (output.json())
        output.object(*result);
    else
        print(output, *result);
    return kExitOk;
}

int status(const Output& output, Backend& backend) {
    const auto result = backend.call(u"status"_s, {});
    if (!result)
        return output.error(result.error());
    if (output.json())
        output.object(*result);
    else
        printStatus(output, *result);
    const auto listening = checkListening(*result);
    return listening ? int{kExitOk} : exitCodeFor(listening.error());
}

int mint(const Output& output, Backend& backend, const Invocation& invocation) {
    auto params = paramsFor(invocation);
    const bool subscription = invocation.command == Command::SubscriptionToken;
    if (subscription)
        params.insert(u"channel"_s, invocation.channels.value(0));
    else if (!invocation.channels.isEmpty())
        params.insert(u"channels"_s, QJsonArray::fromStringList(invocation.channels));
    return callAndPrint(
        output, backend, subscription ? u"subscriptionToken.mint"_s : u"token.mint"_s, params,
        [](const Output& out, const QJsonObject& result) { out.line(result.value("token"_L1).toString()); });
}

int importProject(const Output& output, Backend& backend, const Invocation& invocation) {
    // Read here: the variables and files that it names are those of who gives the command.
    centrifugo::Source source;
    source.file = invocation.file.toStdString();
    source.environment = centrifugo::environmentOfProcess();
    source.forProject = true;
    const auto loaded = centrifugo::load(source);
    if (!loaded)
        return output.error(loaded.error());
    const auto configuration = centrifugo::selfContained(*loaded, source.environment);
    if (!configuration)
        return output.error(configuration.error());
    auto params = paramsFor(invocation);
    params.insert(u"configuration"_s, QString::fromStdString(*configuration));
    if (invocation.name.isEmpty())
        params.insert(u"name"_s, QFileInfo(invocation.file).completeBaseName());
    auto project = backend.call(u"project.import"_s, params);
    if (!project)
        return output.error(project.error());
    QJsonArray notes;
    for (const auto& note : loaded->notes)
        notes.append(QString::fromStdString(note));
    notes.append(QString::fromStdString(centrifugo::noteOnTokens(project->value("id"_L1).toString().toStdString())));
    project->insert(u"notes"_s, notes);
    if (output.json()) {
        output.object(*project);
        return kExitOk;
    }
    printProject(output, *project);
    for (const auto& note : notes)
        output.note(forTerminal(note.toString()));
    return kExitOk;
}

/// Whether a word has the ending of a configuration file.
bool isConfigFileName(const QString& word) { return centrifugo::formatOf(word.toStdString()).has_value(); }

int exportProject(const Output& output, Backend& backend, const Invocation& invocation) {
    auto params = paramsFor(invocation);
    const auto format = invocation.format.isEmpty() && !invocation.file.isEmpty() ? QFileInfo(invocation.file).suffix()
                                                                                  : invocation.format;
    if (!format.isEmpty())
        params.insert(u"format"_s, format);
    const auto result = backend.call(u"project.export"_s, params);
    if (!result && result.error().code == "not_found" && invocation.file.isEmpty() &&
        isConfigFileName(invocation.project))
        return output.error({"not_found",
                             u"There is no project \"%1\". To write to that file, name the project first: "
                             "`xshathra project export PROJECT %1`."_s.arg(invocation.project)
                                 .toStdString(),
                             "project"});
    if (!result)
        return output.error(result.error());
    const auto text = result->value("text"_L1).toString().toUtf8();
    if (invocation.file.isEmpty()) {
        if (output.json())
            output.object(*result);
        else
            output.line(text.trimmed());
        return kExitOk;
    }
    if (QFileInfo::exists(invocation.file) && !invocation.overwrite)
        return output.error(
            {"invalid_argument",
             u"The file \"%1\" exists; name another one, or give --force to replace it."_s.arg(invocation.file)
                 .toStdString(),
             "file"});
    if (const auto written = storage::writePrivateFile(
            invocation.file, std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        !written)
        return output.error({"failure", written.error().message, {}});
    if (output.json())
        output.object({{u"file"_s, invocation.file}});
    else
        output.line(u"Written to %1"_s.arg(forTerminal(invocation.file)));
    return kExitOk;
}

/// What the command is about is in the memory of a server: nobody is connected to a folder.
bool needsServer(Command command) {
    return command == Command::Status || command == Command::Publish || command == Command::Tail;
}

int carryOut(const Output& output, const Invocation& invocation) {
    auto backend = needsServer(invocation.command) ? Backend::openRunning(invocation.dataFolder)
                                                   : Backend::open(invocation.dataFolder);
    if (!backend)
        return output.error(backend.error());
    auto& executor = **backend;
    switch (invocation.command) {
        case Command::Serve: break;
        case Command::Status: return status(output, executor);
        case Command::ProjectCreate:
            return callAndPrint(output, executor, u"project.create"_s, paramsFor(invocation), printProject);
        case Command::ProjectList: return callAndPrint(output, executor, u"project.list"_s, {}, printProjects);
        case Command::ProjectShow:
            return callAndPrint(output, executor, u"project.show"_s, paramsFor(invocation), printProject);
        case Command::ProjectImport: return importProject(output, executor, invocation);
        case Command::ProjectExport: return exportProject(output, executor, invocation);
        case Command::NamespaceList:
            return callAndPrint(output, executor, u"namespace.list"_s, paramsFor(invocation), printNamespaces);
        case Command::NamespaceSet:
            return callAndPrint(output, executor, u"namespace.set"_s, paramsFor(invocation), printNamespaces);
        case Command::NamespaceRemove:
            return callAndPrint(output, executor, u"namespace.remove"_s, paramsFor(invocation), printNamespaces);
        case Command::Token:
        case Command::SubscriptionToken: return mint(output, executor, invocation);
        case Command::Publish: return publish(output, executor, invocation);
        case Command::Tail: return tail(output, executor, invocation);
    }
    return kExitFailure;
}

}  // namespace

int runCommand(const Invocation& invocation) {
    const Output output(invocation.json);
    return output.end(carryOut(output, invocation));
}

}  // namespace xshathra::app
