// Recovery in both modes, positions, delta and tags filters.
import { main } from "./config.mjs";
import { api, close, connected, freshNames, good, inBoth, open, send, wait } from "./steps.mjs";

const fresh = freshNames("d");

const publishes = (as, channel, numbers, firstId = 100) => send(as, ...numbers.map((n) => ({ id: firstId + n, publish: { channel, data: { n } } })));
const range = (from, to) => Array.from({ length: to - from + 1 }, (_each, index) => from + index);

const positions = [
  ["at the top", 5, "{{epoch 1}}"], ["two behind", 3, "{{epoch 1}}"], ["from the beginning", 0, "{{epoch 1}}"], ["from the beginning without an epoch", 0, ""], ["two behind without an epoch", 3, ""],
  ["after the top", 9, "{{epoch 1}}"], ["another epoch", 3, "zzzz"], ["another epoch at zero", 0, "zzzz"],
];
const recover = ["forcerec", "allowrec", "small", "cache", "autocache", "forcepos", "histclosed", "plain"].flatMap((namespace) => positions.flatMap(([name, offset, epoch]) =>
  inBoth(`recover in ${namespace}: ${name}`, (encoding) => {
    const channel = fresh(namespace);
    return [connected("a", "u1", { encoding }), range(1, 5).map((n) => api("publish", { channel, data: { n } })),
      send("a", { id: 2, subscribe: { channel, recoverable: true, recover: true, offset, epoch } }), api("publish", { channel, data: { n: 6 } }),
      connected("b", "u1", { encoding }), send("b", { id: 2, subscribe: { channel, recoverable: true, recover: true, offset, epoch, flag: 2 } })];
  })));
const emptyChannels = ["forcerec", "cache", "autocache"].flatMap((namespace) => [[0, ""], [0, "zzzz"], [3, ""], [3, "zzzz"]].flatMap(([offset, epoch]) =>
  inBoth(`recover in an empty channel of ${namespace} from ${offset} with ${epoch === "" ? "no epoch" : "an epoch"}`, (encoding) => {
    const channel = fresh(namespace);
    return [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel, recover: true, offset, epoch } }), api("publish", { channel, data: { n: 1 } })];
  })));

const stories = [
  ...inBoth("away for three publications", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `forcerec:aw${e}` } }), api("publish", { channel: `forcerec:aw${e}`, data: { n: 1 } }),
    close("a"), range(2, 4).map((n) => api("publish", { channel: `forcerec:aw${e}`, data: { n } })), connected("b", "u1", { encoding }),
    send("b", { id: 2, subscribe: { channel: `forcerec:aw${e}`, recover: true, offset: 1, epoch: "{{epoch 1}}" } }), api("publish", { channel: `forcerec:aw${e}`, data: { n: 5 } })]),
  ...inBoth("server-side recovery through connect", (encoding, e) => [open("a", { encoding }), send("a", { id: 1, connect: { token: good("u1", { channels: [`forcerec:sc${e}`, `plain:sc${e}`] }) } }),
    range(1, 3).map((n) => api("publish", { channel: `forcerec:sc${e}`, data: { n } })), close("a"), api("publish", { channel: `forcerec:sc${e}`, data: { n: 4 } }), open("b", { encoding }),
    send("b", { id: 1, connect: { token: good("u1", { channels: [`forcerec:sc${e}`, `plain:sc${e}`] }), subs: { [`forcerec:sc${e}`]: { recover: true, offset: 2, epoch: "{{epoch 1}}" }, "forcerec:other": { recover: true } } } }),
    open("c", { encoding }), send("c", { id: 1, connect: { token: good("u1", { channels: [`forcerec:sc${e}`] }), subs: { [`forcerec:sc${e}`]: { recover: true, offset: 2, epoch: "zzzz" } } } }),
    api("publish", { channel: `forcerec:sc${e}`, data: { n: 5 } })]),
  ...inBoth("recovery after the history expired", (encoding, e) => [connected("a", "u1", { encoding }), api("publish", { channel: `short:ex${e}`, data: { n: 1 } }), wait(2200),
    send("a", { id: 2, subscribe: { channel: `short:ex${e}`, recover: true, offset: 1, epoch: "{{epoch 1}}" } }), connected("b", "u1", { encoding }),
    send("b", { id: 2, subscribe: { channel: `short:ex${e}`, recover: true, offset: 0, epoch: "{{epoch 1}}" } })]),
  ...inBoth("recovery after the history was removed", (encoding, e) => [connected("a", "u1", { encoding }), range(1, 2).map((n) => api("publish", { channel: `forcerec:rm${e}`, data: { n } })),
    api("history_remove", { channel: `forcerec:rm${e}` }), send("a", { id: 2, subscribe: { channel: `forcerec:rm${e}`, recover: true, offset: 2, epoch: "{{epoch 1}}" } }), connected("b", "u1", { encoding }),
    send("b", { id: 2, subscribe: { channel: `forcerec:rm${e}`, recover: true, offset: 1, epoch: "{{epoch 1}}" } })]),
  ...inBoth("publications without history in between", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `forcerec:sk${e}` } }), api("publish", { channel: `forcerec:sk${e}`, data: { n: 1 } }),
    api("publish", { channel: `forcerec:sk${e}`, data: { n: 2 }, skip_history: true }), api("publish", { channel: `forcerec:sk${e}`, data: { n: 3 } }), send("a", { id: 3, history: { channel: `forcerec:sk${e}`, limit: 5 } })]),
  ...inBoth("the epoch comes with the first publication", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `all:ep${e}` } }), publishes("a", `all:ep${e}`, range(1, 3))]),
];

