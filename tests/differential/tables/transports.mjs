// The transports other than a plain WebSocket, handshakes, origins and emulation.
import { changed, main } from "./config.mjs";
import { api, close, connected, good, http, inBoth, once, open, quiet, raw, send, token, until } from "./steps.mjs";

const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
const ws = "/connection/websocket";
const without = (name) => Object.fromEntries(Object.entries(upgrade).filter(([key]) => key !== name));

const handshakes = [
  ...[[], ["centrifuge-json"], ["centrifuge-protobuf"], ["other"], ["other", "centrifuge-json"], ["centrifuge-protobuf", "centrifuge-json"], ["centrifuge-json", "centrifuge-protobuf"], ["Centrifuge-Json"]].flatMap((protocols) =>
    once(`subprotocols ${JSON.stringify(protocols)}`, open("a", { protocols, encoding: protocols[0] === "centrifuge-protobuf" ? "protobuf" : "json", showHandshake: true }), send("a", { id: 1, connect: {} }))),
  ...["format=protobuf", "cf_protocol=protobuf", "format=json", "cf_protocol=json", "format=xml", "cf_protocol=", "token=x&other=1", "format=protobuf&cf_protocol=json"].flatMap((query) =>
    once(`query ${query}`, open("a", { query, protocols: [], encoding: query.includes("protobuf") ? "protobuf" : "json", showHandshake: true }), send("a", { id: 1, connect: {} }))),
  ...once("a JSON subprotocol and a Protobuf query", open("a", { query: "cf_protocol=protobuf", protocols: ["centrifuge-json"], encoding: "protobuf", showHandshake: true }), send("a", { id: 1, connect: {} })),
  ...once("compression offered", open("a", { deflate: true, showHandshake: true }), send("a", { id: 1, connect: {} })),
  ...[["http://app.example", "allowed"], ["http://APP.example", "allowed in capitals"], ["https://x.example.com", "by pattern"], ["https://example.com", "not by pattern"], ["http://evil.example", "foreign"], ["null", "null"], ["nonsense", "no origin at all"], ["http://app.example:81", "with a port"]]
    .flatMap(([Origin, name]) => once(`origin: ${name}`, open("a", { headers: { Origin } }), send("a", { id: 1, connect: {} }))),
  ...once("requests that are no handshake", http({ method: "GET", path: ws }), http({ method: "POST", path: ws, text: "" }), http({ method: "GET", path: ws, headers: without("Connection") }), http({ method: "GET", path: ws, headers: without("Sec-WebSocket-Key") }),
    http({ method: "GET", path: ws, headers: without("Sec-WebSocket-Version") }), http({ method: "GET", path: ws, headers: { ...upgrade, "Sec-WebSocket-Version": "8" } }), http({ method: "GET", path: ws, headers: { ...upgrade, "Sec-WebSocket-Key": "short" } }),
    http({ method: "OPTIONS", path: ws }), http({ method: "GET", path: "/connection/nothing" }), http({ method: "GET", path: "/connection" })),
  ...once("health and init", http({ method: "GET", path: "/health" }), http({ method: "POST", path: "/health", text: "" }), http({ method: "GET", path: "/connection/init" }), http({ method: "GET", path: "/connection/init", headers: { Origin: "http://app.example" } }), http({ method: "POST", path: "/connection/init", text: "" }), http({ method: "OPTIONS", path: "/connection/init", headers: { Origin: "http://app.example" } })),
];

