// Channels: who may subscribe, publish and look, names and their limits, history.
import { main, changed } from "./config.mjs";
import { api, bothEncodings, close, connected, freshNames, good, inBoth, once, open, send, token } from "./steps.mjs";

const fresh = freshNames("c");

const anonymousOrUser = [["anonymous", ""], ["a user", "u1"]];

// --- Subscribing --------------------------------------------------------------------------------------------------------------------

const subscribable = [
  "all:s", "plain:s", "users:s", "closed:s", "nowhere:s", "room-s", "forcepos:s", "forcerec:s", "cache:s", "autocache:s", "joins:s", "limitedonly:s",
  "$all:s", "$room", "$nowhere:s", "regex:abc", "regex:a1", "regex:toolong", "limited:s#u1", "limited:s#u2", "limited:s#u2,u1", "limited:s#",
  "limited:s#u1,", "limited:#u1", "#u1", "#u2", "limitedonly:s#u1", "plain:s#u2", "all:", ":s", "all", "all:with:two", "all:with space", "all:ümlaut", "all:*",
  "all:a/b?c=d&e", "plain:\u0001", "$", "$:", "$$all:s",
];
const subscribing = anonymousOrUser.flatMap(([who, user]) => inBoth(`subscribe to many kinds of channels as ${who}`, (encoding) => [
  connected("a", user, { encoding }),
  subscribable.map((channel, index) => send("a", { id: index + 2, subscribe: { channel: channel.replace(/s$/, `s${encoding}`) } })),
]));
const nameLengths = [254, 255, 256].flatMap((length) => inBoth(`a channel name of ${length} bytes`, (encoding, e) => [
  connected("a", "u1", { encoding }),
  ["subscribe", "publish", "presence", "history", "unsubscribe"].map((command, index) => send("a", { id: index + 2,
    [command]: { channel: `all:${e.repeat(length - 4)}`, ...(command === "publish" ? { data: "1" } : {}) } })),
]));

const flags = [
  ["nothing", {}], ["positioned", { positioned: true }], ["recoverable", { recoverable: true }], ["join_leave", { join_leave: true }],
  ["everything", { positioned: true, recoverable: true, join_leave: true, delta: "fossil" }], ["delta", { delta: "fossil" }],
  ["flag 1", { flag: 1 }], ["flag 2", { flag: 2 }], ["an unknown flag", { flag: 1024 }], ["recover", { recover: true }],
  ["recover with an epoch", { recover: true, epoch: "zzzz", offset: 5 }], ["recover or fail", { recover: true, epoch: "zzzz", offset: 5, flag: 2 }],
  ["data", { data: { x: 1 } }],
];
const flagNamespaces = ["plain", "all", "forcepos", "allowpos", "forcerec", "allowrec", "histsub", "histclosed", "joins", "joinsforced", "joinsclosed", "cache", "autocache", "delta",
  "deltaask", "deltanohist"];
const flagged = flags.flatMap(([name, request]) => inBoth(`subscribe with ${name}`, (encoding) => [
  connected("a", "u1", { encoding }),
  flagNamespaces.map((namespace, index) => send("a", { id: index + 2, subscribe: { channel: fresh(namespace), ...request } })),
]));

