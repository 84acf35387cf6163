// Connecting: tokens of each outcome, order of commands, what is accepted when.
import { connected, good, inBoth, once, open, quiet, raw, rawHex, send, token, until, wait } from "./steps.mjs";
import { changed, main } from "./config.mjs";

const tokens = [
  ["a good token", good()],
  ["a token without exp", token({ sub: "u1" })],
  ["a token with an empty user", token({ exp: 3600 })],
  ["a token with exp in the past", token({ sub: "u1", exp: -10 })],
  ["a token with exp at zero", token({ sub: "u1", exp: 0 })],
  ["a token with a fractional exp", token({ sub: "u1", exp: 4102444800.5 })],
  ["a token that starts later", token({ sub: "u1", exp: 3600, nbf: 600 })],
  ["a token that has started", token({ sub: "u1", exp: 3600, nbf: -600 })],
  ["a token issued in the future", token({ sub: "u1", exp: 3600, iat: 600 })],
  ["a token with expire_at of its own", token({ sub: "u1", exp: 3600, expire_at: 600 })],
  ["a token whose connection never expires", token({ sub: "u1", exp: 3600, expire_at: 0 })],
  ["a token whose connection has expired", token({ sub: "u1", exp: 3600, expire_at: -10 })],
  ["a signature that is wrong", token({ sub: "u1", exp: 3600 }, { damage: "signature" })],
  ["a wrong signature that is expired too", token({ sub: "u1", exp: -10 }, { damage: "signature" })],
  ["an empty signature", token({ sub: "u1", exp: 3600 }, { damage: "noSignature" })],
  ["another secret", token({ sub: "u1", exp: 3600 }, { secret: "other" })],
  ["alg none", token({ sub: "u1", exp: 3600 }, { alg: "none" })],
  ["alg HS384", token({ sub: "u1", exp: 3600 }, { alg: "HS384" })],
  ["alg HS512", token({ sub: "u1", exp: 3600 }, { alg: "HS512" })],
  ["alg RS256 without a key", token({ sub: "u1", exp: 3600 }, { alg: "RS256" })],
  ["alg ES256 without a key", token({ sub: "u1", exp: 3600 }, { alg: "ES256" })],
  ["two parts", token({ sub: "u1" }, { damage: "twoParts" })],
  ["four parts", token({ sub: "u1" }, { damage: "fourParts" })],
  ["padding", token({ sub: "u1" }, { damage: "padding" })],
  ["letters outside of base64url", token({ sub: "u1" }, { damage: "alphabet" })],
  ["a token that is cut", token({ sub: "u1" }, { damage: "cut" })],
  ["a token that is a word", "nonsense"],
  ["claims that are no JSON", token("{")],
  ["claims that are a list", token("[]")],
  ["a user that is a number", token({ sub: 42, exp: 3600 })],
  ["exp that is a text", token({ sub: "u1", exp: "soon" })],
  ["a channel claim", token({ sub: "u1", exp: 3600, channel: "room" })],
  ["a header with kid", token({ sub: "u1", exp: 3600 }, { header: { kid: "1" } })],
  ["a header without typ", token({ sub: "u1", exp: 3600 }, { header: { typ: undefined } })],
  ["a header with another typ", token({ sub: "u1", exp: 3600 }, { header: { typ: "at+jwt" } })],
  ["an audience nobody asked for", token({ sub: "u1", exp: 3600, aud: "x", iss: "y" })],
  ["unknown claims", token({ sub: "u1", exp: 3600, projectId: "p", role: ["a"] })],
  ["info", token({ sub: "u1", exp: 3600, info: { name: "A", n: 1.50 } })],
  ["b64info", token({ sub: "u1", exp: 3600, b64info: "eyJuIjoxfQ==" })],
  ["b64info that is no base64", token({ sub: "u1", exp: 3600, b64info: "***" })],
  ["info and b64info", token({ sub: "u1", exp: 3600, info: { a: 1 }, b64info: "eyJuIjoxfQ==" })],
  ["meta", token({ sub: "u1", exp: 3600, meta: { a: 1 } })],
  ["meta that is a list", token({ sub: "u1", exp: 3600, meta: [1] })],
  ["channels", token({ sub: "u1", exp: 3600, channels: ["plain:c1", "forcerec:c1"] })],
  ["the same channel twice", token({ sub: "u1", exp: 3600, channels: ["plain:c1", "plain:c1"] })],
  ["channels with an unknown namespace", token({ sub: "u1", exp: 3600, channels: ["nowhere:c1"] })],
  ["channels of every kind", token({ sub: "u1", exp: 3600, channels: ["$plain:c1", "plain:c#u1", "closed:c1"] })],
  ["channels that are no list", token({ sub: "u1", exp: 3600, channels: "plain:c1" })],
  ["an empty channel", token({ sub: "u1", exp: 3600, channels: [""] })],
  ["subs", token({ sub: "u1", exp: 3600, subs: { "plain:c1": {}, "forcerec:c2": { info: { i: 1 }, data: { d: 1 } } } })],
  ["subs with b64 payloads", token({ sub: "u1", exp: 3600, subs: { "plain:c3": { b64info: "eyJpIjoxfQ==", b64data: "eyJkIjoxfQ==" } } })],
  ["subs with wrong b64data", token({ sub: "u1", exp: 3600, subs: { "plain:c3": { b64data: "***" } } })],
  ["subs with b64data that is no JSON", token({ sub: "u1", exp: 3600, subs: { "plain:c3": { b64data: "aGVsbG8=" } } })],
  ["subs and channels", token({ sub: "u1", exp: 3600, channels: ["plain:c4"], subs: { "plain:c5": {} } })],
  ["subs with overrides", token({ sub: "u1", exp: 3600, subs: { "histclosed:c6{{encoding}}": { override: {
    presence: { value: true }, join_leave: { value: true }, force_push_join_leave: { value: true }, force_positioning: { value: true },
    force_recovery: { value: true } } } } })],
  ["subs with an unknown namespace", token({ sub: "u1", exp: 3600, subs: { "nowhere:c": {} } })],
];