const both = (transport, name, make) => (transport === "sse" ? once(`${transport}: ${name}`, make("json", "s").flat(9)) : inBoth(`${transport}: ${name}`, (encoding, e) => make(encoding, e)));
const streams = ["http_stream", "sse"].flatMap((transport) => [
  ...both(transport, "connect", (encoding) => [open("a", { transport, encoding, showHandshake: true }), send("a", { id: 1, connect: {} })]),
  ...both(transport, "connect with a token", (encoding) => [open("a", { transport, encoding }), send("a", { id: 1, connect: { token: good() } })]),
  ...both(transport, "a bad token", (encoding) => [open("a", { transport, encoding }), send("a", { id: 1, connect: { token: "x" } })]),
  ...both(transport, "an expired token", (encoding) => [open("a", { transport, encoding }), send("a", { id: 1, connect: { token: token({ sub: "u1", exp: -10 }) } })]),
  ...both(transport, "a command before connect", (encoding) => [open("a", { transport, encoding }), send("a", { id: 1, subscribe: { channel: "plain:x" } })]),
  ...both(transport, "connect and more in one body", (encoding, e) => [open("a", { transport, encoding, ...(transport === "sse" ? { method: "POST" } : {}) }), send("a", { id: 1, connect: {} }, { id: 2, subscribe: { channel: `all:tm${e}` } }), api("publish", { channel: `all:tm${e}`, data: { n: 1 } })]),
  ...both(transport, "commands by emulation", (encoding, e) => [open("a", { transport, encoding }), send("a", { id: 1, connect: { token: good() } }), send("a", { id: 2, subscribe: { channel: `all:${transport}${e}` } }), send("a", { id: 3, publish: { channel: `all:${transport}${e}`, data: { n: 1 } } }),
    send("a", { id: 4, presence_stats: { channel: `all:${transport}${e}` } }, { id: 5, history: { channel: `all:${transport}${e}`, limit: 1 } }), api("publish", { channel: `all:${transport}${e}`, data: { n: 2 } }), send("a", { id: 6, unsubscribe: { channel: `all:${transport}${e}` } }),
    send("a", { id: 7, rpc: { method: "x" } }), api("disconnect", { user: "nobody" }), send("a", { send: { data: "1" } })]),
  ...both(transport, "a bad command by emulation", (encoding) => [open("a", { transport, encoding }), send("a", { id: 1, connect: {} }), send("a", { id: 2 })]),
  ...both(transport, "a pong nobody asked for", (encoding) => [open("a", { transport, encoding }), send("a", { id: 1, connect: {} }), send("a", {})]),
  ...both(transport, "the server disconnects", (encoding, e) => [open("a", { transport, encoding }), send("a", { id: 1, connect: { token: good(`${transport}${e}`) } }), api("disconnect", { user: `${transport}${e}`, disconnect: { code: 4100, reason: "bye" } })]),
  ...both(transport, "origins", (encoding) => [open("a", { transport, encoding, headers: { Origin: "http://app.example" }, showHandshake: true }), send("a", { id: 1, connect: {} }), open("b", { transport, encoding, headers: { Origin: "http://evil.example" }, showHandshake: true }), send("b", { id: 1, connect: {} })]),
  ...both(transport, "a client that goes", (encoding, e) => [open("a", { transport, encoding }), send("a", { id: 1, connect: {} }), send("a", { id: 2, subscribe: { channel: `all:go${transport}${e}` } }), close("a"), quiet(300, { do: "wait", milliseconds: 0 }), api("presence_stats", { channel: `all:go${transport}${e}` })]),
]);
const streamRequests = ["http_stream", "sse", "uni_http_stream", "uni_sse"].flatMap((transport) => {
  const path = `/connection/${transport}`;
  return once(`${transport}: requests`, ["PUT", "DELETE", "HEAD"].map((method) => http({ method, path })), transport.endsWith("sse") ? [] : http({ method: "GET", path }), http({ method: "OPTIONS", path }), http({ method: "OPTIONS", path, headers: { Origin: "http://app.example", "Access-Control-Request-Headers": "X-A, X-B" } }),
    http({ method: "OPTIONS", path, headers: { Origin: "http://evil.example" } }), transport.startsWith("uni") ? [] : transport === "sse" ? [http({ method: "GET", path }), http({ method: "GET", path: `${path}?cf_connect=` }), http({ method: "GET", path: `${path}?cf_connect=nonsense` })] : http({ path, text: "" }), http({ path, text: "nonsense" }), http({ path, text: { $repeat: ["x", 65537] } }));
});

const emulation = [
  ...once("emulation: requests", [["PUT"], ["GET"], ["DELETE"], ["HEAD"]].map(([method]) => http({ method, path: "/emulation" })), http({ method: "OPTIONS", path: "/emulation", headers: { Origin: "http://app.example" } }), http({ method: "OPTIONS", path: "/emulation" }),
    ["", "nonsense", "{}", "[]", "null", '{"session":"x"}', '{"session":1}', '{"session":"x","node":"y","data":"{}"}', '{"session":"x","node":"","data":"{}"}', '{"session":"","node":"","data":""}'].map((text) => http({ path: "/emulation", text })), http({ path: "/emulation", text: { $repeat: ["x", 65537] } }), http({ path: "/emulation", text: "{}", headers: { Origin: "http://app.example" } }),
    http({ path: "/emulation", text: "nonsense", headers: { "Content-Type": "application/octet-stream" } })),
  ...once("emulation: sessions", open("a", { transport: "http_stream" }), send("a", { id: 1, connect: {} }), [{ session: "{{session a}}", node: "{{node a}}", data: '{"id":2,"presence_stats":{"channel":"all:x"}}' }, { session: "{{session a}}", node: "nowhere", data: '{"id":3,"presence_stats":{"channel":"all:x"}}' },
    { session: "nobody", node: "{{node a}}", data: '{"id":4,"presence_stats":{"channel":"all:x"}}' }, { session: "{{session a}}", node: "{{node a}}", data: '{"id":5,"presence_stats":{"channel":"all:x"}}\n{"id":6,"presence_stats":{"channel":"all:x"}}' },
    { session: "{{session a}}", data: '{"id":7,"presence_stats":{"channel":"all:x"}}' }].map((body) => http({ path: "/emulation", body })),
  http({ path: "/emulation", body: { session: "{{session a}}", node: "{{node a}}", data: { id: 8 } } }), http({ path: "/emulation", body: { session: "{{session a}}", node: "{{node a}}", data: "nonsense" } })),
  ...once("emulation: a WebSocket has no session", connected("a"), http({ path: "/emulation", body: { session: "{{client a}}", node: "", data: '{"id":2,"presence_stats":{"channel":"all:x"}}' } })),
];

