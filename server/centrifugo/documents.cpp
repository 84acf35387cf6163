#include "server/centrifugo/documents.h"

#include "server/auth/api_key.h"
#include "server/centrifugo/configuration.h"
#include "server/centrifugo/format.h"

#include <memory>
#include <string>
#include <utility>

namespace xshathra::centrifugo {

namespace {

bool hasKeys(const auth::TokenOptions& tokens) {
    return !tokens.hmacSecretKey.empty() || !tokens.rsaPublicKey.empty() || !tokens.ecdsaPublicKey.empty() ||
           !tokens.jwksPublicEndpoint.empty();
}

/// How to mint tokens that a verifier with these options accepts. `prefix` names the options.
services::TokenSigning signingFor(const auth::TokenOptions& tokens, const std::string& prefix, bool anySignature) {
    const auto refuse = [&prefix](const std::string& what) {
        return services::TokenSigning{nullptr, "Tokens of this project can't be minted here: " + prefix + what};
    };
    // A regular expression can't be turned into a text that it matches.
    if (!tokens.audienceRegex.empty())
        return refuse(".audience_regex asks for an aud that only the tokens' own backend knows.");
    if (!tokens.issuerRegex.empty())
        return refuse(".issuer_regex asks for an iss that only the tokens' own backend knows.");
    if (!anySignature) {
        if (!tokens.jwksPublicEndpoint.empty())
            return refuse(".jwks_public_endpoint gives public keys alone; the private key isn't here.");
        if (tokens.hmacSecretKey.empty() && hasKeys(tokens))
            return refuse(" has a public key alone; the private key isn't here.");
        if (tokens.hmacSecretKey.empty())
            return refuse(" has no key, so that no token is accepted.");
    }
    auth::SignerOptions options;
    options.secret = tokens.hmacSecretKey.empty() ? auth::makeHmacSecret() : tokens.hmacSecretKey;
    options.audience = tokens.audience;
    options.issuer = tokens.issuer;
    if (!tokens.userIdClaim.empty())
        options.userIdClaim = tokens.userIdClaim;
    return {std::make_shared<const auth::TokenSigner>(std::move(options)), {}};
}

}  // namespace

Result<void> Documents::applyTokens(const auth::ClientTokenOptions& tokens, services::Project& project,
                                    engine::ProjectConfig& engine) const {
    const bool anySignature = tokens.insecureSkipTokenSignatureVerify;
    const auto judges = [&](const auth::TokenOptions& one) {
        return options_.strictTokens || anySignature || hasKeys(one);
    };
    const bool connections = judges(tokens.token);
    const bool subscriptions = tokens.subscriptionTokenEnabled && judges(tokens.subscriptionToken);
    auto verifiers = connections || subscriptions ? auth::makeVerifiers(clock_, tokens, options_.keys)
                                                  : Result<auth::TokenVerifiers>(auth::TokenVerifiers());
    if (!verifiers)
        return fail("invalid_config", verifiers.error().message, verifiers.error().field);
    const auto common = engine.tokenVerifier;
    if (connections) {
        engine.tokenVerifier = std::move(verifiers->connection);
        project.connectionTokens = signingFor(tokens.token, "client.token", anySignature);
        project.subscriptionTokens = project.connectionTokens;
    }
    if (subscriptions) {
        engine.subscriptionTokenVerifier = std::move(verifiers->subscription);
        project.subscriptionTokens = signingFor(tokens.subscriptionToken, "client.subscription_token", anySignature);
    } else if (tokens.subscriptionTokenEnabled) {
        engine.subscriptionTokenVerifier = common;
        project.subscriptionTokens = {};
    }
    return {};
}

Result<void> Documents::apply(std::string_view document, services::Project& project, engine::ProjectConfig& engine,
                              engine::ChannelLayout& layout) const {
    const auto stored = parseJson(document);
    if (!stored)
        return Unexpected<Error>(stored.error());
    Document options;
    options.addFile(*stored);
    auto faults = options.faults();
    auto configuration = Configuration::read(options.options(), variables_, faults);
    if (!faults.empty()) {
        // The line of what is stored, which nobody has seen.
        faults.front().line = 0;
        return fail("invalid_config", faults.front().toString(), faults.front().path);
    }

    configuration.channels.withoutNamespace = std::move(layout.withoutNamespace);
    configuration.channels.namespaces = std::move(layout.namespaces);
    layout = configuration.layoutForEngine();

    const bool allowAnonymous = engine.client.allowAnonymousConnectWithoutToken;
    engine.client = configuration.clientForEngine();
    engine.client.allowAnonymousConnectWithoutToken = allowAnonymous;
    engine.proxies = configuration.proxiesForEngine();
    engine.sharedPoll = configuration.sharedPoll;
    if (auto done = applyTokens(configuration.tokens, project, engine); !done)
        return done;
    if (!configuration.apiKey.empty())
        project.serverApi.keyHash = auth::sha256(configuration.apiKey.expose());
    project.serverApi.insecure = configuration.apiInsecure;
    project.serverApi.transportErrors = configuration.apiErrorMode == "transport";
    return {};
}

}  // namespace xshathra::centrifugo