const tokenScenarios = tokens.flatMap(([name, value]) => inBoth(`connect with ${name}`, (encoding) => [
  open("a", { encoding }), send("a", { id: 1, connect: { token: JSON.parse(JSON.stringify(value).replace("{{encoding}}", encoding)) } }),
  send("a", { id: 2, presence_stats: { channel: "all:t" } }),
]));

const requests = [
  ["nothing", {}],
  ["name and version", { name: "js", version: "5.7.1" }],
  ["data", { data: { hello: [1, 2] } }],
  ["subs nobody grants", { subs: { "plain:x": { recover: true, offset: 3, epoch: "abc" } } }],
  ["headers", { headers: { "x-app": "1" } }],
  ["a flag", { flag: 1 }],
  ["a very long name", { name: "n".repeat(100), version: "v".repeat(200) }],
];

const requestScenarios = requests.flatMap(([name, value]) => inBoth(`connect with ${name} as anonymous`, (encoding) => [
  open("a", { encoding }), send("a", { id: 1, connect: value }),
]));

const order = [
  ...inBoth("a command before connect", (encoding) => [open("a", { encoding }), send("a", { id: 1, subscribe: { channel: "plain:a" } })]),
  ...inBoth("connect twice", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, connect: {} })]),
  ...inBoth("connect twice in one frame", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: {} }, { id: 2, connect: {} })]),
  ...inBoth("connect and subscribes in one frame", (encoding, e) => [
    open("a", { encoding }),
    send("a", { id: 1, connect: { token: good() } }, { id: 2, subscribe: { channel: `plain:f1${e}` } }, { id: 3, subscribe: { channel: `nowhere:f${e}` } },
      { id: 4, subscribe: { channel: `forcerec:f1${e}` } }, { id: 5, publish: { channel: `all:f1${e}`, data: { n: 1 } } }),
  ]),
  ...inBoth("a refused connect and more in one frame", (encoding) => [
    open("a", { encoding }),
    send("a", { id: 1, connect: { token: token({ sub: "u1", exp: -10 }) } }, { id: 2, subscribe: { channel: "plain:z" } }),
    send("a", { id: 3, subscribe: { channel: "plain:z" } }),
  ]),
  ...inBoth("connect with id 0", (encoding) => [open("a", { encoding }), send("a", { connect: {} })]),
  ...inBoth("the largest id", (encoding) => [
    open("a", { encoding }), send("a", { id: 4294967295, connect: {} }), send("a", { id: 4294967295, presence_stats: { channel: "all:id" } }),
  ]),
  ...inBoth("the same id three times", (encoding) => [
    connected("a", "u1", { encoding }), send("a", { id: 1, presence_stats: { channel: "all:id2" } }),
    send("a", { id: 1, presence_stats: { channel: "all:id2" } }),
  ]),
  ...inBoth("ids that go down", (encoding) => [
    open("a", { encoding }), send("a", { id: 9, connect: {} }, { id: 5, presence_stats: { channel: "all:id3" } }, { id: 2, unsubscribe: { channel: "x" } }),
  ]),
  ...inBoth("a pong nobody asked for", (encoding) => [connected("a", "u1", { encoding }), send("a", {})]),
  ...inBoth("a pong before connect", (encoding) => [open("a", { encoding }), send("a", {})]),
  ...inBoth("an id and nothing else", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2 })]),
  ...inBoth("the ping command", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, ping: {} })]),
  ...inBoth("the send command", (encoding) => [connected("a", "u1", { encoding }), send("a", { send: { data: { n: 1 } } })]),
  ...inBoth("the send command with an id", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, send: { data: { n: 1 } } })]),
  ...inBoth("send before connect", (encoding) => [open("a", { encoding }), send("a", { send: { data: { n: 1 } } })]),
  ...inBoth("rpc without a backend", (encoding) => [
    connected("a", "u1", { encoding }), send("a", { id: 2, rpc: { method: "m", data: {} } }), send("a", { id: 3, rpc: { data: {} } }),
    send("a", { id: 4, rpc: { method: "ns:m", data: {} } }),
  ]),
  ...["unsubscribe", "subscribe", "publish", "presence", "presence_stats", "history", "sub_refresh"].flatMap((command) =>
    inBoth(`${command} without a channel`, (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, [command]: { channel: "", ...(command === "publish" ? { data: "1" } : {}) } })])),
  ...inBoth("refresh without a token", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, refresh: { token: "" } })]),
  ...["subscribe", "publish", "presence", "presence_stats", "history", "rpc", "refresh", "sub_refresh", "unsubscribe"].flatMap((command) =>
    inBoth(`${command} without id`, (encoding) => [connected("a", "u1", { encoding }), send("a", { [command]: command === "rpc" ? { method: "m" } : command === "refresh" ? { token: "x" } : { channel: "all:noid" } })])),
];

