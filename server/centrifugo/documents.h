#pragma once

#include "server/auth/key_source.h"
#include "server/auth/token_options.h"
#include "server/base/clock.h"
#include "server/centrifugo/document.h"
#include "server/services/project_document.h"

#include <memory>
#include <utility>

namespace xshathra::centrifugo {

/// Lets the services build projects from stored configurations.
class Documents final : public services::ProjectDocuments {
public:
    struct Options {
        /// Tokens are only those of the configuration, as in Centrifugo. Off: where it has no keys for a kind of token
        /// and asks for signatures, the product's own are accepted.
        bool strictTokens = false;
        /// Gives the keys of JWKS endpoints; null: such tokens are invalid.
        std::shared_ptr<auth::KeySource> keys = {};
    };

    /// `clock` must outlive the documents and what they build.
    Documents(const Clock& clock, Environment variables, Options options)
        : clock_(clock), variables_(std::move(variables)), options_(std::move(options)) {}

    Result<void> apply(std::string_view document, services::Project& project, engine::ProjectConfig& engine,
                       engine::ChannelLayout& layout) const override;

private:
    /// Verifiers and signers, for each of the two kinds of token where the configuration has something to say.
    Result<void> applyTokens(const auth::ClientTokenOptions& tokens, services::Project& project,
                             engine::ProjectConfig& engine) const;

    const Clock& clock_;
    const Environment variables_;
    const Options options_;
};

}  // namespace xshathra::centrifugo
