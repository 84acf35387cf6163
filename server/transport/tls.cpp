#include "server/transport/tls.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace xshathra::transport {

namespace {

constexpr std::int64_t kWarnBeforeEnd = std::int64_t{14} * 24 * 3600;

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// Keeps OpenSSL from asking for a passphrase on the terminal.
int noPassphrase(char*, int, int, void*) { return 0; }

Unexpected<Error> wrong(const char* field, std::string text) { return fail("tls", std::move(text), field); }

bool isPemText(const std::string& value) { return value.find("-----BEGIN ") != std::string::npos; }

/// How errors name it: a key that is given as text must not stand in them.
std::string nameOf(const std::string& value) { return isPemText(value) ? std::string("given as text") : value; }

Result<QByteArray> readFile(const std::string& path, const char* field, const char* what) {
    if (isPemText(path))
        return QByteArray::fromStdString(path);
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return wrong(field, std::string("The TLS ") + what + " " + path +
                                " can't be read: " + file.errorString().toStdString() + ".");
    return file.readAll();
}

std::int64_t unixTime(const ASN1_TIME* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(::timegm(&parts)) : 0;
}

std::string dateText(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    char text[32]{};
    if (::gmtime_r(&time, &parts) != nullptr)
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
    return text;
}

}  // namespace

Result<TlsIdentity> loadTlsIdentity(const std::string& certificateSource, const std::string& keySource,
                                    const Clock& clock) {
    constexpr const char* kCertificate = "certificate";
    constexpr const char* kKey = "privateKey";
    if (!QSslSocket::supportsSsl())
        return wrong(kCertificate, "This system's Qt has no TLS support.");
    auto certificatePem = readFile(certificateSource, kCertificate, "certificate");
    if (!certificatePem)
        return Unexpected(certificatePem.error());
    auto keyPem = readFile(keySource, kKey, "key");
    if (!keyPem)
        return Unexpected(keyPem.error());

    const Owned<BIO> certificateBio(
        BIO_new_mem_buf(certificatePem->constData(), static_cast<int>(certificatePem->size())));
    const Owned<X509> certificate(PEM_read_bio_X509(certificateBio.get(), nullptr, noPassphrase, nullptr));
    if (!certificate)
        return wrong(kCertificate, "The file " + nameOf(certificateSource) + " holds no PEM certificate.");
    if (keyPem->contains("ENCRYPTED"))
        return wrong(kKey, "The key " + nameOf(keySource) + " is encrypted; give one without a passphrase.");
    const Owned<BIO> keyBio(BIO_new_mem_buf(keyPem->constData(), static_cast<int>(keyPem->size())));
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(keyBio.get(), nullptr, noPassphrase, nullptr));
    if (!key)
        return wrong(kKey, "The file " + nameOf(keySource) + " holds no PEM private key.");
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        return wrong(kKey, "The key " + nameOf(keySource) + " does not belong to the certificate " +
                               nameOf(certificateSource) + ".");

    const std::int64_t now = clock.wallSeconds();
    const std::int64_t begins = unixTime(X509_get0_notBefore(certificate.get()));
    const std::int64_t ends = unixTime(X509_get0_notAfter(certificate.get()));
    if (now >= ends)
        return wrong(kCertificate,
                     "The certificate " + nameOf(certificateSource) + " ended on " + dateText(ends) + ".");
    if (now < begins)
        return wrong(kCertificate,
                     "The certificate " + nameOf(certificateSource) + " is not valid before " + dateText(begins) + ".");

    QSsl::KeyAlgorithm algorithm = QSsl::Rsa;
    switch (EVP_PKEY_get_base_id(key.get())) {
        case EVP_PKEY_RSA: break;
        case EVP_PKEY_EC: algorithm = QSsl::Ec; break;
        default: return wrong(kKey, "The key " + nameOf(keySource) + " is neither an RSA nor an EC key.");
    }
    const QSslKey qtKey(*keyPem, algorithm, QSsl::Pem, QSsl::PrivateKey);
    const auto chain = QSslCertificate::fromData(*certificatePem, QSsl::Pem);
    if (qtKey.isNull() || chain.isEmpty())
        return wrong(kKey, "Qt can't use the certificate " + nameOf(certificateSource) + " with the key " +
                               nameOf(keySource) + ".");

    TlsIdentity identity;
    identity.expiresAt = ends;
    identity.configuration = QSslConfiguration::defaultConfiguration();
    identity.configuration.setLocalCertificateChain(chain);
    identity.configuration.setPrivateKey(qtKey);
    identity.configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
    identity.configuration.setProtocol(QSsl::TlsV1_2OrLater);
    if (ends - now < kWarnBeforeEnd)
        identity.warnings.push_back("The TLS certificate " + nameOf(certificateSource) + " ends on " + dateText(ends) +
                                    ".");
    const auto permissions = QFile::permissions(QString::fromStdString(keySource));
    if (permissions & (QFile::ReadGroup | QFile::ReadOther))
        identity.warnings.push_back("The TLS key " + nameOf(keySource) +
                                    " can be read by other users; give it mode 0600.");
    return identity;
}

}  // namespace xshathra::transport
