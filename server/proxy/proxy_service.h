#pragma once

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/engine/proxy.h"
#include "server/httpclient/http_client.h"

namespace xshathra::capture {
class Recorder;
}

namespace xshathra::proxy {

/// Asks backends over HTTP as Centrifugo OSS v6.9.1 does (protocol section 23): POST with JSON, 200 expected. Both
/// halves of each call are in the capture as HTTP events; failures are in the log. Thread-safe.
class ProxyService final : public engine::Proxy {
public:
    /// An answer that is longer counts as a failure.
    static constexpr std::size_t kMaxAnswerBytes = std::size_t{4} << 20;

    /// All must outlive the service; clock, recorder and log also the client, whose thread reports to them.
    ProxyService(httpclient::HttpClient& client, const Clock& clock, capture::Recorder& recorder, Log& log);

    std::uint64_t call(engine::ProxyCall call, Done done) override;
    void cancel(std::uint64_t ticket) override;

private:
    httpclient::HttpClient& client_;
    const Clock& clock_;
    capture::Recorder& recorder_;
    Log& log_;
};

}  // namespace xshathra::proxy