const text = (n, more = "") => ({ text: "The quick brown fox jumps over the lazy dog, again and again and again", n, more });
const deltas = [
  ...["delta", "deltaask", "deltanohist", "forcerec"].flatMap((namespace) => inBoth(`delta in ${namespace}`, (encoding) => {
    const channel = fresh(namespace);
    return [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel, delta: "fossil" } }), connected("b", "u2", { encoding }), send("b", { id: 2, subscribe: { channel } }),
      range(1, 4).map((n) => api("publish", { channel, data: text(n) })), send("a", { id: 3, publish: { channel, data: text(5) } }), api("publish", { channel, data: text(6), delta: true }),
      api("publish", { channel, data: text(7), delta: true }), api("publish", { channel, data: "1" }), api("publish", { channel, data: text(9), delta: true }), send("a", { id: 4, history: { channel, limit: 2 } })];
  })),
  ...inBoth("delta after unsubscribing", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `delta:un${e}`, delta: "fossil" } }), range(1, 2).map((n) => api("publish", { channel: `delta:un${e}`, data: text(n) })),
    send("a", { id: 3, unsubscribe: { channel: `delta:un${e}` } }), api("publish", { channel: `delta:un${e}`, data: text(3) }),
    send("a", { id: 4, subscribe: { channel: `delta:un${e}`, delta: "fossil", recover: true, offset: 2, epoch: "{{epoch 1}}" } }), api("publish", { channel: `delta:un${e}`, data: text(4) })]),
  ...inBoth("delta in recovered publications", (encoding, e) => [connected("a", "u1", { encoding }), range(1, 4).map((n) => api("publish", { channel: `delta:re${e}`, data: text(n) })),
    send("a", { id: 2, subscribe: { channel: `delta:re${e}`, delta: "fossil", recover: true, offset: 1, epoch: "{{epoch 1}}" } }), api("publish", { channel: `delta:re${e}`, data: text(5) }),
    connected("b", "u2", { encoding }), send("b", { id: 2, subscribe: { channel: `delta:re${e}`, delta: "fossil", recover: true, offset: 5, epoch: "{{epoch 1}}" } }), api("publish", { channel: `delta:re${e}`, data: text(6) }),
    connected("c", "u3", { encoding }), send("c", { id: 2, subscribe: { channel: `delta:re${e}`, delta: "fossil", recover: true, offset: 5, epoch: "zzzz" } }), api("publish", { channel: `delta:re${e}`, data: text(7) })]),
  ...inBoth("delta in cache mode", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `cache:dc${e}`, delta: "fossil" } }), api("publish", { channel: `cache:dc${e}`, data: text(1) })]),
  ...inBoth("delta of text beyond ASCII", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `delta:ut${e}`, delta: "fossil" } }),
    ["ä", "ö", "ß€😀", "\u2028", "\\\"\n"].map((more, index) => api("publish", { channel: `delta:ut${e}`, data: text(index, more) }))]),
  ...inBoth("delta of a server-side subscription", (encoding, e) => [open("a", { encoding }), send("a", { id: 1, connect: { token: good("u1", { channels: [`delta:sv${e}`] }) } }),
    range(1, 2).map((n) => api("publish", { channel: `delta:sv${e}`, data: text(n) }))]),
];

