#pragma once

#include "server/auth/jwks_store.h"
#include "server/base/log.h"
#include "server/httpclient/http_client.h"

namespace xshathra::proxy {

/// How long one try to get a key set may take, as in Centrifugo.
inline constexpr Milliseconds kKeySetTimeout{1'000};
/// Redirects that are followed to a key set, as Go's client does.
inline constexpr int kKeySetRedirects = 10;

/// Gets key sets for an auth::JwksStore by HTTP. Failures go to the log. `client` and `log` must outlive what it has
/// under way.
auth::JwksStore::Fetcher makeKeyFetcher(httpclient::HttpClient& client, Log& log);

}  // namespace xshathra::proxy
