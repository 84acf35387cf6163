// Map subscriptions and shared poll.
import { changed } from "./config.mjs";
import { api, backend, close, connected, freshNames, good, inBoth, once, open, quiet, send } from "./steps.mjs";

const fresh = freshNames("m");

const writable = { allow_publish_for_client: true, allow_remove_for_client: true, allow_publish_for_anonymous: true, allow_remove_for_anonymous: true };
const map = (name, options, more = {}) => ({ name, subscription_type: "map", allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true, map: { ...writable, ...options }, ...more });
const mapConfig = changed({ channel: { namespaces: [
  map("eph", { mode: "ephemeral", key_ttl: "60s" }), map("rec", { mode: "recoverable", key_ttl: "60s" }), map("per", { mode: "persistent" }), map("small", { mode: "persistent", stream_size: 2, stream_ttl: "60s" }), map("pages", { mode: "persistent", default_page_size: 3, min_page_size: 1, max_page_size: 5 }),
  map("readonly", { mode: "persistent", allow_publish_for_client: false, allow_remove_for_client: false }), map("subscriber", { mode: "persistent", allow_publish_for_client: false, allow_remove_for_client: false, allow_publish_for_subscriber: true, allow_remove_for_subscriber: true }),
  map("byclient", { mode: "ephemeral", key_ttl: "60s", client_key: "client_id" }), map("byuser", { mode: "ephemeral", key_ttl: "60s", client_key: "user_id" }), map("brief", { mode: "ephemeral", key_ttl: "1s" }), map("cleanup", { mode: "ephemeral", key_ttl: "60s", client_key: "client_id", remove_client_on_unsubscribe: true }),
  map("delta", { mode: "persistent" }, { allowed_delta_types: ["fossil"], delta_publish: true }), map("tags", { mode: "persistent" }, { allow_tags_filter: true }), map("observed", { mode: "ephemeral", key_ttl: "60s" }, { map_clients_presence_channel_prefix: "clients:", map_users_presence_channel_prefix: "people:" }),
  { ...map("clients", { mode: "ephemeral", key_ttl: "60s" }), subscription_type: "map_clients" }, { ...map("people", { mode: "ephemeral", key_ttl: "60s" }), subscription_type: "map_users" }, { name: "all", allow_subscribe_for_client: true, allow_publish_for_client: true, history_size: 5, history_ttl: "300s" },
] } });

const pub = (as, id, channel, key, n = 1, more = {}) => send(as, { id, publish: { channel, type: 1, key, data: { n }, ...more } });
const sub = (as, id, channel, more = {}) => send(as, { id, subscribe: { channel, type: 1, ...more } });
const kinds = ["eph", "rec", "per", "small", "pages", "readonly", "subscriber", "byclient", "byuser", "delta", "tags", "clients", "people", "all"];

