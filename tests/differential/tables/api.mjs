// The server API in its forms, with every method of the open-source server.
import { changed, main } from "./config.mjs";
import { api, apiKey, connected, good, http, inBoth, once, open, send, token } from "./steps.mjs";

const key = { "X-API-Key": apiKey };
const info = { method: "POST", path: "/api/presence_stats", body: { channel: "all:x" } };

const access = [
  ...once("keys", http({ ...info, headers: key }), http({ ...info, headers: { Authorization: `apikey ${apiKey}` } }), http({ ...info, headers: { Authorization: `Apikey ${apiKey}` } }),
    http({ ...info, headers: { Authorization: `Bearer ${apiKey}` } }), http({ ...info, headers: { Authorization: apiKey } }), http({ ...info, path: `${info.path}?api_key=${apiKey}` }),
    http({ ...info }), http({ ...info, headers: { "X-API-Key": "wrong" } }), http({ ...info, headers: { "X-API-Key": "" } }), http({ ...info, path: `${info.path}?api_key=wrong` }),
    http({ ...info, headers: { "X-API-Key": "wrong", Authorization: `apikey ${apiKey}` } })),
  ...once("methods and paths", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"].map((method) => http({ method, path: "/api/publish", headers: key })), http({ path: "/api/nothing", headers: key, body: {} }),
    http({ path: "/api/", headers: key, body: {} }), http({ path: "/api/publish/", headers: key, body: { channel: "all:x", data: {} } }), http({ path: "/api/Publish", headers: key, body: {} }),
    http({ path: "/api/connections", headers: key, body: {} }), http({ path: "/api/user_status", headers: key, body: {} })),
  ...once("bodies", ["", "{", "[]", "null", "1", '"x"', "{}", '{"channel":"all:x"}', '{"channel":1}', '{"channel":"all:x"}{"channel":"all:y"}', '{"channel":"all:x"} trailing', '{"channel":"all:x","other":1}',
    '{"channel":null}', "\ufeff{}", '{"channel":"all:x","channel":"all:bodyy"}', '{"Channel":"all:body"}'].map((text) => http({ path: "/api/presence_stats", headers: key, text }))),
  ...once("the error mode of a request", ["nowhere:x", "", "plain:x"].map((channel) => http({ path: "/api/history", headers: { ...key, "X-Centrifugo-Error-Mode": "transport" }, body: { channel } })),
    http({ path: "/api/history", headers: { ...key, "X-Centrifugo-Error-Mode": "transport" }, body: { channel: "all:em", since: { offset: 1, epoch: "zzzz" } } }),
    http({ path: "/api/rpc", headers: { ...key, "X-Centrifugo-Error-Mode": "transport" }, body: { method: "x" } }), http({ path: "/api/history", headers: { ...key, "X-Centrifugo-Error-Mode": "other" }, body: { channel: "nowhere:x" } })),
  ...once("the old form", [{ method: "publish", params: { channel: "all:old", data: { n: 1 } } }, { id: 1, method: "publish", params: { channel: "all:old", data: { n: 1 } } }, { id: 2, method: "presence_stats", params: { channel: "nowhere:x" } },
    { id: 3, method: "nothing", params: {} }, {}, { id: 5, publish: { channel: "all:old", data: {} } }].map((body) => http({ path: "/api", headers: key, body })),
  http({ path: "/api", headers: key, text: '{"id":1,"method":"presence_stats","params":{"channel":"all:old"}}\n{"id":2,"method":"presence_stats","params":{"channel":"all:old"}}' }),
  http({ path: "/api", headers: key, text: "nonsense" }), http({ path: "/api", headers: key, text: "" })),
];

