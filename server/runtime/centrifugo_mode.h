#pragma once

#include "server/auth/key_source.h"
#include "server/base/clock.h"
#include "server/centrifugo/documents.h"
#include "server/centrifugo/loader.h"
#include "server/runtime/endpoints.h"
#include "server/services/services.h"
#include "server/transport/options.h"

#include <memory>

namespace xshathra::http {
class Router;
}

namespace xshathra::runtime {

/// What is different when a Centrifugo configuration is run: one project in memory, Centrifugo's addresses, paths and
/// rules.
class CentrifugoMode {
public:
    /// `clock` must outlive it and the services. `keys` gives the keys of JWKS endpoints.
    CentrifugoMode(centrifugo::Loaded loaded, const Clock& clock, std::shared_ptr<auth::KeySource> keys);

    /// Makes the services hold that project alone.
    void applyTo(services::ServicesOptions& options) const;
    /// Addresses, port, TLS, endpoints and limits, where neither a flag nor a variable says otherwise.
    void applyTo(transport::ListenOptions& options, const services::SettingsService& settings) const;
    /// The health endpoint, and the answer to unknown paths.
    void addTo(http::Router& router) const;
    /// The port to listen on.
    std::uint16_t port(const services::SettingsService& settings) const;
    void applyTo(Endpoints& endpoints) const;

    const centrifugo::Configuration& configuration() const { return loaded_.configuration; }

private:
    centrifugo::Loaded loaded_;
    centrifugo::Documents documents_;
};

}  // namespace xshathra::runtime