const subscribing = [
  ...[0, 1, 2, 3, 4, 5].flatMap((type) => [0, 1, 2, 3].flatMap((phase) => inBoth(`type ${type} with phase ${phase}`, (encoding) => [connected("a", "u1", { encoding }), kinds.map((kind, index) => send("a", { id: index + 2, subscribe: { channel: fresh(kind), type, phase } }))]))),
  ...["eph", "rec", "per", "small"].flatMap((kind) => inBoth(`from empty to live in ${kind}`, (encoding) => {
    const channel = fresh(kind);
    return [connected("a", "u1", { encoding }), sub("a", 2, channel, { phase: 2 }), pub("a", 3, channel, "k1", 1), pub("a", 4, channel, "k1", 2), pub("a", 5, channel, "k2", 1), send("a", { id: 6, publish: { channel, type: 1, key: "k1", removed: true } }), api("map_publish", { channel, key: "k3", data: { n: 3 } }), api("map_read_state", { channel, limit: 10 }), api("map_stats", { channel }),
      connected("b", "u2", { encoding }), sub("b", 2, channel, { phase: 2 }), pub("a", 7, channel, "k4", 4), send("b", { id: 3, unsubscribe: { channel } }), sub("b", 4, channel, { phase: 2, limit: 1 }), send("b", { id: 5, presence_stats: { channel } }), send("b", { id: 6, history: { channel, limit: 5 } })];
  })),
  ...["per", "pages", "eph"].flatMap((kind) => [1, 2, 3, 0, -1, 2000].flatMap((limit) => inBoth(`pages of ${limit} in ${kind}`, (encoding) => {
    const channel = fresh(kind);
    return [connected("a", "u1", { encoding }), [1, 2, 3, 4, 5, 6, 7].map((n) => api("map_publish", { channel, key: `k${n}`, data: { n } })), sub("a", 2, channel, { phase: 2, limit }), sub("a", 3, channel, { phase: 2, limit, cursor: "k3", offset: 7, epoch: "{{epoch 1}}" }), pub("a", 4, channel, "k8", 8), sub("a", 5, channel, { phase: 1, offset: 3, epoch: "{{epoch 1}}", limit }), sub("a", 6, channel, { phase: 0, offset: 7, epoch: "{{epoch 1}}", recover: true })];
  }))),
  ...["per", "rec", "small", "eph"].flatMap((kind) => [[3, "{{epoch 1}}"], [7, "{{epoch 1}}"], [0, "{{epoch 1}}"], [3, "zzzz"], [3, ""], [99, "{{epoch 1}}"]].flatMap(([offset, epoch]) => inBoth(`recover in ${kind} from ${offset} with ${epoch || "no epoch"}`, (encoding) => {
    const channel = fresh(kind);
    return [connected("a", "u1", { encoding }), [1, 2, 3, 4, 5, 6, 7].map((n) => api("map_publish", { channel, key: `k${n % 3}`, data: { n } })), sub("a", 2, channel, { phase: 0, recover: true, offset, epoch }), api("map_publish", { channel, key: "live", data: 1 }), connected("b", "u1", { encoding }), sub("b", 2, channel, { phase: 1, recover: true, offset, epoch })];
  }))),
  ...inBoth("a page without the first", (encoding) => [connected("a", "u1", { encoding }), sub("a", 2, fresh("pages"), { phase: 2, cursor: "k3", offset: 1, epoch: "x" })]),
  ...inBoth("subscribed twice", (encoding) => [connected("a", "u1", { encoding }), sub("a", 2, `per:tw${encoding}`, { phase: 2 }), sub("a", 3, `per:tw${encoding}`, { phase: 2 })]),
];
const writing = [
  ...kinds.flatMap((kind) => inBoth(`write to ${kind}`, (encoding) => {
    const channel = fresh(kind);
    return [connected("a", "u1", { encoding }), pub("a", 2, channel, "k", 1), sub("a", 3, channel, { phase: 2, ...(kind === "clients" ? { type: 2 } : kind === "people" ? { type: 3 } : {}) }), pub("a", 4, channel, "k", 2), pub("a", 5, channel, "", 3), pub("a", 6, channel, "{{client a}}", 4), pub("a", 7, channel, "u1", 5), send("a", { id: 8, publish: { channel, data: { n: 6 } } }), send("a", { id: 9, publish: { channel, type: 1, key: "k", removed: true } }),
      send("a", { id: 10, publish: { channel, type: 1, key: "never", removed: true } }), send("a", { id: 11, publish: { channel, type: 1, removed: true } }), send("a", { id: 12, publish: { channel, type: 1, key: "k" } }), api("map_read_state", { channel, limit: 10 })];
  })),
  ...inBoth("keys that end", (encoding) => [connected("a", "u1", { encoding }), sub("a", 2, `brief:b${encoding}`, { phase: 2 }), quiet(3500, pub("a", 3, `brief:b${encoding}`, "k", 1)), api("map_read_state", { channel: `brief:b${encoding}`, limit: 10 })]),
  ...inBoth("keys of those who leave", (encoding) => [connected("a", "u1", { encoding }), connected("b", "u2", { encoding }), sub("a", 2, `cleanup:c${encoding}`, { phase: 2 }), sub("b", 2, `cleanup:c${encoding}`, { phase: 2 }), pub("b", 3, `cleanup:c${encoding}`, "", 1), send("b", { id: 4, unsubscribe: { channel: `cleanup:c${encoding}` } })]),
  ...inBoth("who is there", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `clients:observed:w${encoding}`, type: 2, phase: 2 } }), send("a", { id: 3, subscribe: { channel: `people:observed:w${encoding}`, type: 3, phase: 2 } }), connected("b", "u2", { encoding }), sub("b", 2, `observed:w${encoding}`, { phase: 2 }), quiet(600, close("b")), api("map_read_state", { channel: `clients:observed:w${encoding}`, limit: 5 })]),
  ...inBoth("delta of a map", (encoding) => [connected("a", "u1", { encoding }), sub("a", 2, `delta:d${encoding}`, { phase: 2, delta: "fossil" }), [1, 2, 3].map((n) => api("map_publish", { channel: `delta:d${encoding}`, key: "k", data: { text: "The quick brown fox jumps over the lazy dog and over again", n } })), api("map_publish", { channel: `delta:d${encoding}`, key: "l", data: { text: "The quick brown fox jumps over the lazy dog and over again", n: 4 } })]),
  ...inBoth("tags filter of a map", (encoding) => [connected("a", "u1", { encoding }), sub("a", 2, `tags:t${encoding}`, { phase: 2, tf: { key: "t", cmp: "eq", val: "1" } }), ["1", "2", "1"].map((t, n) => api("map_publish", { channel: `tags:t${encoding}`, key: `k${n}`, data: { n }, tags: { t } })), connected("b", "u1", { encoding }), sub("b", 2, `tags:t${encoding}`, { phase: 2, tf: { key: "t", cmp: "eq", val: "1" } })]),
];
const server = once("the server API of maps", [{ key: "a", data: { n: 1 } }, { key: "a", data: { n: 2 } }, { key: "b", b64data: "eyJuIjozfQ==" }, { key: "b", b64data: "***" }, { data: {} }, { key: "c" }, { key: "d", data: {}, tags: { t: "1" } }, { key: "e", data: {}, score: 5 }, { key: "f", data: {}, idempotency_key: "i" }, { key: "f", data: { n: 9 }, idempotency_key: "i" }, { key: "a", data: { n: 3 }, version: 5, version_epoch: "e" },
  { key: "a", data: { n: 4 }, version: 4, version_epoch: "e" }, { key: "a", data: { n: 5 }, key_mode: "if_new" }, { key: "new", data: { n: 5 }, key_mode: "if_exists" }, { key: "a", data: { n: 6 }, key_mode: "other" }, { key: "g", data: { n: 1 }, stream_data: { s: 1 } }].map((body) => api("map_publish", { channel: "per:api", ...body })), api("map_publish", { channel: "nowhere:x", key: "k", data: {} }),
  api("map_publish", { channel: "all:x", key: "k", data: {} }), api("map_publish", { key: "k", data: {} }), [{}, { limit: 2 }, { limit: -1 }, { limit: 100 }, { limit: 2, cursor: "b" }, { key: "a" }, { key: "none" }, { limit: 10, asc: true }, { limit: 10, revision_offset: 1, revision_epoch: "{{epoch 1}}" }, { limit: 10, revision_offset: 1, revision_epoch: "zzzz" }].map((body) => api("map_read_state", { channel: "per:api", ...body })),
  [{}, { limit: 2 }, { limit: -1 }, { limit: 2, reverse: true }, { limit: 10, since_offset: 2, since_epoch: "{{epoch 1}}" }, { limit: 10, since_offset: 2, since_epoch: "zzzz" }].map((body) => api("map_read_stream", { channel: "per:api", ...body })), api("map_read_stream", { channel: "eph:api", limit: 5 }), api("map_stats", { channel: "per:api" }), api("map_stats", { channel: "all:x" }), api("map_remove", { channel: "per:api", key: "a" }), api("map_remove", { channel: "per:api", key: "a" }),
  api("map_remove", { channel: "per:api" }), api("map_remove", { channel: "per:api", key: "b", idempotency_key: "r" }), api("map_clear", { channel: "per:api" }), api("map_stats", { channel: "per:api" }), api("map_read_state", { channel: "per:api", limit: 10 }), api("map_clear", {}), api("publish", { channel: "per:api", data: {} }), api("history", { channel: "per:api" }), api("presence", { channel: "per:api" }),
  api("batch", { commands: [{ map_publish: { channel: "per:ba", key: "k", data: {} } }, { map_stats: { channel: "per:ba" } }, { map_remove: { channel: "per:ba", key: "k" } }, { map_read_state: { channel: "per:ba", limit: 5 } }, { map_clear: { channel: "per:ba" } }] }));