const moreSubscribing = [
  ...inBoth("subscribe twice", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `plain:d${e}` } }),
    send("a", { id: 3, subscribe: { channel: `plain:d${e}` } }), send("a", { id: 4, unsubscribe: { channel: `plain:d${e}` } }),
    send("a", { id: 5, subscribe: { channel: `plain:d${e}` } })]),
  ...inBoth("subscribe twice in one frame", (encoding, e) => [connected("a", "u1", { encoding }),
    send("a", { id: 2, subscribe: { channel: `plain:e${e}` } }, { id: 3, subscribe: { channel: `plain:e${e}` } })]),
  ...inBoth("unsubscribe from nothing", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, unsubscribe: { channel: "plain:none" } }),
    send("a", { id: 3, unsubscribe: { channel: "nowhere:none" } })]),
  ...inBoth("a server-side channel", (encoding, e) => [open("a", { encoding }), send("a", { id: 1, connect: { token: good("u1", { channels: [`all:ss${e}`] }) } }),
    send("a", { id: 2, subscribe: { channel: `all:ss${e}` } }), send("a", { id: 3, publish: { channel: `all:ss${e}`, data: { n: 1 } } }),
    send("a", { id: 4, presence: { channel: `all:ss${e}` } }), send("a", { id: 5, unsubscribe: { channel: `all:ss${e}` } }),
    send("a", { id: 6, publish: { channel: `all:ss${e}`, data: { n: 2 } } })]),
  ...inBoth("an unknown delta", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: "delta:u", delta: "xdelta" } })]),
  ...[1, 2, 3, 4, 5, -1].flatMap((type) => inBoth(`a subscription type ${type} in a stream namespace`, (encoding) => [connected("a", "u1", { encoding }),
    send("a", { id: 2, subscribe: { channel: "all:type", type } })])),
  ...inBoth("phase, cursor, limit and asc of a stream", (encoding) => [connected("a", "u1", { encoding }),
    send("a", { id: 2, subscribe: { channel: fresh("all"), phase: 2, cursor: "x", limit: 5, asc: true } })]),
];

const subscriptionTokens = [
  ["a good token", { sub: "u1", exp: 3600 }],
  ["one that never expires", { sub: "u1" }],
  ["an expired one", { sub: "u1", exp: -10 }],
  ["one that starts later", { sub: "u1", exp: 3600, nbf: 600 }],
  ["another channel", { sub: "u1", exp: 3600, channel: "closed:other" }],
  ["no channel", { sub: "u1", exp: 3600, channel: undefined }],
  ["another user", { sub: "u2", exp: 3600 }],
  ["no user", { exp: 3600 }],
  ["another client", { sub: "u1", exp: 3600, client: "nobody" }],
  ["this client", { sub: "u1", exp: 3600, client: "{{client a}}" }],
  ["a wrong signature", { sub: "u1", exp: 3600 }, { damage: "signature" }],
  ["another secret", { sub: "u1", exp: 3600 }, { secret: "other" }],
  ["HS512", { sub: "u1", exp: 3600 }, { alg: "HS512" }],
  ["info and data", { sub: "u1", exp: 3600, info: { i: [1] }, data: { d: 1.0 } }],
  ["b64 payloads", { sub: "u1", exp: 3600, b64info: "eyJpIjoxfQ==", b64data: "eyJkIjoxfQ==" }],
  ["b64 payloads that are none", { sub: "u1", exp: 3600, b64info: "***" }],
  ["expire_at", { sub: "u1", exp: 3600, expire_at: 600 }],
  ["expire_at of zero", { sub: "u1", exp: 3600, expire_at: 0 }],
  ["expire_at in the past", { sub: "u1", exp: 3600, expire_at: -10 }],
  ["an override that switches on", { sub: "u1", exp: 3600, override: { presence: { value: true }, join_leave: { value: true }, force_push_join_leave: { value: true },
    force_positioning: { value: true }, force_recovery: { value: true } } }],
  ["an override of nulls", { sub: "u1", exp: 3600, override: { presence: null } }],
  ["a word", undefined],
  ["b64data that is no JSON", { sub: "u1", exp: 3600, b64data: "aGVsbG8=" }],
];
const subscriptionTokenScenarios = subscriptionTokens.flatMap(([name, claims, how], index) => inBoth(`subscribe with a token: ${name}`, (encoding, e) => {
  const made = (channel) => (claims === undefined ? "nonsense" : token({ channel, ...claims }, how));
  const closed = `closed:t${index}${e}`;
  const hidden = `$histclosed:t${index}${e}`;
  return [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: closed, token: made(closed) } }),
    connected("b", "u1", { encoding }), send("b", { id: 2, subscribe: { channel: hidden, token: made(hidden) } }),
    send("b", { id: 3, publish: { channel: hidden, data: { n: 1 } } }), send("b", { id: 4, sub_refresh: { channel: hidden, token: token({ channel: hidden, sub: "u1" }) } })];
}));
const moreTokens = [
  ...inBoth("a connection token for a subscription", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: "closed:ct", token: good() } })]),
  ...inBoth("a subscription token where none is needed", (encoding, e) => [connected("a", "u1", { encoding }),
    send("a", { id: 2, subscribe: { channel: `plain:nn${e}`, token: token({ sub: "u1", channel: `plain:nn${e}`, exp: 3600 }) } })]),
  ...inBoth("a bad token where none is needed", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: "plain:bn", token: "x" } })]),
  ...inBoth("a token in an unknown namespace", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: "nowhere:bn", token: "x" } })]),
  ...inBoth("a token for somebody else's user-limited channel", (encoding) => [connected("a", "u1", { encoding }),
    send("a", { id: 2, subscribe: { channel: "limitedonly:x#u2", token: token({ sub: "u1", channel: "limitedonly:x#u2", exp: 3600 }) } })]),
  ...inBoth("an anonymous subscription token", (encoding) => [connected("a", "", { encoding }),
    send("a", { id: 2, subscribe: { channel: "$closed:anon", token: token({ sub: "", channel: "$closed:anon", exp: 3600 }) } }),
    send("a", { id: 3, subscribe: { channel: "$closed:anon2", token: token({ channel: "$closed:anon2" }) } })]),
];