const refreshes = [
  ["a good token", token({ sub: "u1", exp: 7200 })],
  ["a token that never expires", token({ sub: "u1" })],
  ["a token with expire_at", token({ sub: "u1", exp: 7200, expire_at: 600 })],
  ["an expired token", token({ sub: "u1", exp: -10 })],
  ["a token that starts later", token({ sub: "u1", exp: 3600, nbf: 600 })],
  ["another user's token", token({ sub: "u2", exp: 3600 })],
  ["a wrong signature", token({ sub: "u1", exp: 3600 }, { damage: "signature" })],
  ["a word", "nonsense"],
  ["a channel claim", token({ sub: "u1", exp: 3600, channel: "x" })],
  ["the same channels", token({ sub: "u1", exp: 3600, channels: ["plain:rf"] }), ["plain:rf"]],
  ["other channels", token({ sub: "u1", exp: 3600, channels: ["plain:rf2"] }), ["plain:rf"]],
  ["fewer channels", token({ sub: "u1", exp: 3600 }), ["plain:rf"]],
  ["new info", token({ sub: "u1", exp: 3600, info: { v: 2 } })],
];
const refreshScenarios = refreshes.flatMap(([name, value, channels]) => inBoth(`refresh with ${name}`, (encoding) => [
  open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: 3600, ...(channels ? { channels } : {}) }) } }),
  send("a", { id: 2, refresh: { token: value } }),
]));
const anonymousRefresh = inBoth("refresh of an anonymous connection", (encoding) => [
  open("a", { encoding }), send("a", { id: 1, connect: {} }), send("a", { id: 2, refresh: { token: good("") } }), send("a", { id: 3, refresh: { token: good() } }),
]);