const poll = (name, more = {}) => ({ name, subscription_type: "shared_poll", allow_subscribe_for_client: true, shared_poll: { proxy_name: "poll", refresh_interval: "300ms", mode: "versioned", max_keys_per_connection: 5, publish_enabled: true, ...more } });
const pollConfig = changed({ shared_poll: { hmac_secret_key: "poll-secret" }, proxies: [{ name: "poll", endpoint: "{{backend}}/poll", timeout: "0.4s" }], channel: { namespaces: [poll("poll"), poll("versionless", { mode: "versionless", publish_enabled: false }), { ...poll("delta"), allowed_delta_types: ["fossil"], delta_publish: true }, { name: "all", allow_subscribe_for_client: true }] } });
const signed = (channel, keys, more = {}) => ({ signature: { $signature: { channel, keys, user: "u1", ...more } }, items: keys.map((key) => ({ key })) });
const track = (as, id, channel, ...batches) => send(as, { id, sub_refresh: { channel, type: 1, track: batches } });
const answer = (items) => backend({ "/poll": { body: { result: { items } } } });
const polling = [
  ...inBoth("track and be told", (encoding) => {
    const channel = fresh("poll");
    return [answer([{ key: "a", data: { n: 1 }, version: 1 }]), connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel, type: 4 } }), quiet(1000, track("a", 3, channel, signed(channel, ["a"]))), quiet(800, answer([{ key: "a", data: { n: 2 }, version: 2 }])), api("shared_poll_publish", { channel, key: "a", data: { n: 3 }, version: 3 }), send("a", { id: 4, sub_refresh: { channel, type: 2, untrack: ["a"] } }), send("a", { id: 5, unsubscribe: { channel } })];
  })];
