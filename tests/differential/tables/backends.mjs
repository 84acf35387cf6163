// Everything that asks a backend of the app: the proxies, key sets, and tokens by public keys.
import { changed } from "./config.mjs";
import { api, backend, bothEncodings, connected, good, once, open, quiet, send, token } from "./steps.mjs";

// --- Tokens by public keys ------------------------------------------------------------------------------------------------------------

const algorithms = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA", "none"];
const claims = { sub: "u1", exp: 3600 };
const connectWith = (value) => [open("a"), send("a", { id: 1, connect: { token: value } })];
const everyAlgorithm = (how = {}) => algorithms.flatMap((alg) => once(`a token by ${alg}`, connectWith(token(claims, { alg, ...how }))));
const keyNames = { RS256: "rsa", RS384: "rsa", RS512: "rsa", ES256: "p256", ES384: "p384", ES512: "p521", EdDSA: "ed25519", HS256: "rsa" };
const tokenGroup = (name, client, scenarios) => ({ name: `tokens-${name}`, config: changed({ client }), scenarios });
const hmac = { hmac_secret_key: "secret" };

const tokenGroups = [
  tokenGroup("rsa", { token: { rsa_public_key: "{{key rsa}}", hmac_secret_key: "" } }, [...everyAlgorithm(), ...once("another RSA key", connectWith(token(claims, { alg: "RS256", key: "otherRsa" }))),
    ...once("an expired RSA token", connectWith(token({ sub: "u1", exp: -10 }, { alg: "RS256" }))), ...once("RS256 with a subscription", connected("a", ""), send("a", { id: 2, subscribe: { channel: "closed:k", token: token({ channel: "closed:k" }, { alg: "RS256" }) } }))]),
  tokenGroup("ecdsa", { token: { ecdsa_public_key: "{{key p256}}", hmac_secret_key: "" } }, everyAlgorithm()),
  tokenGroup("several", { token: { ecdsa_public_key: "{{key p384}}", rsa_public_key: "{{key rsa}}" } }, everyAlgorithm()),
  tokenGroup("jwks", { token: { jwks_public_endpoint: "{{backend}}/jwks", hmac_secret_key: "", insecure_skip_jwks_endpoint_safety_check: true } }, [
    ...Object.entries(keyNames).flatMap(([alg, kid]) => once(`JWKS: ${alg} by ${kid}`, connectWith(token(claims, { alg, header: { kid } })))), ...once("JWKS: no kid", connectWith(token(claims, { alg: "RS256" }))),
    ...once("JWKS: an unknown kid", connectWith(token(claims, { alg: "RS256", header: { kid: "nobody" } }))), ...once("JWKS: a kid of another key", connectWith(token(claims, { alg: "RS256", header: { kid: "p256" } }))),
    ...once("JWKS: a subscription", connected("a", ""), send("a", { id: 2, subscribe: { channel: "closed:k", token: token({ channel: "closed:k" }, { alg: "ES256", header: { kid: "p256" } }) } }, { id: 3, subscribe: { channel: "closed:l", token: token({ channel: "closed:l" }, { alg: "ES256", header: { kid: "x" } }) } })),
  ]),
  tokenGroup("audience", { token: { audience: "app", issuer: "me" } }, [[{ aud: "app", iss: "me" }], [{ aud: ["x", "app"], iss: "me" }], [{ aud: "x", iss: "me" }], [{ iss: "me" }], [{ aud: "app" }], [{ aud: "app", iss: "you" }], [{ aud: [], iss: "me" }], [{ aud: "app", iss: ["me"] }]]
    .flatMap(([more]) => once(JSON.stringify(more), connectWith(token({ ...claims, ...more }))))),
  tokenGroup("audience-regex", { token: { audience_regex: "^app-[0-9]+$", issuer_regex: "^https://.*\\.example$" } }, [[{ aud: "app-1", iss: "https://a.example" }], [{ aud: "app-x", iss: "https://a.example" }], [{ aud: ["x", "app-2"], iss: "https://a.example" }], [{ aud: "app-1", iss: "http://a.example" }], [{}]]
    .flatMap(([more]) => once(JSON.stringify(more), connectWith(token({ ...claims, ...more }))))),
  tokenGroup("user-claim", { token: { user_id_claim: "user_id" } }, [...once("the claim", connectWith(token({ user_id: "c1", exp: 3600 })), send("a", { id: 2, publish: { channel: "all:uc", data: "1" } }), send("a", { id: 3, history: { channel: "all:uc", limit: 1 } })),
    ...once("sub alone", connectWith(token(claims)), send("a", { id: 2, publish: { channel: "all:ud", data: "1" } }), send("a", { id: 3, history: { channel: "all:ud", limit: 1 } })), ...once("a number", connectWith(token({ user_id: 7, exp: 3600 })))]),
  tokenGroup("previous", { token: { hmac_previous_secret_key: "old" } }, ["secret", "old", "other"].flatMap((secret) => once(`signed with ${secret}`, connectWith(token(claims, { secret })), send("a", { id: 2, refresh: { token: token({ sub: "u1", exp: 7200 }, { secret }) } })))),
  tokenGroup("previous-over", { token: { hmac_previous_secret_key: "old", hmac_previous_secret_key_valid_until: 1700000000 } }, ["secret", "old"].flatMap((secret) => once(`signed with ${secret}`, connectWith(token(claims, { secret }))))),
  tokenGroup("subscription", { token: hmac, subscription_token: { enabled: true, hmac_secret_key: "subs" } }, ["secret", "subs"].flatMap((secret) => once(`a subscription signed with ${secret}`, connected("a"),
    send("a", { id: 2, subscribe: { channel: `closed:${secret}`, token: token({ sub: "u1", channel: `closed:${secret}`, exp: 3600 }, { secret }) } }), send("a", { id: 3, sub_refresh: { channel: `closed:${secret}`, token: token({ sub: "u1", channel: `closed:${secret}`, exp: 7200 }, { secret }) } })))),
];

