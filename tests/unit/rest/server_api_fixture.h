#pragma once

#include "server/auth/api_key.h"
#include "server/auth/digest.h"
#include "server/http/router.h"
#include "server/rest/server_api.h"
#include "server/services/command_service.h"
#include "server/services/config_store.h"
#include "server/services/key_service.h"
#include "tests/support/engine_fixture.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace xshathra::test {

/// The server API in front of an engine with the project `proj_A`, whose `http_api.key` is `k`.
class ServerApiFixture {
public:
    explicit ServerApiFixture(services::ServerApiRoutes routes = {},
                              std::size_t answerLimit = rest::kServerApiAnswerLimit)
        : api_(keys_, commands, answerLimit) {
        serverKey = auth::generateApiKey(auth::KeyKind::Server, auth::KeyEnvironment::Live);
        clientKey = auth::generateApiKey(auth::KeyKind::Client, auth::KeyEnvironment::Live);
        access.keyHash = auth::sha256("k");
        apply();
        api_.addTo(router, routes);
    }

    /// Puts `access` in force.
    void apply() {
        auto config = std::make_shared<services::Config>();
        auto project = std::make_shared<services::Project>();
        project->id = "proj_A";
        project->serverApi = access;
        project->engine = engine.node().config();
        for (const auto& [kind, key] :
             {std::pair(auth::KeyKind::Server, &serverKey), std::pair(auth::KeyKind::Client, &clientKey)}) {
            services::KeyInfo info;
            info.kind = kind;
            info.hash = auth::sha256(key->expose());
            project->keys.push_back(info);
        }
        config->projects.push_back(project);
        auto forEngine = std::make_shared<engine::EngineConfig>();
        forEngine->projects.push_back(project->engine);
        forEngine->defaultProject = defaultProject;
        config->engine = forEngine;
        config->index();
        store_.publish(config);
    }

    static http::Request request(const std::string& path, const std::string& body, const std::string& key = "k") {
        http::Request made;
        made.head.method = "POST";
        made.head.target = path;
        made.head.path = path;
        if (!key.empty())
            made.head.fields.add("X-API-Key", key);
        made.body = SharedBytes(body);
        return made;
    }
    http::Response ask(const http::Request& request) const {
        std::optional<http::Response> answer;
        router.dispatch(request, http::Responder([&](http::Response response) { answer = std::move(response); }));
        return answer.value_or(http::Response::empty());
    }
    std::string post(const std::string& path, const std::string& body) {
        auto answer = std::string(ask(request(path, body)).body.view());
        engine.turn();
        return answer;
    }

    EngineFixture engine;
    services::ServerApiAccess access;
    std::string defaultProject = "proj_A";
    auth::Secret serverKey;
    auth::Secret clientKey;
    services::CommandService commands{&engine.registry};
    http::Router router;

private:
    services::ConfigStore store_;
    services::KeyService keys_{store_, engine.clock};
    rest::ServerApi api_;
};

}  // namespace xshathra::test