const subRefreshes = [
  ["a good token", { sub: "u1", exp: 7200 }], ["one that never expires", { sub: "u1" }], ["an expired one", { sub: "u1", exp: -10 }],
  ["another channel", { sub: "u1", exp: 3600, channel: "closed:other" }], ["another user", { sub: "u2", exp: 3600 }],
  ["a wrong signature", { sub: "u1", exp: 3600 }, { damage: "signature" }], ["no token", undefined], ["expire_at", { sub: "u1", exp: 3600, expire_at: 600 }],
  ["one that starts later", { sub: "u1", exp: 3600, nbf: 600 }], ["another client", { sub: "u1", exp: 3600, client: "nobody" }],
];
const subRefreshScenarios = [
  ...subRefreshes.flatMap(([name, claims, how], index) => inBoth(`sub_refresh with ${name}`, (encoding, e) => {
    const channel = `closed:sr${index}${e}`;
    return [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel, token: token({ sub: "u1", channel, exp: 3600 }) } }),
      send("a", { id: 3, sub_refresh: { channel, token: claims === undefined ? "" : token({ channel, ...claims }, how) } })];
  })),
  ...inBoth("sub_refresh without a subscription", (encoding) => [connected("a", "u1", { encoding }),
    send("a", { id: 2, sub_refresh: { channel: "closed:none", token: token({ sub: "u1", channel: "closed:none" }) } })]),
  ...inBoth("sub_refresh of one without a token", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `plain:sr${e}` } }),
    send("a", { id: 3, sub_refresh: { channel: `plain:sr${e}`, token: token({ sub: "u1", channel: `plain:sr${e}`, exp: 3600 }) } })]),
  ...[1, 2, 3].flatMap((type) => inBoth(`sub_refresh of type ${type} in a stream`, (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `plain:st${type}${e}` } }),
    send("a", { id: 3, sub_refresh: { channel: `plain:st${type}${e}`, type } })])),
];

// --- Publishing, presence, history: permissions -------------------------------------------------------------------------------------

const asked = {
  publish: ["pubclient", "pubsubscriber", "pubanon", "pubanononly", "plain", "closed", "nowhere", "all"],
  presence: ["pressub", "presclient", "presanon", "presoff", "presclosed", "plain", "nowhere", "all"],
  presence_stats: ["pressub", "presclient", "presanon", "presoff", "presclosed", "plain", "nowhere", "all"],
  history: ["histsub", "histclient", "histoff", "histclosed", "plain", "nowhere", "all"],
};
const permissions = Object.entries(asked).flatMap(([command, spaces]) => anonymousOrUser.flatMap(([who, user]) => inBoth(`${command} before and after subscribing, ${who}`, (encoding) => [
  connected("a", user, { encoding }),
  spaces.map((namespace, index) => {
    const channel = fresh(namespace);
    const request = { channel, ...(command === "publish" ? { data: { n: 1 } } : {}) };
    return [send("a", { id: index * 3 + 2, [command]: request }), send("a", { id: index * 3 + 3, subscribe: { channel } }), send("a", { id: index * 3 + 4, [command]: request })];
  }),
])));

