#pragma once

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/capture/recorder.h"
#include "server/engine/node.h"
#include "server/engine/node_registry.h"
#include "server/services/services.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <memory>
#include <string>

namespace xshathra::test {

/// Services in memory, or in a folder, on a manual clock and with a running engine.
struct ServicesFixture {
    mutable ManualClock clock;
    capture::Recorder recorder{clock};
    engine::NodeRegistry registry{clock, recorder};
    /// How snapshots are built from the next open() on.
    services::BuildOptions build;
    Log log{clock};
    std::unique_ptr<services::Services> services;

    explicit ServicesFixture(const QString& folder = {}, services::BuildOptions options = {}) : build(options) {
        open(folder);
    }

    void open(const QString& folder) {
        services = nullptr;
        services::ServicesOptions options;
        options.dataFolder = folder;
        options.inMemory = folder.isEmpty();
        options.build = build;
        options.log = &log;
        auto opened = services::Services::open(options, clock, &registry);
        if (!opened)
            qFatal("%s", opened.error().message.c_str());
        services = std::move(*opened);
    }
    services::Services* operator->() const { return services.get(); }

    services::ProjectPtr first() const { return services->projects().list().front(); }
    services::ProjectPtr create(const std::string& name,
                                services::Environment environment = services::Environment::Development) const {
        // Projects of one millisecond stand in no particular order.
        clock.advance(Milliseconds(1));
        services::NewProject project;
        project.name = name;
        project.environment = environment;
        auto created = services->projects().create(project).result();
        if (!created)
            qFatal("%s", created.error().message.c_str());
        return *created;
    }
    std::string key(const services::ProjectPtr& project, auth::KeyKind kind = auth::KeyKind::Server) const {
        const auto secret = services->projects().revealKey(project->id, kind).result();
        return secret ? std::string(secret->expose()) : std::string();
    }
};

}  // namespace xshathra::test
