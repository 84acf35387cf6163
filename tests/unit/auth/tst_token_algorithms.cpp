#include "server/auth/base64.h"
#include "server/auth/jwt.h"
#include "server/auth/public_key.h"
#include "tests/support/key_pair.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <map>
#include <string>

using namespace xshathra;
using namespace xshathra::auth;
using namespace xshathra::test;

namespace {

using Kind = PublicKey::Kind;

const std::string kClaims = "{\"sub\":\"user_1\",\"exp\":1767226500}";

/// One pair of each kind for the whole program: making RSA keys takes its time.
const KeyPair& pairOf(Kind kind) {
    static std::map<Kind, KeyPair> pairs;
    auto found = pairs.find(kind);
    if (found == pairs.end())
        found = pairs.emplace(kind, KeyPair::make(kind)).first;
    return found->second;
}

Kind kindOf(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::ES256: return Kind::P256;
        case Algorithm::ES384: return Kind::P384;
        case Algorithm::ES512: return Kind::P521;
        case Algorithm::EdDSA: return Kind::Ed25519;
        default: return Kind::Rsa;
    }
}

constexpr Algorithm kPublicAlgorithms[] = {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::ES256,
                                           Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA};
constexpr Algorithm kSecretAlgorithms[] = {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512};

TokenVerifier verifierWith(const ManualClock& clock, VerificationKeys keys) {
    VerifierOptions options;
    options.rules = TokenRules::Centrifugo;
    options.requireExpiry = false;
    options.keys = std::move(keys);
    return {clock, options};
}

std::string bytes(const char* text) { return decodeBase64Url(text).value(); }

std::string told(const Verification<ConnectClaims>& result) {
    return result.outcome ? "accepted"
                          : std::string(toString(result.outcome.error().kind)) + ": " + result.outcome.error().detail;
}

}  // namespace

class TokenAlgorithmsTest : public QObject {
    Q_OBJECT

    ManualClock clock_;

    void addAlgorithms(bool secrets) {
        QTest::addColumn<int>("algorithm");
        for (const auto algorithm : kPublicAlgorithms)
            QTest::newRow(std::string(toString(algorithm)).c_str()) << int(algorithm);
        if (secrets) {
            for (const auto algorithm : kSecretAlgorithms)
                QTest::newRow(std::string(toString(algorithm)).c_str()) << int(algorithm);
        }
    }

private Q_SLOTS:
    void namesAreExact() {
        for (const auto algorithm : kPublicAlgorithms)
            QVERIFY(algorithmFromString(toString(algorithm)) == algorithm);
        for (const char* name : {"", "none", "hs256", "HS256 ", "PS256", "ES256K", "EdDsa", "RS1"})
            QVERIFY2(!algorithmFromString(name), name);
    }

    void verifiesWhatTheKeyHasSigned_data() { addAlgorithms(false); }
    void verifiesWhatTheKeyHasSigned() {
        QFETCH(int, algorithm);
        const auto one = static_cast<Algorithm>(algorithm);
        const auto& pair = pairOf(kindOf(one));
        const auto key = PublicKey::fromPem(pair.pem());
        QVERIFY(key.has_value());
        QCOMPARE(int(key->kind()), int(kindOf(one)));
        VerificationKeys keys;
        keys.addPublic(*key, "public key");
        const auto verifier = verifierWith(clock_, keys);
        const auto token = pair.token(one, kClaims);
        const auto result = verifier.verifyConnection(token);
        QVERIFY2(result.outcome.has_value(), told(result).c_str());
        QCOMPARE(result.outcome->user, std::string("user_1"));

        for (std::size_t at = token.rfind('.') + 1; at < token.size(); at += 7) {
            auto changed = token;
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            QVERIFY2(!verifier.verifyConnection(changed).outcome, std::to_string(at).c_str());
        }
        const auto cut = verifier.verifyConnection(token.substr(0, token.size() - 4));
        QCOMPARE(told(cut).substr(0, 9), std::string("signature"));
        const auto none = verifier.verifyConnection(token.substr(0, token.rfind('.') + 1));
        QCOMPARE(told(none), std::string("signature: The token's signature is not valid: no signature."));
        const auto stranger = KeyPair::make(kindOf(one)).token(one, kClaims);
        QCOMPARE(told(verifier.verifyConnection(stranger)).substr(0, 9), std::string("signature"));
    }

    void verifiesSecretsOfAnyLength_data() {
        QTest::addColumn<int>("algorithm");
        QTest::addColumn<int>("length");
        for (const auto algorithm : kSecretAlgorithms) {
            for (const int length : {1, 32, 64, 65, 128, 129, 5000})
                QTest::addRow("%s, %d bytes", toString(algorithm).data(), length) << int(algorithm) << length;
        }
    }
    void verifiesSecretsOfAnyLength() {
        QFETCH(int, algorithm);
        QFETCH(int, length);
        const std::string secret(static_cast<std::size_t>(length), 's');
        VerificationKeys keys;
        keys.addHmac(Secret(secret), "secret");
        const auto verifier = verifierWith(clock_, keys);
        const auto token = hmacToken(static_cast<Algorithm>(algorithm), secret, kClaims);
        QVERIFY(verifier.verifyConnection(token).outcome.has_value());
        const auto other = hmacToken(static_cast<Algorithm>(algorithm), secret + "x", kClaims);
        QCOMPARE(told(verifier.verifyConnection(other)).substr(0, 9), std::string("signature"));
    }