const malformedJson = [
  ["an empty frame", ""], ["a line break", "\n"], ["spaces", "   "], ["no JSON", "hello"], ["half an object", '{"id":2,"presence_stats":{"channel":"a'],
  ["a list", "[]"], ["null", "null"], ["a number", "1"], ["a text", '"x"'], ["true", "true"],
  ["two objects without a line break", '{"id":2,"presence_stats":{"channel":"all:m"}}{"id":3,"presence_stats":{"channel":"all:m"}}'],
  ["a blank line between", '{"id":2,"presence_stats":{"channel":"all:m"}}\n\n{"id":3,"presence_stats":{"channel":"all:m"}}'],
  ["a line break at the end", '{"id":2,"presence_stats":{"channel":"all:m"}}\n'],
  ["two line breaks at the end", '{"id":2,"presence_stats":{"channel":"all:m"}}\n\n'],
  ["a line break in front", '\n{"id":2,"presence_stats":{"channel":"all:m"}}'],
  ["CRLF between", '{"id":2,"presence_stats":{"channel":"all:m"}}\r\n{"id":3,"presence_stats":{"channel":"all:m"}}'],
  ["spaces around", '  { "id" : 2 , "presence_stats" : { "channel" : "all:m" } }  '],
  ["unknown fields", '{"id":2,"x":1,"presence_stats":{"channel":"all:m","y":{"z":[1]}},"w":null}'],
  ["an unknown command", '{"id":2,"dance":{}}'],
  ["an id that is a text", '{"id":"2","presence_stats":{"channel":"all:m"}}'],
  ["an id that is negative", '{"id":-1,"presence_stats":{"channel":"all:m"}}'],
  ["an id with a fraction", '{"id":2.5,"presence_stats":{"channel":"all:m"}}'],
  ["an id with an exponent", '{"id":2e0,"presence_stats":{"channel":"all:m"}}'],
  ["an id past 32 bits", '{"id":4294967296,"presence_stats":{"channel":"all:m"}}'],
  ["an id of null", '{"id":null,"presence_stats":{"channel":"all:m"}}'],
  ["a channel that is a number", '{"id":2,"presence_stats":{"channel":1}}'],
  ["a channel of null", '{"id":2,"presence_stats":{"channel":null}}'],
  ["a command of null", '{"id":2,"presence_stats":null}'],
  ["a command that is a list", '{"id":2,"presence_stats":[]}'],
  ["a command that is a text", '{"id":2,"presence_stats":"x"}'],
  ["recover that is a number", '{"id":2,"subscribe":{"channel":"plain:m1","recover":1}}'],
  ["an offset that is a text", '{"id":2,"subscribe":{"channel":"plain:m2","offset":"1"}}'],
  ["an offset that is negative", '{"id":2,"subscribe":{"channel":"plain:m3","offset":-1}}'],
  ["an offset past 64 bits", '{"id":2,"subscribe":{"channel":"plain:m4","offset":18446744073709551616}}'],
  ["the largest offset", '{"id":2,"subscribe":{"channel":"plain:m5","offset":18446744073709551615}}'],
  ["a limit past 32 bits", '{"id":2,"history":{"channel":"all:m6","limit":2147483648}}'],
  ["a key twice", '{"id":2,"id":3,"presence_stats":{"channel":"all:m"}}'],
  ["two commands in one object", '{"id":2,"presence_stats":{"channel":"all:m"},"unsubscribe":{"channel":"x"}}'],
  ["escaped keys", '{"\\u0069d":2,"presence_stats":{"channel":"all:m"}}'],
  ["upper-case keys", '{"ID":2,"presence_stats":{"channel":"all:m"}}'],
  ["an escaped channel", '{"id":2,"presence_stats":{"channel":"\\u0061ll:m"}}'],
  ["a lone surrogate", '{"id":2,"presence_stats":{"channel":"all:\\ud800"}}'],
  ["a raw control character", '{"id":2,"presence_stats":{"channel":"all:\u0001"}}'],
  ["a trailing comma", '{"id":2,"presence_stats":{"channel":"all:m"},}'],
  ["a comment", '{"id":2,/* x */"presence_stats":{"channel":"all:m"}}'],
  ["single quotes", "{'id':2}"],
  ["a byte order mark", '\ufeff{"id":2,"presence_stats":{"channel":"all:m"}}'],
  ["a NUL behind", '{"id":2,"presence_stats":{"channel":"all:m"}}\u0000'],
  ["a good and a bad line", '{"id":2,"presence_stats":{"channel":"all:m"}}\nnonsense'],
  ["a payload that is no JSON", '{"id":2,"publish":{"channel":"all:m7","data":nonsense}}'],
  ["publish without data", '{"id":2,"publish":{"channel":"all:m8"}}'],
  ["publish of null", '{"id":2,"publish":{"channel":"all:m9","data":null}}'],
  ["publish of an empty text", '{"id":2,"publish":{"channel":"all:m10","data":""}}'],
  ["publish of a number", '{"id":2,"publish":{"channel":"all:m11","data":-0.10e+5}}'],
];
const malformedJsonScenarios = malformedJson.flatMap(([name, text]) => once(`JSON: ${name}`, connected("a"), raw("a", text)));
const firstJson = [["an empty frame", ""], ["no JSON", "hello"], ["an empty object", "{}"], ["an unknown command", '{"id":1,"dance":{}}'],
  ["connect of null", '{"id":1,"connect":null}'], ["a token that is a number", '{"id":1,"connect":{"token":1}}'],
  ["subs of the wrong type", '{"id":1,"connect":{"subs":[]}}'], ["connect in a binary frame", undefined]];