const uniTransports = ["uni_websocket", "uni_http_stream", "uni_sse"];
const unidirectional = uniTransports.flatMap((transport) => [
  ...once(`${transport}: connect`, open("a", { transport, showHandshake: true }), send("a", {})),
  ...once(`${transport}: connect with a token and channels`, open("a", { transport }), send("a", { token: good(`t${transport}`, { channels: [`forcerec:t${transport}`], info: { n: 1 } }), name: "uni", version: "1" }), api("publish", { channel: `forcerec:t${transport}`, data: { n: 1 } }),
    api("subscribe", { user: `t${transport}`, channel: `all:t${transport}`, data: { d: 1 } }), api("publish", { channel: `all:t${transport}`, data: { n: 2 }, tags: { a: "b" } }), api("unsubscribe", { user: `t${transport}`, channel: `all:t${transport}` }),
    api("refresh", { user: `t${transport}`, expire_at: "{{now 600}}" }), api("disconnect", { user: `t${transport}`, disconnect: { code: 4200, reason: "bye" } })),
  ...once(`${transport}: recovery`, api("publish", { channel: `forcerec:r${transport}`, data: { n: 1 } }), api("publish", { channel: `forcerec:r${transport}`, data: { n: 2 } }), open("a", { transport }),
    send("a", { token: good("u1", { channels: [`forcerec:r${transport}`] }), subs: { [`forcerec:r${transport}`]: { recover: true, offset: 1, epoch: "{{epoch 1}}" } } })),
  ...once(`${transport}: channels it may ask for`, open("a", { transport }), send("a", { subs: { [`all:q${transport}`]: {}, "closed:q": {} } })),
  ...[["a bad token", "x"], ["an expired token", token({ sub: "u1", exp: -10 })], ["an unknown namespace", token({ sub: "u1", exp: 3600, channels: ["nowhere:x"] })], ["a connection that has expired", token({ sub: "u1", exp: 3600, expire_at: -10 })]].flatMap(([name, value]) => once(`${transport}: ${name}`, open("a", { transport }), quiet(300, send("a", { token: value })))),
  ...once(`${transport}: nonsense`, open("a", { transport, method: "POST" }), quiet(300, raw("a", "nonsense"))),
  ...once(`${transport}: a command in place of a request`, open("a", { transport }), quiet(300, raw("a", '{"id":1,"connect":{}}'))),
]);
const uniMore = [
  ...once("uni_websocket: connect by query", open("a", { transport: "uni_websocket", query: `cf_connect=${encodeURIComponent('{"name":"q"}')}` })), ...once("uni_websocket: an unreadable query", open("a", { transport: "uni_websocket", query: "cf_connect=nonsense" })),
  ...once("uni_websocket: a second message", open("a", { transport: "uni_websocket" }), send("a", {}), quiet(300, raw("a", "{}"))), ...once("uni_sse: connect by POST", open("a", { transport: "uni_sse", method: "POST" }), raw("a", '{"name":"q"}')),
  ...once("uni_sse: a bare GET", open("a", { transport: "uni_sse" }), { do: "raw", as: "a" }), ...once("uni_websocket: a foreign origin", open("a", { transport: "uni_websocket", headers: { Origin: "http://evil.example" } })),
];

