#pragma once

#include "server/base/log.h"
#include "server/capture/recorder.h"
#include "server/engine/namespace_registry.h"
#include "server/engine/node_registry.h"
#include "server/engine/project_config.h"
#include "server/http/router.h"
#include "server/transport/server.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace xshathra::test {

/// A whole transport server on any free port with one project that lets everybody in, and a few routes: GET /health,
/// POST /echo and /api/echo (bound 1000 bytes), POST /later (answered from another thread when releaseLater() is
/// called).
class ServerFixture {
public:
    ServerFixture() : ServerFixture(systemClock()) {}
    explicit ServerFixture(const Clock& serverClock)
        : clock(serverClock), registry(clock, recorder), server({router, registry, recorder, clock, log}) {
        configure([](engine::ProjectConfig&, engine::ChannelLayout&) {});
        router.add({"GET", "/health", http::kRestBodyLimit, [](const http::Request&, http::Responder responder) {
                        responder.send(http::Response::json(200, "{}"));
                    }});
        for (const auto* path : {"/echo", "/api/echo"}) {
            router.add({"POST", path, 1000, [](const http::Request& request, http::Responder responder) {
                            auto response = http::Response::text(200, {});
                            response.body = request.body;
                            responder.send(response);
                        }});
        }
        router.add({"POST", "/later", 1000, [this](const http::Request& request, http::Responder responder) {
                        const std::lock_guard lock(mutex);
                        later.emplace_back(std::string(request.body.view()), std::move(responder));
                        arrived.notify_all();
                    }});
        options.port = 0;
        options.ioThreads = 1;
        options.addresses = {"127.0.0.1"};
    }

    Result<void> start() { return server.start(options); }

    /// Changes the project from its usual state.
    void configure(const std::function<void(engine::ProjectConfig&, engine::ChannelLayout&)>& change) {
        auto project = std::make_shared<engine::ProjectConfig>();
        project->id = "proj_test";
        project->client.insecure = true;
        project->client.allowAnonymousConnectWithoutToken = true;
        engine::ChannelLayout layout;
        layout.withoutNamespace.allowSubscribeForClient = true;
        layout.withoutNamespace.allowSubscribeForAnonymous = true;
        layout.withoutNamespace.allowPublishForClient = true;
        layout.withoutNamespace.allowPublishForAnonymous = true;
        change(*project, layout);
        project->channels = std::make_shared<engine::NamespaceRegistry>(layout);
        auto config = std::make_shared<engine::EngineConfig>();
        config->projects.push_back(project);
        config->defaultProject = "proj_test";
        registry.apply(config);
    }

    /// Waits until `count` requests to /later have come.
    bool awaitLater(std::size_t count) {
        std::unique_lock lock(mutex);
        return arrived.wait_for(lock, Seconds(5), [&] { return later.size() >= count; });
    }
    /// Answers them, on a thread that is none of the server's, in the reverse of their order.
    void releaseLater() {
        std::vector<std::pair<std::string, http::Responder>> taken;
        {
            const std::lock_guard lock(mutex);
            taken.swap(later);
        }
        std::thread([&taken] {
            for (auto it = taken.rbegin(); it != taken.rend(); ++it)
                it->second.send(http::Response::text(200, "later " + it->first));
        }).join();
    }

    static const Clock& systemClock() {
        static const SystemClock clock;
        return clock;
    }

    const Clock& clock;
    Log log{clock};
    capture::Recorder recorder{clock};
    engine::NodeRegistry registry;
    http::Router router;
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<std::pair<std::string, http::Responder>> later;
    transport::ListenOptions options;
    transport::Server server;
};

}  // namespace xshathra::test