const firstScenarios = firstJson.flatMap(([name, text]) => once(`JSON as the first frame: ${name}`, open("a"), text === undefined
  ? raw("a", '{"id":1,"connect":{}}', { binary: true }) : raw("a", text)));

const malformedProtobuf = [
  ["an empty frame", ""], ["a zero byte", "00"], ["two zero bytes", "0000"], ["a length without a message", "05"],
  ["a message that is cut", "0a08025a0a0a"], ["a varint without an end", "ffffffffffffffffffffff"], ["a length past the frame", "ff7f0801"],
  ["an unknown field", "0d08024a070a05616c6c3a6d5001"], ["a group", "020b0c"], ["a field number of zero", "020001"],
  ["a wrong wire type", "020a01"], ["an id past 32 bits", "1008808080801052080a06706c61696e31"], ["a text that is no UTF-8", "0808024a040a02c328"],
  ["a good and a cut message", "0b08024a070a05616c6c3a6d0b08"], ["a length in too many bytes", "8b80000802"],
  ["JSON instead", "7b226964223a322c2270726573656e63655f7374617473223a7b226368616e6e656c223a22616c6c3a6d227d7d"],
];
const malformedProtobufScenarios = malformedProtobuf.flatMap(([name, hex]) => [
  ...once(`Protobuf: ${name}`, connected("a", "u1", { encoding: "protobuf" }), rawHex("a", hex)),
  ...once(`Protobuf as the first frame: ${name}`, open("a", { encoding: "protobuf" }), rawHex("a", hex)),
]);
const frameKinds = [
  ...once("Protobuf in a text frame", open("a", { encoding: "protobuf" }), rawHex("a", "0408013200", { binary: false })),
  ...once("JSON in a binary frame after connect", connected("a"), raw("a", '{"id":2,"presence_stats":{"channel":"all:m"}}', { binary: true })),
];

const sizes = [65535, 65536, 65537].flatMap((size) => {
  const command = (filler) => `{"id":2,"publish":{"channel":"pubanon:size","data":"${filler}"}}`;
  const filler = { $repeat: ["x", size - command("").length] };
  return once(`a JSON frame of ${size} bytes`, connected("a"),
    { do: "raw", as: "a", text: { $join: [command("").slice(0, -3), filler, command("").slice(-3)] } });
});

export const connectGroup = {
  name: "connect",
  config: main,
  scenarios: [...tokenScenarios, ...requestScenarios, ...order, ...refreshScenarios, ...anonymousRefresh],
};
export const malformedGroup = {
  name: "malformed",
  config: main,
  scenarios: [...malformedJsonScenarios, ...firstScenarios, ...malformedProtobufScenarios, ...frameKinds, ...sizes],
};

