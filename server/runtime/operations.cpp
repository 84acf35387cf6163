#include "server/runtime/operations.h"

#include "server/capture/event.h"
#include "server/centrifugo/exporter.h"
#include "server/centrifugo/loader.h"
#include "server/runtime/namespace_assignment.h"
#include "server/runtime/server_runtime.h"
#include "server/services/namespace_json.h"
#include "server/services/namespace_service.h"
#include "server/services/project_service.h"
#include "server/services/publish_service.h"
#include "server/services/token_service.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QMetaEnum>
#include <QTimeZone>

#include <algorithm>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())); }

QString timeText(Nanoseconds wall) {
    const auto ms = std::chrono::duration_cast<Milliseconds>(wall).count();
    return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::utc()).toString(Qt::ISODateWithMs);
}

QString maskedKey(const services::Project& project, auth::KeyKind kind) {
    const auto* key = project.currentKey(kind);
    return key == nullptr ? QString() : text(key->masked);
}

QJsonObject toJson(const services::Project& project) {
    QJsonObject object{{u"id"_s, text(project.id)},
                       {u"name"_s, text(project.name)},
                       {u"environment"_s, text(services::toString(project.environment))},
                       {u"createdAt"_s, timeText(project.createdAt)},
                       {u"serverKeyMasked"_s, maskedKey(project, auth::KeyKind::Server)},
                       {u"clientKeyMasked"_s, maskedKey(project, auth::KeyKind::Client)}};
    if (const auto trouble = project.trouble(); !trouble.empty())
        object.insert(u"trouble"_s, text(trouble));
    if (!project.fault.empty())
        object.insert(u"served"_s, false);
    return object;
}

QJsonObject toJson(const engine::NamespaceOptions& one) {
    const auto options = services::toJson(one.options);
    return {{u"name"_s, text(one.name)},
            {u"options"_s, QJsonDocument::fromJson(QByteArray::fromStdString(options)).object()}};
}

QJsonObject namespacesOf(const services::Project& project) {
    QJsonArray list;
    for (const auto& one : project.namespaces)
        list.append(toJson(one));
    return {{u"namespaces"_s, list}};
}

QJsonObject toJson(const capture::Event& event) {
    QJsonObject object{{u"seq"_s, static_cast<qint64>(event.seq)},
                       {u"time"_s, timeText(event.wall)},
                       {u"direction"_s, text(capture::name(event.dir))},
                       {u"kind"_s, text(capture::name(event.kind))},
                       {u"size"_s, static_cast<qint64>(event.size)}};
    const auto put = [&](const QString& name, const SharedBytes& value) {
        if (!value.empty())
            object.insert(name, text(value.view()));
    };
    put(u"project"_s, event.project);
    put(u"channel"_s, event.channel);
    put(u"client"_s, event.client);
    put(u"user"_s, event.user);
    put(u"note"_s, event.note);
    if (event.binary)
        object.insert(u"payloadBase64"_s,
                      QString::fromLatin1(
                          QByteArray(event.payload.data(), static_cast<qsizetype>(event.payload.size())).toBase64()));
    else
        put(u"payload"_s, event.payload);
    if (event.recipients > 0)
        object.insert(u"recipients"_s, static_cast<qint64>(event.recipients));
    if (event.latency.count() > 0)
        object.insert(u"latencyMicroseconds"_s, static_cast<double>(event.latency.count()) / 1000.0);
    if (event.code != 0)
        object.insert(u"code"_s, static_cast<qint64>(event.code));
    if (event.decision)
        object.insert(u"decision"_s, text(event.decision->summary));
    return object;
}

/// The project that the parameters name by id or name, or the only one there is.
Result<services::ProjectPtr> projectOf(services::ProjectService& projects, const QJsonObject& params) {
    const auto all = projects.list();
    const auto wanted = params.value("project"_L1).toString().toStdString();
    if (wanted.empty()) {
        if (all.size() == 1)
            return all.front();
        if (all.empty())
            return xshathra::fail("not_found", "There is no project; create one with `xshathra project create NAME`.",
                                  "project");
        std::string names;
        for (const auto& project : all)
            names += (names.empty() ? "" : ", ") + project->id + " (" + project->name + ")";
        return xshathra::fail("ambiguous_project",
                              "There are " + std::to_string(all.size()) + " projects; name one: " + names + ".",
                              "project");
    }
    const auto found = std::find_if(all.begin(), all.end(), [&](const services::ProjectPtr& project) {
        return project->id == wanted || project->name == wanted;
    });
    if (found != all.end())
        return *found;
    return xshathra::fail("not_found",
                          "There is no project \"" + wanted + "\"; `xshathra project list` shows which there are.",
                          "project");
}