const publishes = [
  ["a message", { channel: "all:ap1", data: { n: 1 } }], ["no channel", { data: {} }], ["an empty channel", { channel: "", data: {} }], ["no data", { channel: "all:ap2" }], ["null", { channel: "all:ap3", data: null }],
  ["an unknown namespace", { channel: "nowhere:x", data: {} }], ["no history", { channel: "plain:ap", data: {} }], ["skip_history", { channel: "all:ap4", data: {}, skip_history: true }], ["tags", { channel: "all:ap5", data: {}, tags: { a: "1" } }],
  ["tags of the wrong type", { channel: "all:ap6", data: {}, tags: { a: 1 } }], ["b64data", { channel: "all:ap7", b64data: "eyJuIjoxfQ==" }], ["b64data and data", { channel: "all:ap8", data: { n: 2 }, b64data: "eyJuIjoxfQ==" }],
  ["b64data that is none", { channel: "all:ap9", b64data: "***" }], ["b64data that is no JSON", { channel: "all:ap10", b64data: "aGVsbG8=" }], ["b64data without padding", { channel: "all:ap11", b64data: "eyJuIjoxfQ" }], ["an empty b64data", { channel: "all:ap12", b64data: "" }],
  ["a text where objects are wanted", { channel: "jsonobject:ap", data: "x" }], ["an object where objects are wanted", { channel: "jsonobject:ap", data: {} }], ["a private channel", { channel: "$all:ap", data: {} }], ["a user channel", { channel: "limited:ap#u1", data: {} }],
  ["a name beyond ASCII", { channel: "all:äp", data: {} }], ["a name that breaks the regex", { channel: "regex:1234", data: {} }], ["a long name", { channel: `all:${"n".repeat(300)}`, data: {} }], ["delta", { channel: "all:ap13", data: {}, delta: true }],
];
const publishing = [
  ...once("publish", publishes.map(([, body]) => api("publish", body)), publishes.slice(0, 17).map(([, body]) => api("history", { channel: body.channel, limit: 10 }))),
  ...once("idempotency", ["k1", "k1", "k2", "k1"].map((idempotency_key, n) => api("publish", { channel: "all:id", data: { n }, idempotency_key })), api("publish", { channel: "all:id2", data: {}, idempotency_key: "k1" }), api("history", { channel: "all:id", limit: 10 }),
    api("publish", { channel: "plain:id", data: {}, idempotency_key: "k1" }), api("publish", { channel: "plain:id", data: {}, idempotency_key: "k1" }), api("broadcast", { channels: ["all:id", "all:id3"], data: {}, idempotency_key: "k1" })),
  ...once("versions", [[5, ""], [4, ""], [5, ""], [6, ""], [1, "e2"], [1, "e2"], [7, ""], [0, ""]].map(([version, version_epoch], n) => api("publish", { channel: "all:ver", data: { n }, version, version_epoch })), api("history", { channel: "all:ver", limit: 10 })),
  ...once("broadcast", [{ channels: ["all:b1", "plain:b1", "nowhere:b", "all:b0"], data: { n: 1 } }, { channels: [], data: {} }, { data: {} }, { channels: ["all:b2"] }, { channels: ["", "all:b3"], data: {} }, { channels: ["all:b4"], b64data: "***" }, { channels: ["all:b5"], b64data: "e30=" },
    { channels: "all:b6", data: {} }, { channels: ["jsonobject:b", "all:b7"], data: 1 }, { channels: ["all:b8"], data: {}, skip_history: true, tags: { x: "y" } }].map((body) => api("broadcast", body))),
  ...inBoth("what subscribers get", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `all:wg${e}` } }), api("publish", { channel: `all:wg${e}`, data: { n: 1.0 }, tags: { t: "1" } }),
    api("broadcast", { channels: [`all:wg${e}`, `plain:wg${e}`], data: [1] }), api("publish", { channel: `all:wg${e}`, data: 1, skip_history: true }), api("publish", { channel: `all:wg${e}`, data: { v: 1 }, version: 3, version_epoch: "x" }),
    http({ path: "/api/publish", headers: key, text: `{"channel":"all:wg${e}","data":{ "b" : 1.50,\n "a":\t[1, 2] }}` }), http({ path: "/api/publish", headers: key, text: `{"channel":"all:wg${e}","data":{"a":1,"a":2}}` }), api("history", { channel: `all:wg${e}`, limit: 10 }),
    api("publish", { channel: `all:wg${e}`, data: 1, info: { user: "x" } })]),
  ...once("bytes for a JSON subscriber", connected("a"), send("a", { id: 2, subscribe: { channel: "all:bj" } }), connected("b", "u2", { encoding: "protobuf" }), send("b", { id: 2, subscribe: { channel: "all:bj" } }), api("publish", { channel: "all:bj", b64data: "/w==" })),
];

