#include "server/runtime/centrifugo_mode.h"

#include "server/http/router.h"

#include <QHostAddress>
#include <QString>

#include <algorithm>
#include <string>
#include <utility>

namespace xshathra::runtime {

namespace {

constexpr auto kProjectName = "Centrifugo";

/// Whether this run says a setting itself.
bool isGiven(const services::SettingsService& settings, const char* name) {
    return settings.value(QString::fromLatin1(name)).source != services::SettingSource::Default;
}

bool isLoopback(const std::string& address) { return QHostAddress(QString::fromStdString(address)).isLoopback(); }

}  // namespace

CentrifugoMode::CentrifugoMode(centrifugo::Loaded loaded, const Clock& clock, std::shared_ptr<auth::KeySource> keys)
    : loaded_(std::move(loaded)),
      documents_(clock, centrifugo::environmentOfProcess(), {.strictTokens = true, .keys = std::move(keys)}) {}

void CentrifugoMode::applyTo(services::ServicesOptions& options) const {
    options.inMemory = true;
    options.build.documents = &documents_;
    options.build.firstIsDefault = true;
    options.build.staleCloseDelay = configuration().staleCloseDelay;
    options.firstProject = centrifugo::projectFor(loaded_, kProjectName);
}

void CentrifugoMode::applyTo(transport::ListenOptions& options, const services::SettingsService& settings) const {
    const auto& http = configuration().http;
    options.port = port(settings);
    if (!isGiven(settings, "server.bind") && !http.address.empty() && http.address != "localhost")
        options.addresses = {http.address};
    if (!isGiven(settings, "server.tlsCertificate") && http.tls.enabled) {
        options.certificate = centrifugo::loadPem(http.tls.certPem).value_or(std::string());
        options.privateKey = centrifugo::loadPem(http.tls.keyPem.expose()).value_or(std::string());
    }
    options.endpoints = configuration().endpoints;
    options.endpoints.webSocket.enabled = !configuration().webSocketDisabled;
    // Centrifugo looks at no Host, and is reached under names unknown to it where it listens to other machines. On this
    // machine alone there are no such names but those of pages that let theirs point here; by the Origin they are the
    // server's own pages.
    options.guard.anyHost = !std::all_of(options.addresses.begin(), options.addresses.end(), isLoopback);
    // At the Origin it looks by these patterns alone.
    options.guard.allowLoopbackOrigins = false;
    options.guard.originPatterns = configuration().allowedOrigins;
    options.limits.writeTimeout = configuration().writeTimeout;
    options.connections.total = configuration().client.connectionLimit;
    options.connections.perSecond = configuration().connectionRateLimit;
}

std::uint16_t CentrifugoMode::port(const services::SettingsService& settings) const {
    return isGiven(settings, "server.port") ? settings.settings().port : configuration().http.port;
}

void CentrifugoMode::addTo(http::Router& router) const {
    if (configuration().healthEnabled)
        router.add({"GET", configuration().healthPath, http::kRestBodyLimit,
                    [](const http::Request&, const http::Responder& responder) {
                        responder.send(http::Response::json(200, "{}"));
                    }});
    router.setNotFound([](std::string_view) { return http::Response::text(404, "404 page not found\n"); });
}

void CentrifugoMode::applyTo(Endpoints& endpoints) const {
    const auto path = [&endpoints](const std::string& prefix) {
        return endpoints.origin + QString::fromStdString(prefix);
    };
    endpoints.webSocket.truncate(endpoints.webSocket.indexOf(QStringLiteral("/realtime/")));
    endpoints.webSocket += QString::fromStdString(configuration().endpoints.webSocket.path);
    endpoints.publish = path(configuration().apiRoutes.prefix) + QStringLiteral("/publish");
    endpoints.health = path(configuration().healthPath);
    endpoints.token.clear();
    endpoints.subscriptionToken.clear();
}

}  // namespace xshathra::runtime