Result<services::Environment> environmentOf(const QJsonObject& params) {
    const auto word = params.value("environment"_L1).toString(u"development"_s).toStdString();
    if (const auto environment = services::environmentFromString(word))
        return *environment;
    return xshathra::fail("invalid_argument",
                          "environment is \"" + word + "\"; it has to be development, staging or production.",
                          "environment");
}

std::optional<std::int64_t> ttlOf(const QJsonObject& params) {
    const auto value = params.value("ttlSeconds"_L1);
    return value.isDouble() ? std::optional<std::int64_t>(value.toInteger()) : std::nullopt;
}

void answerToken(const Result<services::MintedToken>& minted, const std::shared_ptr<Answer>& answer) {
    if (!minted)
        answer->fail(minted.error());
    else
        answer->succeed({{u"token"_s, text(minted->token)},
                         {u"expiresInSeconds"_s, static_cast<qint64>(minted->expiresInSeconds)}});
}

/// A project with its keys in clear.
void answerWithKeys(ServerRuntime& runtime, const services::ProjectPtr& project,
                    const std::shared_ptr<Answer>& answer) {
    auto& projects = runtime.projects();
    projects.revealKey(project->id, auth::KeyKind::Server)
        .then(&runtime, [=, &runtime, &projects](const Result<auth::Secret>& server) {
            if (!server) {
                answer->fail(server.error());
                return;
            }
            const auto serverKey = *server;
            projects.revealKey(project->id, auth::KeyKind::Client)
                .then(&runtime, [=](const Result<auth::Secret>& client) {
                    if (!client) {
                        answer->fail(client.error());
                        return;
                    }
                    auto object = toJson(*project);
                    object.insert(u"serverKey"_s, text(serverKey.expose()));
                    object.insert(u"clientKey"_s, text(client->expose()));
                    answer->succeed(object);
                });
        });
}

}  // namespace

Operations::Operations(ServerRuntime& runtime) : runtime_(runtime) {}

const std::map<QString, Operations::Function>& Operations::table() {
    static const std::map<QString, Function> kTable{
        {u"status"_s, &Operations::status},
        {u"window.show"_s, &Operations::showWindow},
        {u"project.list"_s, &Operations::listProjects},
        {u"project.create"_s, &Operations::createProject},
        {u"project.show"_s, &Operations::showProject},
        {u"project.import"_s, &Operations::importProject},
        {u"project.export"_s, &Operations::exportProject},
        {u"namespace.list"_s, &Operations::listNamespaces},
        {u"namespace.set"_s, &Operations::setNamespace},
        {u"namespace.remove"_s, &Operations::removeNamespace},
        {u"token.mint"_s, &Operations::mintToken},
        {u"subscriptionToken.mint"_s, &Operations::mintSubscriptionToken},
        {u"publish"_s, &Operations::publish},
        {u"capture.follow"_s, &Operations::followCapture},
    };
    return kTable;
}

void Operations::run(const QString& method, const QJsonObject& params, const AnswerPtr& answer) {
    const auto found = table().find(method);
    if (found == table().end()) {
        answer->fail({"unknown_method",
                      "This server has no command \"" + method.toStdString() + "\"; it may be of another version.",
                      {}});
        return;
    }
    if (!runtime_.hasServices() && method != u"status"_s && method != u"window.show"_s) {
        answer->fail({"unavailable", "The server is still starting, or could not open its data folder.", {}});
        return;
    }
    (this->*found->second)(params, answer);
}