// --- Proxies --------------------------------------------------------------------------------------------------------------------------

const proxied = (path, more = {}) => ({ enabled: true, endpoint: `{{backend}}${path}`, timeout: "0.4s", http_headers: ["Cookie", "X-App"], ...more });
const transforms = { http: { static_headers: { "X-Static": "s" }, status_to_code_transforms: [{ status_code: 404, to_error: { code: 404, message: "nothing there", temporary: true } }, { status_code: 403, to_disconnect: { code: 4403, reason: "no" } }] } };
const failures = [
  ["an error", { body: { error: { code: 1000, message: "custom", temporary: true } } }], ["an error without a message", { body: { error: { code: 1001 } } }], ["a disconnect", { body: { disconnect: { code: 4500, reason: "custom" } } }], ["a disconnect below the range", { body: { disconnect: { code: 100, reason: "x" } } }],
  ["status 500", { status: 500, body: {} }], ["status 404", { status: 404, body: {} }], ["status 403", { status: 403, body: {} }], ["status 201", { status: 201, body: { result: {} } }], ["nonsense", { text: "nonsense" }], ["nothing", { text: "" }], ["null", { text: "null" }], ["a list", { text: "[]" }], ["an empty object", { body: {} }],
  ["unknown fields", { body: { result: { other: 1 }, more: 2 } }], ["a result of the wrong type", { body: { result: "x" } }], ["too late", { body: { result: {} }, delay: 900 }],
];

