#include "server/auth/api_key.h"
#include "server/auth/base64.h"
#include "server/auth/cipher.h"
#include "server/auth/digest.h"
#include "server/auth/jwt.h"
#include "server/auth/secret.h"

#include <QtTest>

#include <map>
#include <set>
#include <string>
#include <type_traits>

using namespace xshathra;
using namespace xshathra::auth;

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};
template <typename T>
concept EqualityComparable = requires(const T& a, const T& b) {
    a == b;
};

class AuthTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSecretCannotBePrintedOrComparedByAccident() {
        static_assert(!Streamable<Secret>);
        static_assert(!EqualityComparable<Secret>);
        static_assert(!std::is_convertible_v<Secret, std::string>);
        static_assert(!std::is_convertible_v<std::string, Secret>);
        const Secret secret("abc");
        QCOMPARE(secret.expose(), std::string_view("abc"));
        QCOMPARE(secret.size(), std::size_t(3));
    }

    void secretsCopyMoveAndCompare() {
        Secret first(std::string(100, 'x'));
        const Secret copy = first;
        Secret moved = std::move(first);
        QVERIFY(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
        QVERIFY(moved.equals(copy));
        first = std::move(moved);
        QVERIFY(moved.empty());  // NOLINT(bugprone-use-after-move)
        QVERIFY(first.equals(copy));
        const auto& self = first;
        first = self;
        QVERIFY(first.equals(copy));
        first = Secret("short");
        QVERIFY(!first.equals(copy));
        QVERIFY(first.equals("short"));
        QVERIFY(!first.equals("shorx"));
        QVERIFY(!first.equals("shor"));
        QVERIFY(!first.equals(""));
        QVERIFY(Secret().equals(""));
    }

    void cleansingEmptiesText() {
        std::string text = "password";
        const char* bytes = text.data();
        cleanse(text);
        QVERIFY(text.empty());
        QCOMPARE(bytes, text.data());
        QCOMPARE(bytes[0], '\0');
    }

    void comparesDigestsOfEqualLength() {
        // Texts of any length are brought to one length first, so that the compared length tells nothing.
        static_assert(std::is_same_v<decltype(sha256("")), std::array<unsigned char, 32>>);
        static_assert(std::is_same_v<decltype(&equalDigests), bool (*)(const Digest&, const Digest&)>);
        const Digest digest = sha256("a");
        QVERIFY(equalDigests(digest, sha256("a")));
        for (std::size_t i = 0; i < digest.size(); ++i) {
            Digest other = digest;
            other[i] ^= 0x80;
            QVERIFY(!equalDigests(digest, other));
        }
    }

    void hashesAsTheStandardsSay() {
        QCOMPARE(toHex(sha256("")), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(toHex(sha256("abc")), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        // RFC 4231 test cases 2 and 6.
        QCOMPARE(toHex(hmacSha256("Jefe", "what do ya want for nothing?")),
                 std::string("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
        QCOMPARE(toHex(hmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
                 std::string("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
        QCOMPARE(toHex(hmacSha256("", "")),
                 std::string("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
        QCOMPARE(fingerprint("abc"), std::string("ba7816bf"));
    }

    void digestsRoundTripThroughHex() {
        const auto digest = sha256("x");
        const auto hex = toHex(digest);
        QVERIFY(digestFromHex(hex) == digest);
        QVERIFY(digestFromHex(QByteArray::fromStdString(hex).toUpper().toStdString()) == digest);
        for (const auto& bad : {hex.substr(1), hex + "0", std::string(), 'g' + hex.substr(1), ' ' + hex.substr(1)})
            QVERIFY(!digestFromHex(bad));
    }

    void base64RoundTrips() {
        for (std::size_t size = 0; size < 100; ++size) {
            std::string bytes;
            for (std::size_t i = 0; i < size; ++i)
                bytes += static_cast<char>(i * 37 + size * 11);
            QVERIFY(decodeBase64(encodeBase64(bytes)) == bytes);
            QVERIFY(decodeBase64Url(encodeBase64Url(bytes)) == bytes);
        }
        QCOMPARE(encodeBase64("\xfb\xef\xff"), std::string("++//"));
        QCOMPARE(encodeBase64Url("\xfb\xef\xff"), std::string("--__"));
        QCOMPARE(encodeBase64("a"), std::string("YQ=="));
        QCOMPARE(encodeBase64Url("a"), std::string("YQ"));
    }

    void base64IsCanonical_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("url");
        for (const char* text : {"YQ=", "YQ", "YQ===", "YQ==YQ==", "YR==", "YWJ=", " YQ==", "YQ== ", "YQ==\n",
                                 "Y Q==", "Y=Q=", "====", "=", "-_==", "YQ=\xff", "YWJjZ"})
            QTest::addRow("standard '%s'", text) << QByteArray(text) << false;
        for (const char* text :
             {"YQ==", "YQ=", "YR", "YWJ=", "Y", "YWJjZ", " YQ", "YQ ", "Y+", "Y/", "YQ\n", "Y\xff", "YW J"})
            QTest::addRow("url '%s'", text) << QByteArray(text) << true;
        QTest::newRow("NUL") << QByteArray("YQ\0=", 4) << false;
    }
    void base64IsCanonical() {
        QFETCH(QByteArray, text);
        QFETCH(bool, url);
        QVERIFY(!(url ? decodeBase64Url(text.toStdString()) : decodeBase64(text.toStdString())).has_value());
    }

    void keysHaveTheirForm_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("environment");
        QTest::addColumn<QByteArray>("prefix");
        QTest::newRow("server live") << int(KeyKind::Server) << int(KeyEnvironment::Live) << QByteArray("xsk_live_");
        QTest::newRow("client live") << int(KeyKind::Client) << int(KeyEnvironment::Live) << QByteArray("xck_live_");
        QTest::newRow("server test") << int(KeyKind::Server) << int(KeyEnvironment::Test) << QByteArray("xsk_test_");
        QTest::newRow("client test") << int(KeyKind::Client) << int(KeyEnvironment::Test) << QByteArray("xck_test_");
    }
    void keysHaveTheirForm() {
        QFETCH(int, kind);
        QFETCH(int, environment);
        QFETCH(QByteArray, prefix);
        std::set<std::string> seen;
        for (int i = 0; i < 500; ++i) {
            const auto secret = generateApiKey(static_cast<KeyKind>(kind), static_cast<KeyEnvironment>(environment));
            const std::string key(secret.expose());
            QCOMPARE(key.size(), kApiKeyLength);
            QVERIFY(key.starts_with(prefix.toStdString()));
            const auto parsed = parseApiKey(key);
            QVERIFY(parsed.has_value());
            QCOMPARE(int(parsed->kind), kind);
            QCOMPARE(int(parsed->environment), environment);
            QVERIFY(equalDigests(parsed->hash, sha256(key)));
            QVERIFY(equalDigests(parsed->hash, hashApiKey(key)));
            seen.insert(key);
            QCOMPARE(maskApiKey(key), prefix.toStdString() + "\u2026" + key.substr(key.size() - 4));
        }
        QCOMPARE(seen.size(), std::size_t(500));
    }

    void keysUseAllCharactersEvenly() {
        std::map<char, int> counts;
        for (int i = 0; i < 2000; ++i) {
            const auto key = generateApiKey(KeyKind::Server, KeyEnvironment::Live);
            for (const char c : key.expose().substr(kApiKeyPrefixLength, kApiKeyRandomLength))
                ++counts[c];
        }
        // 60,000 characters of 62: about 968 each, deviation 31; with modulo bias the first eight would have about
        // 1170.
        QCOMPARE(counts.size(), std::size_t(62));
        for (const auto& [c, count] : counts)
            QVERIFY2(count > 780 && count < 1150, (std::string(1, c) + " " + std::to_string(count)).c_str());
    }

    void tellsMistypedKeys_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("fault");
        const auto secret = generateApiKey(KeyKind::Server, KeyEnvironment::Live);
        const QByteArray key(secret.expose().data(), int(secret.size()));
        const auto row = [](const char* name, const QByteArray& text, KeyFault fault) {
            QTest::newRow(name) << text << int(fault);
        };
        const auto with = [&](int at, char c) {
            auto changed = key;
            changed[at] = c;
            return changed;
        };
        row("empty", "", KeyFault::Empty);
        row("another text", "hello", KeyFault::UnknownPrefix);
        row("no prefix", key.mid(9), KeyFault::UnknownPrefix);
        row("capital prefix", key.left(9).toUpper() + key.mid(9), KeyFault::UnknownPrefix);
        row("half a prefix", "xsk_", KeyFault::UnknownPrefix);
        row("another environment", "xsk_prod_" + key.mid(9), KeyFault::UnknownPrefix);
        row("space before", " " + key, KeyFault::UnknownPrefix);
        row("prefix alone", "xsk_live_", KeyFault::TooShort);
        row("one character short", key.left(44), KeyFault::TooShort);
        row("one character more", key + "a", KeyFault::TooLong);
        row("twice", key + key, KeyFault::TooLong);
        row("line break after", key + "\n", KeyFault::TooLong);
        row("a dash inside", with(20, '-'), KeyFault::BadCharacter);
        row("a space inside", with(20, ' '), KeyFault::BadCharacter);
        row("NUL inside", with(20, '\0'), KeyFault::BadCharacter);
        row("a byte of UTF-8 inside", with(20, '\xc3'), KeyFault::BadCharacter);
        row("client prefix on a server key", "xck_live_" + key.mid(9), KeyFault::BadChecksum);
        row("test prefix on a live key", "xsk_test_" + key.mid(9), KeyFault::BadChecksum);
        for (int at = 9; at < int(kApiKeyLength); ++at)
            QTest::addRow("character %d changed", at)
                << with(at, key[at] == 'a' ? 'b' : 'a') << int(KeyFault::BadChecksum);
        for (int at = 9; at + 1 < int(kApiKeyLength); ++at) {
            if (key[at] == key[at + 1])
                continue;
            auto swapped = key;
            std::swap(swapped[at], swapped[at + 1]);
            QTest::addRow("characters %d and %d swapped", at, at + 1) << swapped << int(KeyFault::BadChecksum);
        }
    }
    void tellsMistypedKeys() {
        QFETCH(QByteArray, text);
        QFETCH(int, fault);
        const auto parsed = parseApiKey(text.toStdString());
        QVERIFY(!parsed.has_value());
        QCOMPARE(int(parsed.error()), fault);
        const auto advice = describe(parsed.error());
        QVERIFY(advice.ends_with('.'));
        if (text.size() > 12)
            QVERIFY(advice.find(text.mid(9, 8).toStdString()) == std::string::npos);
    }

    void theChecksumIsFixed() {
        // Keys that were handed out stay valid: CRC-32 as in zlib over prefix and random part.
        QVERIFY(parseApiKey("xsk_live_000000000000000000000000000000" + std::string("4OaWJZ")).has_value());
    }

    void masksOnlyWholeKeys() {
        QCOMPARE(maskApiKey("xsk_live_abc"), std::string("\u2026"));
        QCOMPARE(maskApiKey("password"), std::string("\u2026"));
        QCOMPARE(std::string(toString(KeyKind::Server)) + std::string(toString(KeyKind::Client)),
                 std::string("serverclient"));
    }

    void sealedValuesOpen() {
        const auto key = makeCipherKey();
        QCOMPARE(key.size(), kCipherKeyBytes);
        for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 45U, 100000U}) {
            const std::string plain(size, 'p');
            const auto sealed = seal(key, plain, "proj_1");
            QVERIFY(sealed.has_value());
            QCOMPARE(sealed->size(), size + kCipherOverhead);
            const auto opened = auth::open(key, *sealed, "proj_1");
            QVERIFY(opened.has_value());
            QCOMPARE(opened->expose(), std::string_view(plain));
        }
        QVERIFY(auth::open(key, *seal(key, "x", ""), "").has_value());
    }

    void equalValuesAreSealedDifferently() {
        const auto key = makeCipherKey();
        std::set<std::string> seen;
        for (int i = 0; i < 100; ++i)
            seen.insert(*seal(key, "same", "id"));
        QCOMPARE(seen.size(), std::size_t(100));
    }

    void changedValuesDoNotOpen() {
        const auto key = makeCipherKey();
        const auto sealed = *seal(key, "a server key", "proj_1");
        for (std::size_t i = 0; i < sealed.size(); ++i) {
            auto changed = sealed;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            const auto opened = auth::open(key, changed, "proj_1");
            QVERIFY(!opened.has_value());
            QCOMPARE(opened.error().code, std::string("cipher_failed"));
            QVERIFY(!auth::open(key, sealed.substr(0, i), "proj_1").has_value());
        }
        QVERIFY(!auth::open(key, sealed + 'x', "proj_1").has_value());
        QVERIFY(!auth::open(key, sealed, "proj_2").has_value());
        QVERIFY(!auth::open(key, sealed, "").has_value());
        QVERIFY(!auth::open(makeCipherKey(), sealed, "proj_1").has_value());
    }

    void wrongKeyLengthsAreRefused() {
        for (const std::size_t size : {0U, 16U, 31U, 33U, 64U}) {
            const Secret key(std::string(size, 'k'));
            QCOMPARE(seal(key, "x", "y").error().code, std::string("invalid_key"));
            QCOMPARE(auth::open(key, std::string(40, '\1'), "y").error().code, std::string("invalid_key"));
        }
    }

    void engineSecretsAreLongAndDistinct() {
        const auto first = makeHmacSecret();
        QCOMPARE(decodeBase64Url(first.expose())->size(), kHmacSecretBytes);
        QVERIFY(!first.equals(makeHmacSecret()));
    }
};

QTEST_APPLESS_MAIN(AuthTest)
#include "tst_auth.moc"