void Operations::status(const QJsonObject&, const AnswerPtr& answer) {
    const auto endpoints = runtime_.endpoints();
    const auto state = QMetaEnum::fromType<State>().valueToKey(static_cast<int>(runtime_.state()));
    answer->succeed({{u"state"_s, QString::fromLatin1(state).toLower()},
                     {u"url"_s, endpoints.origin},
                     {u"webSocketUrl"_s, endpoints.webSocket},
                     {u"port"_s, endpoints.port},
                     {u"pid"_s, QCoreApplication::applicationPid()},
                     {u"program"_s, QCoreApplication::applicationName()},
                     {u"version"_s, QStringLiteral(XSHATHRA_VERSION)},
                     {u"dataFolder"_s, runtime_.dataFolder()}});
}

void Operations::showWindow(const QJsonObject&, const AnswerPtr& answer) {
    const bool shown = runtime_.requestWindow();
    if (shown)
        answer->succeed({});
    else
        answer->fail({"no_window",
                      "The server on this data folder runs without a window (pid " +
                          std::to_string(QCoreApplication::applicationPid()) + ").",
                      {}});
}

void Operations::listProjects(const QJsonObject&, const AnswerPtr& answer) {
    QJsonArray list;
    for (const auto& project : runtime_.projects().list())
        list.append(toJson(*project));
    answer->succeed({{u"projects"_s, list}});
}

void Operations::createProject(const QJsonObject& params, const AnswerPtr& answer) {
    services::NewProject wanted;
    wanted.name = params.value("name"_L1).toString().toStdString();
    const auto environment = environmentOf(params);
    if (!environment) {
        answer->fail(environment.error());
        return;
    }
    wanted.environment = *environment;
    const bool keys = params.value("keys"_L1).toBool();
    runtime_.projects()
        .create(std::move(wanted))
        .then(&runtime_, [this, keys, answer](const Result<services::ProjectPtr>& created) {
            if (!created)
                answer->fail(created.error());
            else if (keys)
                answerWithKeys(runtime_, *created, answer);
            else
                answer->succeed(toJson(**created));
        });
}

void Operations::importProject(const QJsonObject& params, const AnswerPtr& answer) {
    const auto environment = environmentOf(params);
    if (!environment) {
        answer->fail(environment.error());
        return;
    }
    // It names no variables and no files: those of the asker would not be this process's.
    const auto loaded =
        centrifugo::loadText(params.value("configuration"_L1).toString().toStdString(), "configuration.json", {});
    if (!loaded) {
        answer->fail(loaded.error());
        return;
    }
    auto wanted = centrifugo::projectFor(*loaded, params.value("name"_L1).toString().toStdString());
    wanted.environment = *environment;
    runtime_.projects()
        .create(std::move(wanted))
        .then(&runtime_, [answer](const Result<services::ProjectPtr>& created) {
            if (!created)
                answer->fail(created.error());
            else
                answer->succeed(toJson(**created));
        });
}

void Operations::exportProject(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    const auto word = params.value("format"_L1).toString(u"json"_s).toStdString();
    const auto format = centrifugo::formatOf("." + word);
    if (!project || !format) {
        answer->fail(!project ? project.error()
                              : Error{"invalid_argument",
                                      "format is \"" + word + "\"; it has to be json, yaml or toml.", "format"});
        return;
    }
    runtime_.projects()
        .revealDocument((*project)->id)
        .then(&runtime_, [project, format, answer](const Result<auth::Secret>& document) {
            if (!document) {
                answer->fail(document.error());
                return;
            }
            const auto value = centrifugo::exported(document->expose(), **project);
            if (!value)
                answer->fail(value.error());
            else
                answer->succeed({{u"text"_s, text(centrifugo::write(*value, *format))}});
        });
}

void Operations::showProject(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project)
        answer->fail(project.error());
    else if (params.value("keys"_L1).toBool())
        answerWithKeys(runtime_, *project, answer);
    else
        answer->succeed(toJson(**project));
}

void Operations::listNamespaces(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project)
        answer->fail(project.error());
    else
        answer->succeed(namespacesOf(**project));
}