const filters = [
  ["eq", { key: "t", cmp: "eq", val: "1" }], ["neq", { key: "t", cmp: "neq", val: "1" }], ["in", { key: "t", cmp: "in", vals: ["1", "3"] }], ["nin", { key: "t", cmp: "nin", vals: ["1", "3"] }], ["nin with nothing", { key: "x", cmp: "nin", vals: [""] }],
  ["ex", { key: "t", cmp: "ex" }], ["nex", { key: "t", cmp: "nex" }], ["sw", { key: "name", cmp: "sw", val: "al" }], ["ew", { key: "name", cmp: "ew", val: "ob" }], ["ct", { key: "name", cmp: "ct", val: "li" }],
  ["lt", { key: "t", cmp: "lt", val: "2" }], ["lte", { key: "t", cmp: "lte", val: "2" }], ["gt", { key: "t", cmp: "gt", val: "1.5" }], ["gte", { key: "t", cmp: "gte", val: "10" }], ["gt of no number", { key: "name", cmp: "gt", val: "1" }],
  ["gt with no number", { key: "t", cmp: "gt", val: "x" }],
  ["and", { op: "and", nodes: [{ key: "t", cmp: "gt", val: "1" }, { key: "name", cmp: "ex" }] }], ["or", { op: "or", nodes: [{ key: "t", cmp: "eq", val: "1" }, { key: "name", cmp: "eq", val: "bob" }] }],
  ["not", { op: "not", nodes: [{ key: "t", cmp: "eq", val: "1" }] }], ["not of two", { op: "not", nodes: [{ key: "t", cmp: "ex" }, { key: "x", cmp: "ex" }] }], ["and of none", { op: "and" }], ["an unknown op", { op: "xor", nodes: [{ key: "t", cmp: "ex" }] }],
  ["an unknown cmp", { key: "t", cmp: "like", val: "1" }], ["no cmp", { key: "t", val: "1" }], ["no key", { cmp: "eq", val: "1" }], ["eq without val", { key: "t", cmp: "eq" }], ["in without vals", { key: "t", cmp: "in" }],
  ["ex with val", { key: "t", cmp: "ex", val: "1" }], ["eq with vals", { key: "t", cmp: "eq", val: "1", vals: ["1"] }], ["in with val", { key: "t", cmp: "in", val: "1", vals: ["1"] }], ["and with key", { op: "and", key: "t", nodes: [{ key: "t", cmp: "ex" }] }],
  ["a leaf with nodes", { key: "t", cmp: "ex", nodes: [{ key: "t", cmp: "ex" }] }], ["sw without val", { key: "t", cmp: "sw" }], ["lt without val", { key: "t", cmp: "lt" }], ["an empty filter", {}],
];
const tagged = [{ t: "1", name: "alice" }, { t: "2", name: "bob" }, { t: "3" }, { t: "10" }, undefined, { t: "" }, { t: "1.9", name: "" }];
const filterScenarios = [
  ...filters.flatMap(([name, tf]) => inBoth(`tags filter: ${name}`, (encoding) => {
    const channel = fresh("tags");
    return [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel, tf } }), tagged.map((tags, n) => api("publish", { channel, data: { n }, tags })),
      connected("b", "u1", { encoding }), send("b", { id: 2, subscribe: { channel, tf, recover: true, offset: 1, epoch: "{{epoch 1}}" } }), api("publish", { channel, data: { n: 9 }, tags: { t: "1" } })];
  })),
  ...inBoth("tags filter where it is not allowed", (encoding) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: "all:tf", tf: { key: "t", cmp: "ex" } } })]),
  ...inBoth("tags filter with delta", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `delta:tf${e}`, delta: "fossil", tf: { key: "t", cmp: "ex" } } })]),
  ...inBoth("tags in publications and history", (encoding, e) => [connected("a", "u1", { encoding }), send("a", { id: 2, subscribe: { channel: `all:tg${e}` } }), api("publish", { channel: `all:tg${e}`, data: "1", tags: { a: "1", b: "ü" } }),
    send("a", { id: 3, history: { channel: `all:tg${e}`, limit: 1 } })]),
];

export const recoveryGroup = { name: "recovery", config: main, scenarios: [...recover, ...emptyChannels, ...stories] };
export const deltaGroup = { name: "delta", config: main, scenarios: [...deltas, ...filterScenarios] };
