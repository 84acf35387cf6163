#pragma once

#include "server/auth/key_source.h"
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
        /// Tokens are only those of the configuration, as in Centrifugo. Off: where it has no keys, the product's own
        /// tokens are accepted.
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
    const Clock& clock_;
    const Environment variables_;
    const Options options_;
};

}  // namespace xshathra::centrifugo