const pollRefusals = inBoth("what may not be tracked", (encoding) => {
  const channel = fresh("poll");
  return [backend({ "/poll": { body: { result: { items: [] } } } }), connected("a", "u1", { encoding }), track("a", 2, channel, signed(channel, ["a"])), send("a", { id: 3, subscribe: { channel } }), send("a", { id: 4, subscribe: { channel, type: 1 } }), send("a", { id: 5, subscribe: { channel, type: 4 } }), track("a", 6, channel, signed(channel, ["a"], { secret: "other" })), track("a", 7, channel, signed(channel, ["a"], { user: "u2" })), track("a", 8, channel, signed(channel, ["a"], { channel: "poll:other" })),
    track("a", 9, channel, signed(channel, ["a"], { until: -60 })), track("a", 10, channel, { signature: "x", items: [{ key: "a" }] }), track("a", 11, channel, { items: [{ key: "a" }] }), track("a", 12, channel), track("a", 13, channel, signed(channel, ["1", "2", "3", "4", "5", "6"])), track("a", 14, channel, signed(channel, ["1", "2"]), signed(channel, ["3"], { secret: "other" })), send("a", { id: 15, sub_refresh: { channel, type: 3 } }), send("a", { id: 16, sub_refresh: { channel, type: 2, untrack: ["never"] } }),
    send("a", { id: 17, publish: { channel, data: "1" } }), send("a", { id: 18, history: { channel, limit: 1 } }), send("a", { id: 19, presence: { channel } }), send("a", { id: 20, subscribe: { channel: "all:x", type: 4 } }), send("a", { id: 21, subscribe: { channel, type: 4 } }), send("a", { id: 22, sub_refresh: { channel, token: "x" } })];
});
const pollApi = once("the server API of shared poll", api("shared_poll_publish", { channel: "poll:x", key: "k", data: { n: 1 }, version: 1 }), api("shared_poll_publish", { channel: "poll:x", key: "k", b64data: "eyJuIjoxfQ==", version: 2, epoch: "e" }), api("shared_poll_publish", { channel: "poll:x", data: {} }), api("shared_poll_publish", { key: "k", data: {} }), api("shared_poll_publish", { channel: "all:x", key: "k", data: {}, version: 1 }), api("shared_poll_publish", { channel: "nowhere:x", key: "k", data: {} }), api("shared_poll_publish", { channel: "poll:x", key: "k", version: 3 }), api("publish", { channel: "poll:x", data: {} }));

const serverSide = inBoth("a map that the server subscribes to", (encoding) => {
  const [channel, other] = [fresh("per"), fresh("per")];
  return [open("a", { encoding }), send("a", { id: 1, connect: { token: good("u1", { channels: [channel, fresh("all")] }) } }), api("map_publish", { channel, key: "k", data: { n: 1 } }), sub("a", 2, channel, { phase: 2 }), api("map_remove", { channel, key: "k" }), send("a", { id: 3, unsubscribe: { channel } }),
    api("map_publish", { channel, key: "k", data: { n: 2 } }), api("subscribe", { user: "u1", channel: other, client: "{{client a}}" }), api("map_publish", { channel: other, key: "k", data: { n: 3 } })];
});
const pollTypes = inBoth("the type of a shared-poll channel goes before what the client has", (encoding) => {
  const [channel, stream] = [fresh("poll"), fresh("all")];
  return [connected("a", "u1", { encoding }), [channel, stream].map((name) => api("subscribe", { user: "u1", channel: name, client: "{{client a}}" })),
    [channel, stream, "nowhere:x"].flatMap((name, at) => [0, 1, 4].map((type) => send("a", { id: 10 * at + type + 2, subscribe: { channel: name, type } }))),
    send("a", { id: 40, subscribe: { channel, delta: "other" } }), sub("a", 41, channel, { phase: 2, cursor: "k" })];
});

export const mapGroups = [
  { name: "maps", config: mapConfig, scenarios: [...subscribing, ...writing, ...serverSide, ...server] },
  { name: "shared-poll", oneByOne: true, showBackend: false, config: pollConfig, scenarios: [...polling, ...pollRefusals, ...pollApi, ...pollTypes] },
  { name: "shared-poll-off", config: changed({}), scenarios: once("type 4", connected("a"), send("a", { id: 2, subscribe: { channel: "all:x", type: 4 } })) },
];