    /// The header's algorithm can't make a key serve for what it isn't.
    void keysServeTheirOwnAlgorithmsOnly_data() { addAlgorithms(true); }
    void keysServeTheirOwnAlgorithmsOnly() {
        QFETCH(int, algorithm);
        const auto claimed = static_cast<Algorithm>(algorithm);
        for (const auto kind : {Kind::Rsa, Kind::P256, Kind::P384, Kind::P521, Kind::Ed25519}) {
            const auto pem = pairOf(kind).pem();
            const auto key = PublicKey::fromPem(pem);
            VerificationKeys keys;
            keys.addPublic(*key, "public key");
            const auto verifier = verifierWith(clock_, keys);
            if (isSymmetric(claimed)) {
                // The public key, which everybody knows, taken for the secret.
                for (const auto& secret : {pem, pem.substr(0, pem.size() - 1)}) {
                    const auto result = verifier.verifyConnection(hmacToken(claimed, secret, kClaims));
                    QCOMPARE(told(result).substr(0, 9), std::string("algorithm"));
                }
            } else if (kind != kindOf(claimed)) {
                const auto result = verifier.verifyConnection(pairOf(kindOf(claimed)).token(claimed, kClaims));
                QCOMPARE(told(result).substr(0, 9), std::string("algorithm"));
                QVERIFY(!key->verifies(claimed, "text", pairOf(kindOf(claimed)).sign(claimed, "text")));
            }
        }
    }

    void aKeyListedForAnotherAlgorithmIsNotUsed() {
        // A mistake in the program, not in a token: the kind of the key has the last word.
        const auto& pair = pairOf(Kind::Rsa);
        VerificationKeys keys;
        keys.keys.push_back({Algorithm::HS256, Secret(), "wrong", std::nullopt, *PublicKey::fromPem(pair.pem())});
        keys.keys.push_back({Algorithm::ES256, Secret("s"), "wrong", std::nullopt, *PublicKey::fromPem(pair.pem())});
        const auto verifier = verifierWith(clock_, keys);
        QVERIFY(!verifier.verifyConnection(hmacToken(Algorithm::HS256, pair.pem(), kClaims)).outcome);
        QVERIFY(!verifier.verifyConnection(hmacToken(Algorithm::HS256, "", kClaims)).outcome);
        QVERIFY(!verifier.verifyConnection(pairOf(Kind::P256).token(Algorithm::ES256, kClaims)).outcome);
    }

    void refusesPssAndNone_data() {
        QTest::addColumn<QByteArray>("header");
        for (const char* name : {"PS256", "PS384", "PS512", "none", "NONE", "", "RS1", "ES256K", "Ed25519", "HS1"})
            QTest::newRow(name[0] == '\0' ? "empty" : name) << QByteArray("{\"alg\":\"") + name + "\"}";
        QTest::newRow("absent") << QByteArray("{\"typ\":\"JWT\"}");
        QTest::newRow("a number") << QByteArray("{\"alg\":256}");
    }
    void refusesPssAndNone() {
        QFETCH(QByteArray, header);
        VerificationKeys keys;
        keys.addHmac(Secret("secret"), "secret");
        keys.addPublic(*PublicKey::fromPem(pairOf(Kind::Rsa).pem()), "public key");
        const auto text = encodeBase64Url(header.toStdString()) + '.' + encodeBase64Url(kClaims);
        for (const auto& signature :
             {std::string(), pairOf(Kind::Rsa).sign(Algorithm::RS256, text), std::string(32, '\0')}) {
            const auto result = verifierWith(clock_, keys).verifyConnection(text + '.' + encodeBase64Url(signature));
            QCOMPARE(told(result).substr(0, 9), std::string("algorithm"));
        }
    }