const strict = (name, client, scenarios) => ({ name, config: changed({ client }), scenarios });
const anonymous = (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: {} })];

export const policyGroups = [
  strict("connect-no-anonymous", { allow_anonymous_connect_without_token: false }, [
    ...inBoth("no token", anonymous),
    ...inBoth("a token without a user", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ exp: 3600 }) } })]),
    ...inBoth("a token", (encoding) => connected("a", "u1", { encoding })),
  ]),
  strict("connect-no-anonymous-tokens", { disallow_anonymous_connection_tokens: true }, [
    ...inBoth("no token", anonymous),
    ...inBoth("a token without a user", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ exp: 3600 }) } })]),
  ]),
  strict("connect-server-time", { connect_include_server_time: true }, inBoth("connect", (encoding) => connected("a", "u1", { encoding }))),
  strict("connect-insecure", { insecure: true, allow_anonymous_connect_without_token: false }, [
    ...inBoth("no token", (encoding, e) => [anonymous(encoding), send("a", { id: 2, subscribe: { channel: `closed:i${e}` } }),
      send("a", { id: 3, publish: { channel: `closed:i${e}`, data: { n: 1 } } }), send("a", { id: 4, presence: { channel: `closed:i${e}` } }),
      send("a", { id: 5, presence: { channel: `presclosed:i${e}` } }), send("a", { id: 6, history: { channel: `histclosed:i${e}`, limit: 1 } }),
      send("a", { id: 7, subscribe: { channel: `$closed:i${e}` } }), send("a", { id: 8, subscribe: { channel: `limitedonly:i${e}#u5` } }),
      send("a", { id: 9, subscribe: { channel: "nowhere:i" } }), send("a", { id: 10, history: { channel: `closed:i${e}` } })]),
    ...inBoth("an expired token", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: -10 }) } })]),
    ...inBoth("a damaged token", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1" }, { damage: "signature" }) } })]),
    ...inBoth("a subscription token", (encoding, e) => [anonymous(encoding), send("a", { id: 2, subscribe: { channel: `$closed:j${e}`, token: token({ sub: "", channel: `$closed:j${e}` }) } }),
      send("a", { id: 3, subscribe: { channel: `closed:k${e}`, token: token({ sub: "u9", channel: `closed:k${e}` }) } })]),
  ]),
  strict("connect-skip-signature", { insecure_skip_token_signature_verify: true }, [
    ...inBoth("a wrong signature", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: 3600 }, { damage: "signature" }) } })]),
    ...inBoth("alg none", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: 3600 }, { alg: "none" }) } })]),
    ...inBoth("an expired one", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: -10 }, { damage: "signature" }) } })]),
    ...inBoth("a word", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: "nonsense" } })]),
  ]),
  strict("connect-user-header", { user_id_http_header: "X-User" }, [
    ...inBoth("the header", (encoding) => [open("a", { encoding, headers: { "X-User": "h1" } }), send("a", { id: 1, connect: {} }, { id: 2, subscribe: { channel: "users:h" } })]),
    ...inBoth("the header and a token", (encoding) => [open("a", { encoding, headers: { "X-User": "h1" } }), send("a", { id: 1, connect: { token: good("u2") } }, { id: 2, publish: { channel: "all:h", data: "1" } })]),
    ...inBoth("no header", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: {} })]),
    ...inBoth("an empty header", (encoding) => [open("a", { encoding, headers: { "X-User": "" } }), send("a", { id: 1, connect: {} })]),
  ]),
  strict("connect-personal", { subscribe_to_user_personal_channel: { enabled: true } }, [
    ...inBoth("a user", (encoding, e) => connected("a", `p${e}`, { encoding })),
    ...inBoth("an anonymous one", anonymous),
    ...inBoth("token channels too", (encoding, e) => [open("a", { encoding }), send("a", { id: 1, connect: { token: good(`q${e}`, { channels: ["plain:x"] }) } }),
      send("a", { id: 2, subscribe: { channel: `#q${e}` } })]),
  ]),
  strict("connect-personal-namespace", { subscribe_to_user_personal_channel: { enabled: true, personal_channel_namespace: "limited", single_connection: true } }, [
    ...inBoth("one after another", (encoding, e) => [connected("a", `s${e}`, { encoding }), quiet(400, connected("b", `s${e}`, { encoding })[0]),
      quiet(400, send("b", { id: 1, connect: { token: good(`s${e}`) } }))]),
  ]),
  strict("connect-pings", { ping_interval: "1s", pong_timeout: "0.5s" }, [
    ...inBoth("a ping and its pong", (encoding) => [connected("a", "u1", { encoding }), until({ a: 1 }, wait(0)), quiet(100, send("a", {})),
      until({ a: 1 }, send("a", {}))]),
    ...inBoth("no pong", (encoding) => [connected("a", "u1", { encoding }), until({ a: 2 }, wait(0))]),
    ...inBoth("native pings", (encoding) => [open("a", { encoding, query: `cf_ws_frame_ping_pong=true&cf_protocol=${encoding}` }),
      send("a", { id: 1, connect: {} }), until({ a: 2 }, wait(0)), until({ a: 1 }, send("a", {}))]),
    ...inBoth("pongs off by query", (encoding) => [open("a", { encoding, query: `cf_protocol=${encoding}` }), send("a", { id: 1, connect: {} })]),
  ]),
  strict("connect-pings-off", { ping_interval: "0s", pong_timeout: "0s" }, inBoth("connect", (encoding) => connected("a", "u1", { encoding }))),
  strict("connect-timers", { stale_close_delay: "0.5s", expired_close_delay: "0.5s", expired_sub_close_delay: "0.5s", presence_update_interval: "0.5s" }, [
    ...inBoth("nothing sent", (encoding) => [until({ a: 1 }, open("a", { encoding }))]),
    ...inBoth("a connection that expires", (encoding) => [open("a", { encoding }), until({ a: 2 }, send("a", { id: 1, connect: { token: token({ sub: "u1", exp: 2 }) } }))]),
    ...inBoth("a connection that is refreshed", (encoding) => [open("a", { encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: 2 }) } }),
      quiet(3500, send("a", { id: 2, refresh: { token: good() } }))]),
    ...inBoth("a subscription that expires", (encoding, e) => [connected("a", "u1", { encoding }),
      until({ a: 2 }, send("a", { id: 2, subscribe: { channel: `closed:e${e}`, token: token({ sub: "u1", channel: `closed:e${e}`, exp: 2 }) } }))]),
    ...inBoth("a subscription that is refreshed", (encoding, e) => [connected("a", "u1", { encoding }),
      send("a", { id: 2, subscribe: { channel: `closed:f${e}`, token: token({ sub: "u1", channel: `closed:f${e}`, exp: 2 }) } }),
      quiet(4500, send("a", { id: 3, sub_refresh: { channel: `closed:f${e}`, token: token({ sub: "u1", channel: `closed:f${e}`, exp: 3600 }) } }))]),
  ]),
  strict("connect-limits", { channel_limit: 3, user_connection_limit: 2 }, [
    ...inBoth("a third connection of one user", (encoding, e) => [connected("a", `l${e}`, { encoding }), connected("b", `l${e}`, { encoding }), connected("c", `l${e}`, { encoding })]),
    ...inBoth("three anonymous ones", (encoding) => [connected("a", "", { encoding }), connected("b", "", { encoding }), connected("c", "", { encoding })]),
    ...inBoth("a fourth channel", (encoding, e) => [connected("a", `m${e}`, { encoding }), send("a", ...[2, 3, 4, 5].map((id) => ({ id, subscribe: { channel: `plain:l${e}${id}` } }))),
      send("a", { id: 6, unsubscribe: { channel: `plain:l${e}2` } }, { id: 7, subscribe: { channel: `plain:l${e}9` } })]),
    ...inBoth("four channels in the token", (encoding, e) => [open("a", { encoding }), send("a", { id: 1, connect: { token: good(`n${e}`, { channels: ["plain:1", "plain:2", "plain:3", "plain:4"] }) } })]),
    ...inBoth("three channels in the token and one more", (encoding, e) => [open("a", { encoding }),
      send("a", { id: 1, connect: { token: good(`o${e}`, { channels: ["plain:1", "plain:2", "plain:3"] }) } }), send("a", { id: 2, subscribe: { channel: "plain:4" } })]),
  ]),
];