const connectAnswers = [
  ["a user", { body: { result: { user: "p1" } } }], ["everything", { body: { result: { user: "p1", expire_at: 0, info: { n: 1.0 }, data: { d: 1 }, channels: ["plain:px"], meta: { m: 1 } } } }], ["an expiry", { body: { result: { user: "p1", expire_at: 4102444800 } } }], ["an expiry in the past", { body: { result: { user: "p1", expire_at: 1 } } }],
  ["base64", { body: { result: { user: "p1", b64info: "eyJuIjoxfQ==", b64data: "eyJkIjoxfQ==" } } }], ["bad base64", { body: { result: { user: "p1", b64data: "***" } } }], ["subs", { body: { result: { user: "p1", subs: { "histclosed:ps": { info: { i: 1 }, data: { d: 1 }, override: { force_recovery: { value: true } } } } } } }],
  ["an unknown namespace", { body: { result: { user: "p1", channels: ["nowhere:x"] } } }], ["an anonymous user", { body: { result: { user: "" } } }], ...failures,
];
const proxyGroup = (name, changes, scenarios) => ({ name: `proxy-${name}`, oneByOne: true, config: changed(changes), scenarios });
const anonymousConnect = (encoding, request = {}) => [open("a", { encoding, headers: { Cookie: "c=1", "X-App": "7", "X-Other": "o" } }), quiet(1100, send("a", { id: 1, connect: request }))];
const answering = (path, answers, steps) => answers.flatMap(([name, answer]) => once(name, backend({ [path]: answer }), steps(answer.delay ? 1300 : 150)));

const refreshAnswers = [["prolonged", { body: { result: { expire_at: 4102444800 } } }], ["expired", { body: { result: { expired: true } } }], ["no expiry", { body: { result: {} } }], ["new info", { body: { result: { expire_at: 4102444800, info: { v: 2 } } } }], ["no result", { body: {} }], ["an error", { body: { error: { code: 1000, message: "x" } } }], ["status 500", { status: 500, body: {} }]];
const subscribeAnswers = [["allowed", { body: { result: {} } }], ["info and data", { body: { result: { info: { i: 1.0 }, data: { d: [1] } } } }], ["base64", { body: { result: { b64info: "eyJpIjoxfQ==", b64data: "eyJkIjoxfQ==" } } }], ["overrides", { body: { result: { override: { presence: { value: true }, join_leave: { value: true }, force_push_join_leave: { value: true }, force_positioning: { value: true }, force_recovery: { value: true } } } } }],
  ["an expiry", { body: { result: { expire_at: 4102444800 } } }], ["an expiry in the past", { body: { result: { expire_at: 1 } } }], ...failures];
const publishAnswers = [["allowed", { body: { result: {} } }], ["other data", { body: { result: { data: { changed: 1.0 } } } }], ["base64", { body: { result: { b64data: "eyJkIjoxfQ==" } } }], ["bad base64", { body: { result: { b64data: "***" } } }], ["no history", { body: { result: { skip_history: true } } }], ["tags", { body: { result: { tags: { a: "1" } } } }], ["an idempotency key", { body: { result: { idempotency_key: "k" } } }], ["a version", { body: { result: { version: 5, version_epoch: "e" } } }], ...failures];
const rpcAnswers = [["data", { body: { result: { data: { r: 1.0 } } } }], ["base64", { body: { result: { b64data: "eyJkIjoxfQ==" } } }], ["bad base64", { body: { result: { b64data: "***" } } }], ["no data", { body: { result: {} } }], ["data of null", { body: { result: { data: null } } }], ...failures];

const proxySpaces = { namespaces: [
  { name: "psub", presence: true, history_size: 5, history_ttl: "300s", subscribe_proxy_enabled: true, allow_subscribe_for_client: true, allow_publish_for_subscriber: true, allow_user_limited_channels: true, allow_presence_for_subscriber: true },
  { name: "ppub", history_size: 5, history_ttl: "300s", publish_proxy_enabled: true, allow_subscribe_for_client: true, allow_history_for_subscriber: true, allow_subscribe_for_anonymous: true },
  { name: "pref", allow_subscribe_for_client: true, sub_refresh_proxy_enabled: true, subscribe_proxy_enabled: true }, { name: "named", subscribe_proxy_enabled: true, subscribe_proxy_name: "other", publish_proxy_enabled: true, publish_proxy_name: "other" }, { name: "plain", allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true },
  { name: "histclosed", history_size: 5, history_ttl: "300s", allow_subscribe_for_client: true }] };