    void checksTheExampleOfRfc7515WithRs256() {
        // Appendix A.2.
        const auto key = PublicKey::rsa(
            bytes("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-"
                  "yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"
                  "KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
                  "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"),
            bytes("AQAB"));
        QVERIFY(key.has_value());
        const std::string text =
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const auto signature = bytes(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
            "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl"
            "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU"
            "TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
        QVERIFY(key->verifies(Algorithm::RS256, text, signature));
        QVERIFY(!key->verifies(Algorithm::RS384, text, signature));
        QVERIFY(!key->verifies(Algorithm::RS256, text + "x", signature));
    }

    void checksTheExampleOfRfc7515WithEs256() {
        // Appendix A.3.
        const auto key = PublicKey::ec(Kind::P256, bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                       bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
        QVERIFY(key.has_value());
        const std::string text =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const auto signature =
            bytes("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
        QVERIFY(key->verifies(Algorithm::ES256, text, signature));
        QVERIFY(!key->verifies(Algorithm::ES256, text, signature.substr(1)));
        QVERIFY(!key->verifies(Algorithm::ES256, text, std::string(64, '\0')));
    }

    void checksTheExampleOfRfc7515WithEs512() {
        // Appendix A.4.
        const auto key = PublicKey::ec(
            Kind::P521,
            bytes("AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk"),
            bytes("ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"));
        QVERIFY(key.has_value());
        const auto signature = bytes(
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0"
            "aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBX"
            "ukOXolLzeO_Jn");
        QVERIFY(key->verifies(Algorithm::ES512, "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA", signature));
    }

    void checksTheExampleOfRfc8037WithEdDsa() {
        // Appendix A.4, with the key of A.2.
        const auto key = PublicKey::ed25519(bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
        QVERIFY(key.has_value());
        const auto signature =
            bytes("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
        QVERIFY(key->verifies(Algorithm::EdDSA, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", signature));
        QVERIFY(!key->verifies(Algorithm::EdDSA, "eyJhbGciOiJFZERTQSJ9.x", signature));
    }

    void readsPemAndCertificates_data() {
        QTest::addColumn<int>("kind");
        for (const auto kind : {Kind::Rsa, Kind::P256, Kind::P384, Kind::P521, Kind::Ed25519})
            QTest::newRow(std::string(describe(kind)).c_str()) << int(kind);
    }
    void readsPemAndCertificates() {
        QFETCH(int, kind);
        const auto& pair = pairOf(static_cast<Kind>(kind));
        for (const auto& pem : {pair.pem(), pair.certificate(), "Text in front.\n" + pair.pem() + "Text behind."}) {
            const auto key = PublicKey::fromPem(pem);
            QVERIFY2(key.has_value(), key ? "" : key.error().message.c_str());
            QCOMPARE(int(key->kind()), kind);
        }
        const auto pem = pair.pem();
        const auto firstLine = pem.find('\n');
        for (const auto& damaged : {std::string(), std::string("key"), pem.substr(0, pem.size() / 2),
                                    pem.substr(0, firstLine + 1) + pem.substr(firstLine + 5)})
            QVERIFY(!PublicKey::fromPem(damaged));
    }

    void boundsTheLengthOfRsaKeys_data() {
        QTest::addColumn<int>("bits");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("1023") << 1023 << false;
        QTest::newRow("1024") << 1024 << true;
        QTest::newRow("1025") << 1025 << true;
    }
    void boundsTheLengthOfRsaKeys() {
        QFETCH(int, bits);
        QFETCH(bool, accepted);
        QCOMPARE(PublicKey::fromPem(KeyPair::make(Kind::Rsa, bits).pem()).has_value(), accepted);
    }

    void boundsTheLengthOfRsaNumbers_data() {
        QTest::addColumn<int>("modulusBits");
        QTest::addColumn<int>("exponentBits");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("longest modulus") << 16384 << 17 << true;
        QTest::newRow("too long modulus") << 16385 << 17 << false;
        QTest::newRow("longest exponent") << 2048 << 31 << true;
        QTest::newRow("too long exponent") << 2048 << 32 << false;
        QTest::newRow("no exponent") << 2048 << 0 << false;
        QTest::newRow("no modulus") << 0 << 17 << false;
    }
    void boundsTheLengthOfRsaNumbers() {
        QFETCH(int, modulusBits);
        QFETCH(int, exponentBits);
        QFETCH(bool, accepted);
        const auto ofBits = [](int bits) {
            if (bits == 0)
                return std::string();
            std::string number(static_cast<std::size_t>((bits + 7) / 8), '\xff');
            number[0] = static_cast<char>((1U << ((bits - 1) % 8 + 1)) - 1);
            return number;
        };
        QCOMPARE(PublicKey::rsa(ofBits(modulusBits), ofBits(exponentBits)).has_value(), accepted);
    }

    void refusesPointsThatAreNotOnTheCurve() {
        const auto x = bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        auto y = bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        QVERIFY(PublicKey::ec(Kind::P256, x, y));
        QVERIFY(!PublicKey::ec(Kind::P384, x, y));
        QVERIFY(!PublicKey::ec(Kind::P256, x, y.substr(1)));
        QVERIFY(!PublicKey::ec(Kind::P256, x, y + '\0'));
        QVERIFY(!PublicKey::ec(Kind::Rsa, x, y));
        QVERIFY(!PublicKey::ec(Kind::P256, std::string(32, '\0'), std::string(32, '\0')));
        y[31] = static_cast<char>(y[31] ^ 1);
        QVERIFY(!PublicKey::ec(Kind::P256, x, y));
        QVERIFY(!PublicKey::ed25519(std::string(31, 'x')));
        QVERIFY(!PublicKey::ed25519(std::string(33, 'x')));
    }
};

QTEST_APPLESS_MAIN(TokenAlgorithmsTest)
#include "tst_token_algorithms.moc"
