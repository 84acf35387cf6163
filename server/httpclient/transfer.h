#pragma once

#include "server/httpclient/http_client.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <curl/curl.h>
#include <memory>
#include <optional>
#include <string>

namespace xshathra::httpclient {

/// One request on its way, as libcurl sees it. Lives on the client's thread.
class Transfer {
public:
    Transfer(std::uint64_t id, Request request, HttpClient::Done done);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    std::uint64_t id() const { return id_; }
    /// `scheme://host:port` of the URL, lower case, the scheme's port filled in; empty where it is none.
    const std::string& origin();
    /// What is left of the request's time, rounded up so that it never ends early; it runs from the construction on.
    Milliseconds left() const { return std::chrono::ceil<Milliseconds>(deadline_ - std::chrono::steady_clock::now()); }
    /// Makes the handle. A request that can't be sent gives a failure instead.
    std::optional<Failure> prepare();
    CURL* handle() const { return handle_.get(); }
    HttpClient::Done takeDone() { return std::move(done_); }
    /// What came of it.
    Expected<Response, Failure> finish(CURLcode result);

private:
    struct Cleanup {
        void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    std::optional<Failure> applyHeaders();
    std::optional<Failure> applyTls();
    static std::size_t onBody(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* self);

    const std::uint64_t id_;
    Request request_;
    const std::chrono::steady_clock::time_point deadline_;
    HttpClient::Done done_;
    std::optional<std::string> origin_;
    std::unique_ptr<CURL, Cleanup> handle_;
    std::unique_ptr<curl_slist, Cleanup> headers_;
    std::unique_ptr<curl_slist, Cleanup> connectTo_;
    std::string hostHeader_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    Response response_;
    std::string body_;
    bool tooLarge_ = false;
};

}  // namespace xshathra::httpclient