void Operations::setNamespace(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project) {
        answer->fail(project.error());
        return;
    }
    const auto name = params.value("name"_L1).toString().toStdString();
    const auto& existing = (*project)->namespaces;
    const auto found = std::find_if(existing.begin(), existing.end(),
                                    [&](const engine::NamespaceOptions& one) { return one.name == name; });
    QStringList assignments;
    const auto values = params.value("options"_L1).toArray();
    for (const auto& value : values)
        assignments.append(value.toString());
    auto options = assignOptions(found == existing.end() ? engine::ChannelOptions() : found->options, assignments);
    if (!options) {
        answer->fail(options.error());
        return;
    }
    engine::NamespaceOptions wanted{name, std::move(*options)};
    auto& service = runtime_.namespaces();
    auto future = found == existing.end() ? service.add((*project)->id, std::move(wanted))
                                          : service.update((*project)->id, name, std::move(wanted));
    future.then(&runtime_, [answer](const Result<services::ProjectPtr>& changed) {
        if (!changed)
            answer->fail(changed.error());
        else
            answer->succeed(namespacesOf(**changed));
    });
}

void Operations::removeNamespace(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project) {
        answer->fail(project.error());
        return;
    }
    runtime_.namespaces()
        .remove((*project)->id, params.value("name"_L1).toString().toStdString())
        .then(&runtime_, [answer](const Result<services::ProjectPtr>& changed) {
            if (!changed)
                answer->fail(changed.error());
            else
                answer->succeed(namespacesOf(**changed));
        });
}

void Operations::mintToken(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project) {
        answer->fail(project.error());
        return;
    }
    services::ConnectTokenRequest wanted;
    wanted.userId = params.value("userId"_L1).toString().toStdString();
    wanted.ttlSeconds = ttlOf(params);
    const auto channels = params.value("channels"_L1).toArray();
    for (const auto& channel : channels)
        wanted.channels.push_back(channel.toString().toStdString());
    wanted.info = params.value("info"_L1).toString().toStdString();
    answerToken(runtime_.tokens().mintConnection((*project)->id, wanted), answer);
}

void Operations::mintSubscriptionToken(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project) {
        answer->fail(project.error());
        return;
    }
    services::SubscribeTokenRequest wanted;
    wanted.userId = params.value("userId"_L1).toString().toStdString();
    wanted.channel = params.value("channel"_L1).toString().toStdString();
    wanted.ttlSeconds = ttlOf(params);
    answerToken(runtime_.tokens().mintSubscription((*project)->id, wanted), answer);
}

void Operations::publish(const QJsonObject& params, const AnswerPtr& answer) {
    const auto project = projectOf(runtime_.projects(), params);
    if (!project) {
        answer->fail(project.error());
        return;
    }
    services::PublishRequest wanted;
    wanted.channel = params.value("channel"_L1).toString().toStdString();
    wanted.data = SharedBytes(params.value("data"_L1).toString().toStdString());
    const auto tags = params.value("tags"_L1).toObject();
    for (auto tag = tags.begin(); tag != tags.end(); ++tag)
        wanted.tags.insert_or_assign(tag.key().toStdString(), tag.value().toString().toStdString());
    wanted.idempotencyKey = params.value("idempotencyKey"_L1).toString().toStdString();
    wanted.skipHistory = params.value("skipHistory"_L1).toBool();
    wanted.delta = params.value("delta"_L1).toBool();
    const auto published = runtime_.publisher().publish((*project)->id, std::move(wanted));
    if (!published) {
        answer->fail(published.error());
        return;
    }
    QJsonObject result;
    if (published->offset > 0)
        result.insert(u"offset"_s, static_cast<qint64>(published->offset));
    if (!published->epoch.empty())
        result.insert(u"epoch"_s, text(published->epoch));
    answer->succeed({{u"result"_s, result}});
}

void Operations::followCapture(const QJsonObject&, const AnswerPtr& answer) {
    const auto id = runtime_.addCaptureObserver([answer](const std::vector<capture::Event>& events) {
        for (const auto& event : events) {
            if (event.kind != capture::Kind::Ping && event.kind != capture::Kind::Pong)
                answer->event(toJson(event));
        }
    });
    if (id == 0) {
        answer->fail(
            {"capture_off",
             "The window of this server is not recording. Switch Recording on there, or name the channels to follow here, as in "
             "`xshathra tail public:lobby`.",
             {}});
        return;
    }
    answer->whenGone([runtime = &runtime_, id] { runtime->removeCaptureObserver(id); });
}

}  // namespace xshathra::runtime
