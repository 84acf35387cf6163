#pragma once

#include <string>

namespace xshathra::test {

/// A certificate and its key as PEM texts.
struct Pem {
    std::string certificate;
    std::string key;
};

/// A self-signed certificate for localhost, valid from `begins` to `ends` seconds from the machine's now.
Pem makePem(long begins, long ends, bool elliptic = true, const char* passphrase = nullptr);

}  // namespace xshathra::test