const looking = [
  ...once("presence", api("presence", { channel: "all:none" }), api("presence", {}), api("presence", { channel: "nowhere:x" }), api("presence", { channel: "plain:x" }), api("presence_stats", { channel: "all:none" }), api("presence_stats", {}), api("presence_stats", { channel: "plain:x" })),
  ...inBoth("presence with people", (encoding, e) => [open("a", { encoding }), send("a", { id: 1, connect: { token: good("u1", { info: { n: "A" } }) } }),
    send("a", { id: 2, subscribe: { channel: `all:pp${e}`, token: token({ sub: "u1", channel: `all:pp${e}`, info: { c: 1 } }) } }), connected("b", "", { encoding }), send("b", { id: 2, subscribe: { channel: `all:pp${e}` } }), api("presence", { channel: `all:pp${e}` }),
    api("presence_stats", { channel: `all:pp${e}` })]),
  ...once("history", [1, 2, 3, 4, 5].map((n) => api("publish", { channel: "all:hh", data: { n } })), [{}, { limit: 0 }, { limit: 2 }, { limit: -1 }, { limit: -2 }, { limit: 2, reverse: true }, { limit: 10, since: { offset: 3, epoch: "{{epoch 1}}" } }, { limit: 10, since: { offset: 3 } },
    { limit: 10, since: { offset: 3, epoch: "zzzz" } }, { limit: 10, reverse: true, since: { offset: 3, epoch: "{{epoch 1}}" } }, { limit: 10, reverse: true, since: { offset: 0, epoch: "{{epoch 1}}" } }, { limit: 10, since: {} }, { limit: 10, since: { offset: 0, epoch: "" } }, { limit: 10, since: { offset: 99, epoch: "{{epoch 1}}" } }, { limit: "x" }].map((more) => api("history", { channel: "all:hh", ...more })),
  api("history", {}), api("history", { channel: "nowhere:x" }), api("history", { channel: "plain:x" }), api("history_remove", { channel: "all:hh" }), api("history", { channel: "all:hh", limit: -1 }), api("history_remove", { channel: "plain:x" }), api("history_remove", {}), api("history_remove", { channel: "nowhere:x" }), api("history_remove", { channel: "all:never" })),
  ...once("rpc", api("rpc", { method: "x", params: {} }), api("rpc", {}), api("rpc", { method: "" })),
  ...once("batch", api("batch", { commands: [{ publish: { channel: "all:ba", data: { n: 1 } } }, { presence_stats: { channel: "all:ba" } }, { history: { channel: "all:ba", limit: 1 } }, { publish: { channel: "nowhere:x", data: {} } }, { publish: {} }, { broadcast: { channels: ["all:ba"], data: {} } }] }),
    api("batch", { commands: [] }), api("batch", {}), api("batch", { commands: [{}] }), api("batch", { commands: [{ nothing: {} }] }), api("batch", { commands: [{ unsubscribe: { user: "x", channel: "all:x" } }, { disconnect: { user: "x" } }, { refresh: { user: "x" } }, { subscribe: { user: "x", channel: "all:x" } }, { rpc: { method: "x" } }, { history_remove: { channel: "all:ba" } }, { presence: { channel: "all:ba" } }] }),
    api("batch", { parallel: true, commands: [{ presence_stats: { channel: "all:ba" } }, { presence_stats: { channel: "nowhere:ba" } }] }), api("batch", { commands: [{ publish: { channel: "all:ba", data: {} }, presence_stats: { channel: "all:ba" } }] }), api("batch", { commands: "x" })),
];