const channelProxies = { proxy: { subscribe: proxied("/subscribe", transforms), publish: proxied("/publish", transforms), sub_refresh: proxied("/sub_refresh", transforms) }, ...proxySpaces };
const withoutEnabled = (value) => JSON.parse(JSON.stringify(value, (key, item) => (key === "enabled" ? undefined : item)));
const proxies = { channel: withoutEnabled(channelProxies), proxies: [{ name: "other", endpoint: "{{backend}}/other", timeout: "0.4s" }] };

const proxyGroups = [
  proxyGroup("connect", { channel: withoutEnabled(channelProxies), proxies: proxies.proxies, client: { proxy: { connect: proxied("/connect", { ...transforms, emulated_headers: ["X-App"] }) } } }, [
    ...answering("/connect", connectAnswers, () => anonymousConnect("json", { data: { hello: 1.0 }, name: "js", version: "5" })), ...bothEncodings.flatMap((encoding) => once(`what it is asked, ${encoding}`, backend({}), anonymousConnect(encoding, { data: { a: 1 }, name: "n", version: "v", subs: { "plain:x": {} }, headers: { "X-App": "e", "X-Other": "e" } }))),
    ...once("a token goes first", backend({}), connected("a")), ...once("no data", backend({}), anonymousConnect("json")),
    ...once("unidirectional", backend({ "/connect": { body: { result: { user: "p1", channels: ["plain:pu"], data: { d: 1 } } } } }), open("a", { transport: "uni_http_stream", headers: { Cookie: "c=2" } }), send("a", { data: { a: 1 }, name: "n" })), ...once("http_stream", backend({ "/connect": { body: { result: { user: "p1" } } } }), open("a", { transport: "http_stream" }), send("a", { id: 1, connect: { data: { a: 1 } } })),
    ...once("commands behind it", backend({ "/connect": { body: { result: { user: "p1" } }, delay: 200 } }), open("a"), quiet(600, send("a", { id: 1, connect: {} }, { id: 2, subscribe: { channel: "plain:be" } }, { id: 3, publish: { channel: "plain:be", data: "1" } })))]),
  proxyGroup("connect-binary", { channel: withoutEnabled(channelProxies), proxies: proxies.proxies, client: { proxy: { connect: proxied("/connect", { binary_encoding: true }) } } }, bothEncodings.flatMap((encoding) => once(`asked with base64, ${encoding}`, backend({}), anonymousConnect(encoding, { data: { a: 1 } })))),
  proxyGroup("refresh", { channel: withoutEnabled(channelProxies), proxies: proxies.proxies, client: { proxy: { connect: proxied("/connect"), refresh: proxied("/refresh", { include_connection_meta: true }) } } }, [...refreshAnswers.flatMap(([name, answer]) => once(`refresh: ${name}`, backend({ "/connect": { body: { result: { user: "p1", expire_at: "{{now 2}}", meta: { m: 1 } } } }, "/refresh": answer }), open("a"), quiet(3300, send("a", { id: 1, connect: {} })))),
    ...once("the client may not refresh", backend({ "/connect": { body: { result: { user: "p1", expire_at: 4102444800 } } } }), open("a"), send("a", { id: 1, connect: {} }), send("a", { id: 2, refresh: { token: good() } }))]),
  proxyGroup("subscribe", proxies, [...answering("/subscribe", subscribeAnswers.map(([name, answer], index) => [`subscribe: ${name}`, answer, index]), (pause) => [connected("a", "u1", { headers: { Cookie: "c=1" } }), quiet(pause, send("a", { id: 2, subscribe: { channel: "psub:s", data: { q: 1.0 } } })), send("a", { id: 3, publish: { channel: "psub:s", data: { n: 1 } } }), send("a", { id: 4, presence: { channel: "psub:s" } })]),
    ...once("what is not asked", backend({}), connected("a"), send("a", { id: 2, subscribe: { channel: "psub:x#u1" } }), send("a", { id: 3, subscribe: { channel: "psub:y", token: token({ sub: "u1", channel: "psub:y" }) } }), send("a", { id: 4, subscribe: { channel: "$psub:z" } }), send("a", { id: 5, subscribe: { channel: "plain:x" } }), send("a", { id: 6, subscribe: { channel: "named:x" } }),
      send("a", { id: 7, subscribe: { channel: "psub:ü" } }), send("a", { id: 8, subscribe: { channel: "psub:w" } }, { id: 9, subscribe: { channel: "psub:w" } })), ...once("Protobuf", backend({}), connected("a", "u1", { encoding: "protobuf" }), send("a", { id: 2, subscribe: { channel: "psub:pb", data: { q: 1 } } })),
    ...once("commands behind it", backend({ "/subscribe": { body: { result: {} }, delay: 200 } }), connected("a"), quiet(500, send("a", { id: 2, subscribe: { channel: "psub:be" } }, { id: 3, publish: { channel: "psub:be", data: "1" } }, { id: 4, unsubscribe: { channel: "psub:be" } })))]),
  proxyGroup("publish", proxies, [...answering("/publish", publishAnswers.map(([name, answer]) => [`publish: ${name}`, answer]), (pause) => [connected("a"), send("a", { id: 2, subscribe: { channel: "ppub:p" } }), quiet(pause, send("a", { id: 3, publish: { channel: "ppub:p", data: { n: 1.0 } } }))]),
    ...once("not for the server API", backend({}), api("publish", { channel: "ppub:api", data: {} })), ...once("another proxy", backend({}), connected("a"), send("a", { id: 2, publish: { channel: "named:x", data: { n: 1 } } })), ...once("anonymous", backend({}), connected("a", ""), send("a", { id: 2, publish: { channel: "ppub:an", data: { n: 1 } } })),
    ...once("Protobuf bytes", backend({}), connected("a", "u1", { encoding: "protobuf" }), send("a", { id: 2, publish: { channel: "ppub:pb", data: { n: 1 } } }))]),
  proxyGroup("rpc", { rpc: { proxy: withoutEnabled(proxied("/rpc", transforms)), without_namespace: { proxy_enabled: true }, namespaces: [{ name: "on", proxy_enabled: true }, { name: "off" }], ping: { enabled: true } } }, [...answering("/rpc", rpcAnswers.map(([name, answer]) => [`rpc: ${name}`, answer]), (pause) => [connected("a"), quiet(pause, send("a", { id: 2, rpc: { method: "m", data: { q: 1.0 } } }))]),
    ...once("methods", backend({}), connected("a"), ["on:m", "off:m", "nowhere:m", "m", "", "ping"].map((method, index) => send("a", { id: index + 2, rpc: { method, data: { q: 1 } } })), send("a", { id: 10, rpc: { method: "m" } })),
    ...once("Protobuf", backend({ "/rpc": { body: { result: { data: { r: 1 } } } } }), connected("a", "u1", { encoding: "protobuf" }), send("a", { id: 2, rpc: { method: "m", data: { q: 1 } } }), send("a", { id: 3, rpc: { method: "ping" } })),
    ...once("in order", backend({ "/rpc": { body: { result: { data: 1 } }, delay: 100 } }), connected("a"), quiet(500, send("a", { id: 2, rpc: { method: "a" } }, { id: 3, presence_stats: { channel: "all:io" } }, { id: 4, rpc: { method: "b" } })))]),
  proxyGroup("sub-refresh", { ...proxies, client: { expired_sub_close_delay: "0.5s", presence_update_interval: "0.5s" } }, [["prolonged", { body: { result: { expire_at: 4102444800 } } }], ["expired", { body: { result: { expired: true } } }], ["an error", { body: { error: { code: 1000, message: "x" } } }]]
    .flatMap(([name, answer]) => once(`sub_refresh: ${name}`, backend({ "/subscribe": { body: { result: { expire_at: "{{now 2}}" } } }, "/sub_refresh": answer }), connected("a"), quiet(4000, send("a", { id: 2, subscribe: { channel: "pref:r" } })), send("a", { id: 3, sub_refresh: { channel: "pref:r", token: "x" } })))),
];

export const backendGroups = [...tokenGroups, ...proxyGroups];
