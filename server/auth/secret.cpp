#include "server/auth/secret.h"

#include "server/auth/digest.h"

#include <openssl/crypto.h>

#include <utility>

namespace xshathra::auth {

void cleanse(std::string& text) noexcept {
    // The whole capacity, since a text that was shortened leaves its tail behind.
    if (text.capacity() > 0) {
        OPENSSL_cleanse(text.data(), text.size());
        text.resize(text.capacity());
        OPENSSL_cleanse(text.data(), text.size());
    }
    text.clear();
}

void Secret::cleanse() noexcept { auth::cleanse(value_); }

Secret::~Secret() { cleanse(); }

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        cleanse();
        value_ = other.value_;
    }
    return *this;
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
    // A short text is copied by the move and would stay behind.
    other.cleanse();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        cleanse();
        value_ = std::move(other.value_);
        other.cleanse();
    }
    return *this;
}

bool Secret::equals(std::string_view other) const { return equalDigests(sha256(value_), sha256(other)); }

}  // namespace xshathra::auth