const steering = [
  ...inBoth("subscribe a user", (encoding, e) => [connected("a", `su${e}`, { encoding }), api("subscribe", { user: `su${e}`, channel: `all:su${e}` }), api("publish", { channel: `all:su${e}`, data: { n: 1 } }), api("subscribe", { user: `su${e}`, channel: `all:su${e}` }),
    api("subscribe", { user: `su${e}`, channel: `forcerec:su${e}`, info: { i: 1 }, data: { d: 1.0 } }), api("publish", { channel: `forcerec:su${e}`, data: { n: 1 } }), api("presence", { channel: `all:su${e}` }), send("a", { id: 5, subscribe: { channel: `all:su${e}` } }), send("a", { id: 6, publish: { channel: `all:su${e}`, data: "1" } })]),
  ...inBoth("subscribe with more", (encoding, e) => [connected("a", `sm${e}`, { encoding }), api("subscribe", { user: `sm${e}`, channel: `closed:sm${e}`, b64info: "eyJpIjoxfQ==", b64data: "eyJkIjoxfQ==" }), api("subscribe", { user: `sm${e}`, channel: `closed:sn${e}`, b64data: "***" }),
    api("publish", { channel: `forcerec:sm${e}`, data: { n: 1 } }), api("publish", { channel: `forcerec:sm${e}`, data: { n: 2 } }), api("subscribe", { user: `sm${e}`, channel: `forcerec:sm${e}`, recover_since: { offset: 1, epoch: "{{epoch 1}}" } }),
    api("subscribe", { user: `sm${e}`, channel: `histclosed:sm${e}`, override: { presence: { value: true }, join_leave: { value: true }, force_push_join_leave: { value: true }, force_positioning: { value: true }, force_recovery: { value: true } } }),
    api("subscribe", { user: `sm${e}`, channel: `plain:sm${e}`, client: "nobody" }), api("subscribe", { user: `sm${e}`, channel: `plain:sm${e}`, client: "{{client a}}" }), api("subscribe", { user: `sm${e}`, channel: `plain:so${e}`, session: "nobody" })]),
  ...once("subscribe that may not be", api("subscribe", { user: "nobody", channel: "all:x" }), api("subscribe", { user: "x" }), api("subscribe", { user: "x", channel: "nowhere:x" }), api("subscribe", { user: "x", channel: "$all:x" }), api("subscribe", { user: "x", channel: "all:ü" })),
  ...inBoth("unsubscribe a user", (encoding, e) => [connected("a", `un${e}`, { encoding }), send("a", { id: 2, subscribe: { channel: `all:un${e}` } }, { id: 3, subscribe: { channel: `plain:un${e}` } }, { id: 4, subscribe: { channel: `plain:um${e}` } }), api("unsubscribe", { user: `un${e}`, channel: `all:un${e}` }),
    api("unsubscribe", { user: `un${e}`, channel: `all:un${e}` }), api("unsubscribe", { user: `un${e}`, channel: `plain:un${e}`, client: "nobody" }), api("unsubscribe", { user: `un${e}`, channel: `plain:un${e}`, client: "{{client a}}" }),
    api("publish", { channel: `plain:um${e}`, data: {} }), api("unsubscribe", { user: `un${e}`, channel: "nowhere:x" }), api("unsubscribe", { channel: "all:x" }), api("unsubscribe", { user: "nobody" })]),
  ...inBoth("unsubscribe without a channel", (encoding, e) => [connected("a", `uw${e}`, { encoding }), send("a", { id: 2, subscribe: { channel: `plain:uw${e}` } }), api("unsubscribe", { user: `uw${e}`, channel: "" }), api("publish", { channel: `plain:uw${e}`, data: {} })]),
  ...[["data that is no JSON", [{ b64data: "aGVsbG8=" }]], ["data that is no JSON a second time", [{}, { b64data: "aGVsbG8=" }]], ["an expiry", [1, -5, "{{now 0}}", "{{now 600}}"].map((expire_at) => ({ expire_at }))]]
    .flatMap(([name, more], index) => inBoth(`subscribe with ${name}`, (encoding, e) => [connected("a", `sx${index}${e}`, { encoding }), more.map((each, at) => api("subscribe", { user: `sx${index}${e}`, channel: `plain:sx${index}${index === 2 ? at : ""}${e}`, ...each })), send("a", { id: 2, presence_stats: { channel: "all:x" } })])),
  ...once("subscribe nobody with an expiry", api("subscribe", { user: "nobody", channel: "plain:x", expire_at: 1 })),
  ...[["nothing more", {}], ["a code and a reason", { disconnect: { code: 4001, reason: "enough" } }], ["code 3000", { disconnect: { code: 3000, reason: "x" } }], ["code 5000", { disconnect: { code: 5000, reason: "x" } }], ["code 100", { disconnect: { code: 100, reason: "x" } }], ["no reason", { disconnect: { code: 4002 } }],
    ["a reason alone", { disconnect: { reason: "x" } }], ["a code of 0", { disconnect: { code: 0, reason: "x" } }], ["code 4999", { disconnect: { code: 4999, reason: "x" } }], ["a client", { client: "{{client a}}" }], ["another client", { client: "nobody" }], ["a whitelist", { whitelist: ["{{client a}}"] }], ["a session", { session: "nobody" }], ["a long reason", { disconnect: { code: 4003, reason: "r".repeat(200) } }]]
    .flatMap(([name, more], index) => inBoth(`disconnect a user with ${name}`, (encoding, e) => [connected("a", `di${index}${e}`, { encoding }), connected("b", `di${index}${e}`, { encoding }), api("disconnect", { user: `di${index}${e}`, ...more }), send("b", { id: 2, presence_stats: { channel: "all:x" } })])),
  ...once("disconnect nobody", api("disconnect", { user: "nobody" }), api("disconnect", { user: "x", disconnect: "x" })),
  ...[["expired", { expired: true }], ["expire_at later", { expire_at: "{{now 600}}" }], ["expire_at in the past", { expire_at: 1 }], ["nothing", {}], ["another client", { client: "nobody", expired: true }], ["info", { expire_at: "{{now 600}}", info: { n: 2 } }]]
    .flatMap(([name, more], index) => inBoth(`refresh a user with ${name}`, (encoding, e) => [connected("a", `re${index}${e}`, { encoding }), api("refresh", { user: `re${index}${e}`, ...more }), send("a", { id: 2, presence_stats: { channel: "all:x" } })])),
];