const payloads = ['{"n":1}', '{ "b" : 1.50, "a":[ 1, 2 ] }', '{"a":1,"a":2}', "12345678901234567890", "-0.0e-10", '"text"', "true", "null", "[]", "{}", '"\\u00e9\\ud83d\\ude00"', '"é😀"',
  '"<&>\u2028"'];
const formats = ["all", "json", "jsonobject", "binary", "room"];
const payloadScenarios = formats.flatMap((namespace) => inBoth(`payloads through ${namespace}`, (encoding) => {
  const channel = fresh(namespace === "room" ? "" : namespace);
  return [connected("a", "u1", { encoding }), connected("b", "", { encoding: encoding === "json" ? "protobuf" : "json" }), send("b", { id: 2, subscribe: { channel } }),
    send("a", { id: 2, subscribe: { channel } }), payloads.map((data, index) => send("a", { id: index + 3, publish: { channel, data } }))];
}));
const bytes = [["text", Buffer.from("hello")], ["nothing", Buffer.alloc(0)], ["zeros", Buffer.from([0, 0])], ["no UTF-8", Buffer.from([0xff, 0xfe])], ["cut JSON", Buffer.from('{"a":')]];
const byteScenarios = ["all", "json", "jsonobject", "binary"].flatMap((namespace) => bytes.flatMap(([name, content]) => once(`bytes through ${namespace} over Protobuf: ${name}`, (() => {
  const channel = fresh(namespace);
  return [connected("a", "u1", { encoding: "protobuf" }), send("a", { id: 2, subscribe: { channel } }), connected("b", "u2"), send("b", { id: 2, subscribe: { channel } }),
    send("a", { id: 3, publish: { channel, data: { $base64: content.toString("base64") } } }), send("a", { id: 4, history: { channel, limit: 5 } }), send("b", { id: 4, presence_stats: { channel: "all:x" } })];
})())));

const publishing = [
  ...inBoth("publisher info in a publication", (encoding, e) => [
    open("a", { encoding }), send("a", { id: 1, connect: { token: good("u1", { info: { name: "A" } }) } }),
    send("a", { id: 2, subscribe: { channel: `$all:pi${e}`, token: token({ sub: "u1", channel: `$all:pi${e}`, info: { role: "x" } }) } }),
    send("a", { id: 3, publish: { channel: `$all:pi${e}`, data: { n: 1 } } }), send("a", { id: 4, history: { channel: `$all:pi${e}`, limit: 1 } }),
    send("a", { id: 5, presence: { channel: `$all:pi${e}` } }), send("a", { id: 6, publish: { channel: `all:pj${e}`, data: { n: 1 } } }), send("a", { id: 7, history: { channel: `all:pj${e}`, limit: 1 } }),
  ]),
  ...inBoth("map fields of a publish to a stream", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `all:mf${e}` } }),
    send("a", { id: 3, publish: { channel: `all:mf${e}`, data: { n: 1 }, key: "k" } }), send("a", { id: 4, publish: { channel: `all:mf${e}`, data: { n: 1 }, type: 1, key: "k" } }),
    send("a", { id: 5, publish: { channel: `all:mf${e}`, key: "k", removed: true } })]),
  ...inBoth("many publications in one frame", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `all:mp${e}` } }),
    send("a", ...Array.from({ length: 20 }, (_each, index) => ({ id: index + 3, publish: { channel: `all:mp${e}`, data: { n: index } } })))]),
  ...inBoth("publishing to names that may not be", (encoding, e) => [connected("a", "u1", { encoding }),
    [`all:ü${e}`, "regex:a1", "regex:abc", `$all:x${e}`, `all:x${e}#u2`, `limited:x${e}#u2`, "binary:"].map((channel, index) => send("a", { id: index + 2, publish: { channel, data: "1" } })),
    [`all:ü${e}`, "regex:a1", `$all:x${e}`, `all:x${e}#u2`, `limited:x${e}#u2`].map((channel, index) => send("a", { id: index + 20, history: { channel, limit: 1 } })),
    [`all:ü${e}`, "regex:a1", `$all:x${e}`, `limited:x${e}#u2`].map((channel, index) => send("a", { id: index + 30, presence: { channel } }))]),
];

