#include "server/proxy/key_fetcher.h"

#include "server/auth/jwks.h"

#include <string>
#include <utility>

namespace xshathra::proxy {

auth::JwksStore::Fetcher makeKeyFetcher(httpclient::HttpClient& client, Log& log) {
    return [&client, &log](const std::string& url, auth::JwksStore::Answer answer) {
        httpclient::Request request;
        request.url = url;
        request.timeout = kKeySetTimeout;
        request.maxBodyBytes = auth::kMaxJwksBytes;
        request.maxRedirects = kKeySetRedirects;
        // The time in libcurl's text differs with each failure, and so can't say which of them are alike.
        const auto failed = [&log, shown = httpclient::displayUrl(url)](const std::string& kind,
                                                                        const std::string& why) {
            auto text = "The key set of " + shown + " can't be had: " + why;
            log.writeLimited(LogLevel::Warn, "auth", "key set " + shown + ' ' + kind, text);
            return fail("unreachable", std::move(text));
        };
        client.send(std::move(request), [answer = std::move(answer),
                                         failed](Expected<httpclient::Response, httpclient::Failure> response) {
            if (!response && response.error().kind == httpclient::Failure::Kind::Stopped)
                return answer(fail("stopped", response.error().text));
            if (!response)
                return answer(failed(std::string(httpclient::toString(response.error().kind)), response.error().text));
            if (response->status != 200) {
                const auto status = "status " + std::to_string(response->status);
                return answer(failed(status, status + " instead of 200."));
            }
            answer(std::string(response->body.view()));
        });
    };
}

}  // namespace xshathra::proxy