const counted = { name: "api-counted", oneByOne: true, config: main, scenarios: [
  ...once("channels", api("channels", {}), connected("a"), send("a", { id: 2, subscribe: { channel: "all:c1" } }, { id: 3, subscribe: { channel: "plain:c2" } }, { id: 4, subscribe: { channel: "room" } }), api("channels", {}), api("channels", { pattern: "all:*" }), api("channels", { pattern: "*" }), api("channels", { pattern: "r??m" }),
    api("channels", { pattern: "[a-p]*" }), api("channels", { pattern: "*c[12]" }), api("channels", { pattern: "nothing" }), api("channels", { pattern: "[" }), api("channels", { pattern: "{all:c1,room}" }), api("channels", { pattern: 1 })),
  ...once("info", api("info", {}), connected("a"), send("a", { id: 2, subscribe: { channel: "all:c1" } }), api("info", {}), http({ path: "/api/info", headers: key, text: "" })),
] };

export const apiGroups = [
  { name: "api", config: main, scenarios: [...access, ...publishing, ...looking, ...steering] },
  counted,
  { name: "api-insecure", config: changed({ http_api: { insecure: true, key: "" } }), scenarios: once("no key", http(info), http({ ...info, headers: key })) },
  { name: "api-no-key", config: changed({ http_api: { key: "" } }), scenarios: once("no key", http(info), http({ ...info, headers: { "X-API-Key": "" } }), http({ ...info, path: `${info.path}?api_key=` }), http({ ...info, headers: { Authorization: "apikey " } })) },
  { name: "api-disabled", config: changed({ http_api: { disabled: true } }), scenarios: once("any", http({ ...info, headers: key })) },
  { name: "api-prefix", config: changed({ http_api: { handler_prefix: "/server/api" } }), scenarios: once("both", http({ ...info, headers: key }), http({ ...info, path: "/server/api/presence_stats", headers: key }), http({ path: "/server/api", body: { method: "info" }, headers: key })) },
  { name: "api-error-mode", config: changed({ http_api: { error_mode: "transport" } }), scenarios: once("errors", ["nowhere:x", "", "plain:x", "all:x"].map((channel) => api("history", { channel })), api("rpc", { method: "x" }), api("batch", { commands: [{ publish: {} }] }), api("broadcast", { channels: ["nowhere:x"], data: {} })) },
];
