#include "server/centrifugo/documents.h"

#include "server/auth/api_key.h"
#include "server/centrifugo/configuration.h"
#include "server/centrifugo/format.h"

namespace xshathra::centrifugo {

namespace {

bool hasKeys(const auth::TokenOptions& tokens) {
    return !tokens.hmacSecretKey.empty() || !tokens.rsaPublicKey.empty() || !tokens.ecdsaPublicKey.empty() ||
           !tokens.jwksPublicEndpoint.empty();
}

}  // namespace

Result<void> Documents::apply(std::string_view document, services::Project& project, engine::ProjectConfig& engine,
                              engine::ChannelLayout& layout) const {
    const auto stored = parseJson(document);
    if (!stored)
        return Unexpected<Error>(stored.error());
    Document options;
    options.addFile(*stored);
    auto faults = options.faults();
    auto configuration = Configuration::read(options.options(), variables_, faults);
    if (!faults.empty())
        return fail("invalid_config", faults.front().toString(), faults.front().path);

    configuration.channels.withoutNamespace = std::move(layout.withoutNamespace);
    configuration.channels.namespaces = std::move(layout.namespaces);
    layout = configuration.layoutForEngine();

    const bool allowAnonymous = engine.client.allowAnonymousConnectWithoutToken;
    engine.client = configuration.clientForEngine();
    engine.client.allowAnonymousConnectWithoutToken = allowAnonymous;
    engine.proxies = configuration.proxiesForEngine();
    engine.sharedPoll = configuration.sharedPoll;
    const auto& tokens = configuration.tokens;
    if (options_.strictTokens || hasKeys(tokens.token)) {
        auto verifiers = auth::makeVerifiers(clock_, tokens, options_.keys);
        if (!verifiers)
            return fail("invalid_config", verifiers.error().message, verifiers.error().field);
        engine.tokenVerifier = std::move(verifiers->connection);
        engine.subscriptionTokenVerifier = std::move(verifiers->subscription);
        if (!tokens.token.hmacSecretKey.empty())
            project.signer = std::make_shared<const auth::TokenSigner>(tokens.token.hmacSecretKey);
    }
    if (!configuration.apiKey.empty())
        project.serverApi.keyHash = auth::sha256(configuration.apiKey.expose());
    project.serverApi.insecure = configuration.apiInsecure;
    project.serverApi.transportErrors = configuration.apiErrorMode == "transport";
    return {};
}

}  // namespace xshathra::centrifugo