// --- Presence and joins -------------------------------------------------------------------------------------------------------------

const presence = [
  ...inBoth("presence of three", (encoding, e) => [connected("a", "u1", { encoding }), connected("b", "u1", { encoding }), connected("c", "", { encoding }), connected("d", "", { encoding }),
    ["a", "b", "c", "d"].map((as) => [send(as, { id: 2, subscribe: { channel: `all:p3${e}` } }), send("a", { id: 3, presence_stats: { channel: `all:p3${e}` } })]),
    send("a", { id: 4, presence: { channel: `all:p3${e}` } }), send("b", { id: 5, unsubscribe: { channel: `all:p3${e}` } }), close("c"),
    send("a", { id: 6, presence: { channel: `all:p3${e}` } }), send("a", { id: 7, unsubscribe: { channel: `all:p3${e}` } }), send("a", { id: 8, presence: { channel: `all:p3${e}` } })]),
  ...["joins", "joinsforced", "joinsclosed", "all"].flatMap((namespace) => inBoth(`joins and leaves in ${namespace}`, (encoding) => {
    const channel = fresh(namespace);
    return [connected("a", "u1", { encoding }), connected("b", "u2", { encoding }), connected("c", "", { encoding }), send("a", { id: 2, subscribe: { channel, join_leave: true } }),
      send("b", { id: 2, subscribe: { channel } }), send("c", { id: 2, subscribe: { channel, join_leave: true } }), send("b", { id: 3, unsubscribe: { channel } }), close("c"),
      send("a", { id: 4, unsubscribe: { channel } })];
  })),
  ...inBoth("joins with info", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `$joinsforced:ji${e}`, token: token({ sub: "u1", channel: `$joinsforced:ji${e}` }) } }),
    open("b", { encoding }), send("b", { id: 1, connect: { token: good("u2", { info: { n: "B" } }) } }),
    send("b", { id: 2, subscribe: { channel: `$joinsforced:ji${e}`, token: token({ sub: "u2", channel: `$joinsforced:ji${e}`, info: { c: 1 } }) } }), close("b", 1000)]),
];

// --- History ------------------------------------------------------------------------------------------------------------------------