const pings = { client: { ping_interval: "1s", pong_timeout: "0.5s" } };
const prefixed = (name) => ({ enabled: true, handler_prefix: `/my/${name}` });
export const transportGroups = [
  { name: "transports", config: main, scenarios: [...handshakes, ...streams, ...streamRequests, ...emulation, ...unidirectional, ...uniMore] },
  { name: "transports-pings", config: changed(pings), scenarios: [
    ...["http_stream", "sse"].flatMap((transport) => both(transport, "ping and pong", (encoding) => [open("a", { transport, encoding }), until({ a: 2 }, send("a", { id: 1, connect: {} })), until({ a: 1 }, send("a", {}))])),
    ...["http_stream", "sse"].flatMap((transport) => both(transport, "no pong", (encoding) => [open("a", { transport, encoding }), until({ a: 4 }, send("a", { id: 1, connect: {} }))])),
    ...uniTransports.flatMap((transport) => once(`${transport}: pings`, open("a", { transport }), until({ a: 3 }, send("a", {})))),
  ] },
  { name: "transports-off", config: changed({ http_stream: { enabled: false }, sse: { enabled: false }, uni_websocket: { enabled: false }, uni_sse: { enabled: false }, uni_http_stream: { enabled: false }, init: { enabled: false }, websocket: { disabled: true } }), scenarios: once("nothing is there",
    ["websocket", "http_stream", "sse", "uni_websocket", "uni_sse", "uni_http_stream", "init"].map((name) => [http({ method: "GET", path: `/connection/${name}` }), http({ path: `/connection/${name}`, text: "{}" })]), http({ path: "/emulation", text: "{}" })) },
  { name: "transports-prefixes", config: changed({ websocket: { handler_prefix: "/my/ws" }, http_stream: prefixed("stream"), sse: prefixed("sse"), uni_websocket: prefixed("uws"), uni_sse: prefixed("usse"), uni_http_stream: prefixed("ustream"), emulation: { handler_prefix: "/my/emulation" }, init: prefixed("init"), health: prefixed("health") }), scenarios: [
    ...once("a WebSocket", open("a", { path: "/my/ws" }), send("a", { id: 1, connect: {} }), open("b"), http({ method: "GET", path: "/my/health" }), http({ method: "GET", path: "/my/init" })), ...once("streams", open("a", { transport: "http_stream", path: "/my/stream" }), send("a", { id: 1, connect: {} }), open("b", { transport: "sse", path: "/my/sse" }), send("b", { id: 1, connect: {} }),
      http({ path: "/my/emulation", body: { session: "{{session a}}", node: "{{node a}}", data: '{"id":2,"presence_stats":{"channel":"all:x"}}' } })), ...once("unidirectional", open("a", { transport: "uni_http_stream", path: "/my/ustream" }), send("a", {}), open("b", { transport: "uni_sse", path: "/my/usse" }), send("b", {}), open("c", { transport: "uni_websocket", path: "/my/uws" }), send("c", {})),
  ] },
  { name: "transports-small", config: changed({ websocket: { message_size_limit: 200 }, http_stream: { max_request_body_size: 100 }, sse: { max_request_body_size: 100 }, emulation: { max_request_body_size: 100 }, uni_http_stream: { max_request_body_size: 100 } }), scenarios: [
    ...[199, 200, 201].flatMap((size) => once(`a frame of ${size} bytes`, open("a"), raw("a", `{"id":1,"connect":{"name":"${"n".repeat(size - 30)}"}}`))),
    ...[99, 100, 101].flatMap((size) => ["http_stream", "sse"].flatMap((transport) => once(`${transport}: a body of ${size} bytes`, open("a", { transport, method: "POST" }), raw("a", `{"id":1,"connect":{"name":"${"n".repeat(size - 30)}"}}`)))),
    ...[99, 100, 101].flatMap((size) => once(`uni_http_stream: a body of ${size} bytes`, open("a", { transport: "uni_http_stream" }), raw("a", `{"name":"${"n".repeat(size - 11)}"}`))),
    ...[99, 100, 101].flatMap((size) => once(`emulation: a body of ${size} bytes`, http({ path: "/emulation", text: `{"session":"${"n".repeat(size - 14)}"}` }))),
  ] },
  { name: "transports-uni-websocket", config: changed({ uni_websocket: { join_push_messages: true, disable_disconnect_push: true } }), scenarios: once("no disconnect push", open("a", { transport: "uni_websocket" }), send("a", { token: good("uw") }), api("disconnect", { user: "uw", disconnect: { code: 4200, reason: "bye" } })) },
  { name: "transports-uni-codes", config: changed({ uni_http_stream: { connect_code_to_http_response: { enabled: true, transforms: [{ code: 109, to: { status_code: 401, body: "expired" } }, { code: 3500, to: { status_code: 403 } }] } },
    uni_sse: { connect_code_to_http_response: { enabled: true, transforms: [{ code: 109, to: { status_code: 401, body: "expired" } }, { code: 3500, to: { status_code: 403 } }] } }, client: { connect_code_to_unidirectional_disconnect: { enabled: true, transforms: [{ code: 109, to: { code: 4009, reason: "late" } }] } } }), scenarios:
    uniTransports.flatMap((transport) => [["expired", token({ sub: "u1", exp: -10 })], ["bad", "x"], ["unknown namespace", token({ sub: "u1", exp: 3600, channels: ["nowhere:x"] })]].flatMap(([name, value]) => once(`${transport}: ${name}`, open("a", { transport }), quiet(300, send("a", { token: value }))))) },
];
