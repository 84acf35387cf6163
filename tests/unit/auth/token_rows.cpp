#include "tests/unit/auth/token_rows.h"

#include "server/auth/base64.h"
#include "server/auth/digest.h"

#include <utility>

namespace xshathra::test {

namespace {

using Kind = auth::TokenErrorKind;
using namespace std::string_literals;

const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
const std::string kClaims = R"({"sub":"user_1","exp":1767226500})";

std::string mac(const std::string& text, const std::string& secret = kCurrentSecret) {
    const auto digest = auth::hmacSha256(secret, text);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

class Rows {
public:
    void raw(std::string name, std::string token, std::optional<Kind> refusal) {
        rows_.push_back({std::move(name), std::move(token), refusal});
    }
    void header(const std::string& name, const std::string& header, std::optional<Kind> refusal = Kind::Algorithm) {
        raw("header: " + name, signedToken(header, kClaims), refusal);
    }
    void claims(const std::string& name, const std::string& claims, std::optional<Kind> refusal) {
        raw("claims: " + name, tokenOf(claims), refusal);
    }
    /// `{"sub":"u","exp":...,MORE}`
    void more(const std::string& name, const std::string& more, std::optional<Kind> refusal = std::nullopt) {
        claims(name, R"({"sub":"u","exp":1767226500,)" + more + "}", refusal);
    }
    std::vector<TokenRow> take() { return std::move(rows_); }

private:
    std::vector<TokenRow> rows_;
};

void addForms(Rows& rows) {
    const std::string good = tokenOf(kClaims);
    const auto first = good.find('.');
    const auto last = good.rfind('.');
    const std::string head = good.substr(0, first);
    const std::string claims = good.substr(first + 1, last - first - 1);
    const std::string signature = good.substr(last + 1);
    rows.raw("good", good, std::nullopt);
    rows.raw("empty", "", Kind::Malformed);
    rows.raw("one part", head, Kind::Malformed);
    rows.raw("two parts", head + '.' + claims, Kind::Malformed);
    rows.raw("four parts", good + ".x", Kind::Malformed);
    rows.raw("five parts, as encrypted tokens have", "a.b.c.d.e", Kind::Malformed);
    rows.raw("three empty parts", "..", Kind::Malformed);
    rows.raw("dot at the end", good + '.', Kind::Malformed);
    rows.raw("dot at the start", '.' + good, Kind::Malformed);
    rows.raw("empty header", '.' + claims + '.' + signature, Kind::Malformed);
    rows.raw("empty claims", head + ".." + signature, Kind::Malformed);
    rows.raw("empty signature", head + '.' + claims + '.', Kind::Signature);
    rows.raw("space before", ' ' + good, Kind::Malformed);
    rows.raw("space after", good + ' ', Kind::Malformed);
    rows.raw("line break after", good + '\n', Kind::Malformed);
    rows.raw("line break inside", head + ".\n" + claims + '.' + signature, Kind::Malformed);
    rows.raw("NUL after", good + '\0', Kind::Malformed);
    rows.raw("quotes", '"' + good + '"', Kind::Malformed);
    rows.raw("with the scheme of a header", "Bearer " + good, Kind::Malformed);
    rows.raw("padded header", head + "=." + claims + '.' + signature, Kind::Malformed);
    rows.raw("padded signature", good + '=', Kind::Malformed);
    rows.raw("padding alone as signature", head + '.' + claims + ".=", Kind::Malformed);
    rows.raw("percent sign in the signature", good.substr(0, good.size() - 3) + "%3D", Kind::Malformed);
    rows.raw("plus sign in the signature", head + '.' + claims + ".+" + signature.substr(1), Kind::Malformed);
    rows.raw("slash in the signature", head + '.' + claims + "./" + signature.substr(1), Kind::Malformed);
    rows.raw("UTF-8 in the claims", head + ".\xc3\xa4" + claims + '.' + signature, Kind::Malformed);
    rows.raw("a group of one character", head + 'A' + claims + '.' + signature + '.', Kind::Malformed);
    rows.raw("signature with one character more", good + 'A', Kind::Signature);
    rows.raw("signature with two characters more", good + "AA", Kind::Malformed);
    rows.raw("signature with three bytes more",
             good.substr(0, good.size() - 43) + auth::encodeBase64Url(mac(head + '.' + claims) + "xyz"),
             Kind::Signature);
    rows.raw("signature cut by a byte",
             head + '.' + claims + '.' + auth::encodeBase64Url(mac(head + '.' + claims).substr(0, 31)),
             Kind::Signature);
    rows.raw("signature cut to a byte",
             head + '.' + claims + '.' + auth::encodeBase64Url(mac(head + '.' + claims).substr(0, 1)), Kind::Signature);
    rows.raw("signature of zeros", head + '.' + claims + '.' + auth::encodeBase64Url(std::string(32, '\0')),
             Kind::Signature);
    // The last of 43 characters carries two unused bits: three other characters decode to the same bytes.
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string twisted = good;
    twisted.back() = alphabet[alphabet.find(good.back()) + 1];
    rows.raw("signature that is not canonical", twisted, Kind::Malformed);
    auto flipped = mac(head + '.' + claims);
    flipped[31] = static_cast<char>(flipped[31] ^ 1);
    rows.raw("one bit of the signature flipped", head + '.' + claims + '.' + auth::encodeBase64Url(flipped),
             Kind::Signature);
    rows.raw("claims of another token",
             head + '.' + auth::encodeBase64Url(R"({"sub":"admin","exp":1767226500})") + '.' + signature,
             Kind::Signature);
    rows.raw("signature in hexadecimal",
             head + '.' + claims + '.' + auth::toHex(auth::hmacSha256(kCurrentSecret, head + '.' + claims)),
             Kind::Signature);
    rows.raw("another secret", signedToken(kHeader, kClaims, "another"), Kind::Signature);
    rows.raw("the empty secret", signedToken(kHeader, kClaims, ""), Kind::Signature);
    rows.raw("the secret with a line break", signedToken(kHeader, kClaims, kCurrentSecret + "\n"s), Kind::Signature);
    rows.raw("the previous secret", signedToken(kHeader, kClaims, kPreviousSecret), std::nullopt);
    rows.raw("a bad signature and expired", signedToken(kHeader, R"({"sub":"u","exp":1})", "another"), Kind::Signature);
}

void addHeaders(Rows& rows) {
    rows.header("without typ", R"({"alg":"HS256"})", std::nullopt);
    rows.header("typ first", R"({"typ":"JWT","alg":"HS256"})", std::nullopt);
    rows.header("white space", " { \"alg\" : \"HS256\" } ", std::nullopt);
    rows.header("alg written with escapes", R"({"\u0061lg":"HS\u0032\u0035\u0036"})", std::nullopt);
    for (const char* name :
         {"none", "None",  "NONE",  "nOnE",  "",      "hs256", "Hs256", "HS256 ",  " HS256", "HS384", "HS512",
          "HS1",  "RS256", "RS384", "ES256", "PS256", "EdDSA", "dir",   "A256GCM", "HS2566", "HS25",  "HS256\\u0000"})
        rows.header("alg "s + name, R"({"alg":")"s + name + R"(","typ":"JWT"})");
    rows.header("alg a number", R"({"alg":256})");
    rows.header("alg null", R"({"alg":null})");
    rows.header("alg true", R"({"alg":true})");
    rows.header("alg a list", R"({"alg":["HS256"]})");
    rows.header("alg an object", R"({"alg":{"name":"HS256"}})");
    rows.header("no alg", R"({"typ":"JWT"})");
    rows.header("Alg", R"({"Alg":"HS256"})");
    rows.header("alg twice", R"({"alg":"HS256","alg":"HS256"})", Kind::Malformed);
    rows.header("alg HS256 then none", R"({"alg":"HS256","alg":"none"})", Kind::Malformed);
    rows.header("alg none then HS256", R"({"alg":"none","alg":"HS256"})", Kind::Malformed);
    rows.header("alg twice, once escaped", R"({"alg":"HS256","\u0061lg":"none"})", Kind::Malformed);
    rows.header("typ twice", R"({"alg":"HS256","typ":"JWT","typ":"JWT"})", Kind::Malformed);
    rows.header("typ jwt", R"({"alg":"HS256","typ":"jwt"})");
    rows.header("typ JWS", R"({"alg":"HS256","typ":"JWS"})");
    rows.header("typ empty", R"({"alg":"HS256","typ":""})");
    rows.header("typ null", R"({"alg":"HS256","typ":null})");
    rows.header("typ a list", R"({"alg":"HS256","typ":["JWT"]})");
    rows.header("crit", R"({"alg":"HS256","crit":["exp"]})");
    rows.header("crit empty", R"({"alg":"HS256","crit":[]})");
    rows.header("b64", R"({"alg":"HS256","b64":false,"crit":["b64"]})");
    rows.header("kid", R"({"alg":"HS256","kid":"../../dev/null"})");
    rows.header("jku", R"({"alg":"HS256","jku":"http://evil.test/keys"})");
    rows.header("jwk", R"({"alg":"HS256","jwk":{"kty":"oct","k":"AA"}})");
    rows.header("x5u", R"({"alg":"HS256","x5u":"http://evil.test/cert"})");
    rows.header("x5c", R"({"alg":"HS256","x5c":[]})");
    rows.header("cty", R"({"alg":"HS256","cty":"JWT"})");
    rows.header("zip", R"({"alg":"HS256","zip":"DEF"})");
    rows.header("enc", R"({"alg":"HS256","enc":"A128GCM"})");
    rows.header("unknown field", R"({"alg":"HS256","x":1})");
    rows.header("empty object", "{}");
    rows.header("list", R"(["HS256"])", Kind::Malformed);
    rows.header("string", R"("HS256")", Kind::Malformed);
    rows.header("null", "null", Kind::Malformed);
    rows.header("not JSON", "alg=HS256", Kind::Malformed);
    rows.header("cut JSON", R"({"alg":"HS256")", Kind::Malformed);
    rows.header("JSON and more", R"({"alg":"HS256"}x)", Kind::Malformed);
    rows.header("two objects", R"({"alg":"HS256"}{"alg":"none"})", Kind::Malformed);
    rows.header("comma at the end", R"({"alg":"HS256",})", Kind::Malformed);
    rows.header("comment", R"({"alg":"HS256"/**/})", Kind::Malformed);
    rows.header("apostrophes", "{'alg':'HS256'}", Kind::Malformed);
    rows.header("NUL at the end", R"({"alg":"HS256"})"s + '\0', Kind::Malformed);
    rows.header("invalid UTF-8", "{\"alg\":\"HS256\",\"typ\":\"\xff\"}", Kind::Malformed);
    rows.header("byte order mark", "\xef\xbb\xbf{\"alg\":\"HS256\"}", Kind::Malformed);
    rows.header("deep", R"({"alg":"HS256","x":)" + std::string(100, '[') + std::string(100, ']') + "}",
                Kind::Malformed);
}

void addClaims(Rows& rows) {
    rows.claims("not JSON", "sub=user", Kind::Malformed);
    rows.claims("list", "[]", Kind::Malformed);
    rows.claims("number", "5", Kind::Malformed);
    rows.claims("cut", R"({"sub":"u")", Kind::Malformed);
    rows.claims("more after the end", R"({"sub":"u","exp":1767226500} x)", Kind::Malformed);
    rows.claims("sub twice", R"({"sub":"u","sub":"admin","exp":1767226500})", Kind::Malformed);
    rows.claims("invalid UTF-8", "{\"sub\":\"\xc0\xaf\",\"exp\":1767226500}", Kind::Malformed);
    rows.claims("half a surrogate pair", R"({"sub":"\ud800","exp":1767226500})", Kind::Malformed);
    rows.claims("line break in a string", "{\"sub\":\"a\nb\",\"exp\":1767226500}", Kind::Malformed);
    rows.claims("leading zero", R"({"sub":"u","exp":01767226500})", Kind::Malformed);
    rows.more("31 levels", R"("info":)" + std::string(30, '[') + std::string(30, ']'));
    rows.more("too deep", R"("info":)" + std::string(40, '[') + std::string(40, ']'), Kind::Malformed);
    rows.claims("no sub", R"({"exp":1767226500})", std::nullopt);
    rows.claims("sub empty", R"({"sub":"","exp":1767226500})", std::nullopt);
    rows.claims("sub null", R"({"sub":null,"exp":1767226500})", std::nullopt);
    rows.claims("sub a number", R"({"sub":1,"exp":1767226500})", Kind::Claims);
    rows.claims("sub a list", R"({"sub":["u"],"exp":1767226500})", Kind::Claims);
    rows.claims("no exp", R"({"sub":"u"})", Kind::Claims);
    rows.claims("exp null", R"({"sub":"u","exp":null})", Kind::Claims);
    rows.claims("exp a string", R"({"sub":"u","exp":"1767226500"})", Kind::Claims);
    rows.claims("exp an object", R"({"sub":"u","exp":{}})", Kind::Claims);
    rows.claims("exp huge", R"({"sub":"u","exp":1e300})", Kind::Claims);
    rows.claims("exp past 2^53", R"({"sub":"u","exp":9007199254740994})", Kind::Claims);
    rows.claims("exp 2^53", R"({"sub":"u","exp":9007199254740992})", std::nullopt);
    rows.claims("exp one second ahead", R"({"sub":"u","exp":1767225601})", std::nullopt);
    rows.claims("exp half a second ahead", R"({"sub":"u","exp":1767225600.5})", std::nullopt);
    rows.claims("exp now", R"({"sub":"u","exp":1767225600})", Kind::Expired);
    rows.claims("exp half a second ago", R"({"sub":"u","exp":1767225599.5})", Kind::Expired);
    rows.claims("exp zero", R"({"sub":"u","exp":0})", Kind::Expired);
    rows.claims("exp negative", R"({"sub":"u","exp":-1})", Kind::Expired);
    rows.claims("exp as an exponent", R"({"sub":"u","exp":1.7672265e9})", std::nullopt);
    rows.more("nbf past", R"("nbf":1767225000)");
    rows.more("nbf now", R"("nbf":1767225600)");
    rows.more("nbf ahead", R"("nbf":1767225601)", Kind::NotYetValid);
    rows.more("nbf half a second ahead", R"("nbf":1767225600.5)", Kind::NotYetValid);
    rows.more("nbf a string", R"("nbf":"now")", Kind::Claims);
    rows.more("iat ahead", R"("iat":1767999999)");
    rows.more("iat a string", R"("iat":"now")", Kind::Claims);
    rows.more("jti", R"("jti":"x")");
    rows.more("unknown claims", R"("a":[1,{"b":null}],"kid":"x")");
    rows.more("projectId", R"("projectId":"proj_1")");
    rows.more("projectId a number", R"("projectId":1)", Kind::Claims);
    rows.more("channel empty", R"("channel":"")");
    rows.more("channel", R"("channel":"public:lobby")", Kind::Channel);
    rows.more("channel a number", R"("channel":1)", Kind::Claims);
    rows.more("channels", R"("channels":["a","b"])");
    rows.more("channels a string", R"("channels":"a")", Kind::Claims);
    rows.more("channels of numbers", R"("channels":[1])", Kind::Claims);
    rows.more("subs", R"("subs":{"a":{"info":1,"override":{"presence":{"value":true}}},"b":null})");
    rows.more("subs a list", R"("subs":["a"])", Kind::Claims);
    rows.more("subs twice the same channel", R"("subs":{"a":{},"a":{}})", Kind::Claims);
    rows.more("subs with a string", R"("subs":{"a":"b"})", Kind::Claims);
    rows.more("subs with a bad override", R"("subs":{"a":{"override":{"presence":true}}})", Kind::Claims);
    rows.more("subs with a bad b64data", R"("subs":{"a":{"b64data":"?"}})", Kind::Claims);
    rows.more("b64info", R"("b64info":"aGVsbG8=")");
    rows.more("b64info without padding", R"("b64info":"aGVsbG8")", Kind::Claims);
    rows.more("b64info of the url kind", R"("b64info":"_-8=")", Kind::Claims);
    rows.more("b64info a number", R"("b64info":1)", Kind::Claims);
    rows.more("expire_at", R"("expire_at":0)");
    rows.more("expire_at a fraction", R"("expire_at":1.5)", Kind::Claims);
    rows.more("expire_at a string", R"("expire_at":"0")", Kind::Claims);
    rows.more("aud a number", R"("aud":1)", Kind::Claims);
    rows.more("aud not asked for", R"("aud":["x","y"])");
}

}  // namespace

std::string signedToken(const std::string& header, const std::string& claims, const std::string& secret) {
    const std::string text = auth::encodeBase64Url(header) + '.' + auth::encodeBase64Url(claims);
    return text + '.' + auth::encodeBase64Url(mac(text, secret));
}

std::string tokenOf(const std::string& claims) { return signedToken(kHeader, claims); }

std::vector<TokenRow> tokenRows() {
    Rows rows;
    addForms(rows);
    addHeaders(rows);
    addClaims(rows);
    return rows.take();
}

}  // namespace xshathra::test