const histories = [
  ["no limit", {}], ["limit 0", { limit: 0 }], ["limit 2", { limit: 2 }], ["limit -1", { limit: -1 }], ["limit -5", { limit: -5 }], ["limit 1000", { limit: 1000 }], ["reverse", { limit: 3, reverse: true }],
  ["since 3", { limit: 10, since: { offset: 3, epoch: "{{epoch 1}}" } }], ["since 3, two", { limit: 2, since: { offset: 3, epoch: "{{epoch 1}}" } }], ["since the top", { limit: 10, since: { offset: 12, epoch: "{{epoch 1}}" } }],
  ["since after the top", { limit: 10, since: { offset: 99, epoch: "{{epoch 1}}" } }], ["since 0", { limit: 20, since: { offset: 0, epoch: "{{epoch 1}}" } }], ["since 3 without an epoch", { limit: 10, since: { offset: 3 } }],
  ["since an empty position", { limit: 10, since: {} }], ["since another epoch", { limit: 10, since: { offset: 3, epoch: "zzzz" } }], ["since 5 in reverse", { limit: 10, reverse: true, since: { offset: 5, epoch: "{{epoch 1}}" } }],
  ["since 5 in reverse, two", { limit: 2, reverse: true, since: { offset: 5, epoch: "{{epoch 1}}" } }], ["since 0 in reverse", { limit: 10, reverse: true, since: { offset: 0, epoch: "{{epoch 1}}" } }],
  ["since 99 in reverse", { limit: 10, reverse: true, since: { offset: 99, epoch: "{{epoch 1}}" } }], ["reverse without a limit", { reverse: true }], ["limit 0 with another epoch", { since: { offset: 3, epoch: "zzzz" } }],
];
const history = [
  ...inBoth("every kind of history request", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, history: { channel: `all:hi${e}`, limit: 5 } }),
    send("a", ...Array.from({ length: 12 }, (_each, index) => ({ id: index + 3, publish: { channel: `all:hi${e}`, data: { n: index + 1 } } }))),
    histories.map(([, request], index) => send("a", { id: index + 50, history: { channel: `all:hi${e}`, ...request } }))]),
  ...inBoth("history that has expired", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, publish: { channel: `short:he${e}`, data: { n: 1 } } }), { do: "wait", milliseconds: 2200 },
    send("a", { id: 3, history: { channel: `short:he${e}`, limit: 5 } }), send("a", { id: 4, publish: { channel: `short:he${e}`, data: { n: 2 } } }), send("a", { id: 5, history: { channel: `short:he${e}`, limit: 5 } })]),
  ...inBoth("history that is removed", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, publish: { channel: `all:hr${e}`, data: { n: 1 } } }), api("history_remove", { channel: `all:hr${e}` }),
    send("a", { id: 3, history: { channel: `all:hr${e}`, limit: 5 } }), send("a", { id: 4, publish: { channel: `all:hr${e}`, data: { n: 2 } } }), send("a", { id: 5, history: { channel: `all:hr${e}`, limit: 5 } })]),
];

export const subscribeGroup = { name: "subscribe", config: main,
  scenarios: [...subscribing, ...nameLengths, ...flagged, ...moreSubscribing, ...subscriptionTokenScenarios, ...moreTokens, ...subRefreshScenarios] };
export const commandsGroup = { name: "commands", config: main, scenarios: [...permissions, ...payloadScenarios, ...byteScenarios, ...publishing, ...presence, ...history] };
export const limitGroups = [
  { name: "limits-publications", config: changed({ client: { history_max_publication_limit: 3, recovery_max_publication_limit: 3 }, channel: { max_length: 20 } }), scenarios: [
    ...inBoth("history past the limit", (encoding, e) => [connected("a", "u1", { encoding }), send("a", ...[1, 2, 3, 4, 5].map((n) => ({ id: n + 1, publish: { channel: `all:lp${e}`, data: { n } } }))),
      [-1, 0, 2, 3, 4].map((limit, index) => send("a", { id: index + 10, history: { channel: `all:lp${e}`, limit } })), api("history", { channel: `all:lp${e}`, limit: -1 })]),
    ...[0, 1, 2, 3, 5].flatMap((offset) => inBoth(`recovery of ${5 - offset} with a limit of 3`, (encoding, e) => [connected("a", "u1", { encoding }), send("a", ...[1, 2, 3, 4, 5].map((n) => ({ id: n + 1, publish: { channel: `forcerec:l${offset}${e}`, data: { n } } }))),
      send("a", { id: 9, history: { channel: `forcerec:l${offset}${e}` } }), send("a", { id: 10, subscribe: { channel: `forcerec:l${offset}${e}`, recover: true, offset, epoch: "{{epoch 1}}" } })])),
    ...[19, 20, 21].flatMap((length) => inBoth(`a name of ${length} bytes with a limit of 20`, (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `all:${"m".repeat(length - 4)}` } })])),
  ] },
  { name: "limits-format", config: changed({ channel: { publication_data_format: "json_object" } }), scenarios: bothEncodings.flatMap((encoding) => once(`payloads where objects are the rule, ${encoding}`,
    connected("a", "u1", { encoding }), ["1", '{"n":1}', "[]", "null"].map((data, index) => send("a", { id: index + 2, publish: { channel: "all:fmt", data } })), send("a", { id: 9, publish: { channel: "binary:fmt", data: "1" } }))) },
];
