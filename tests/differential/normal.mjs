// Makes what a server answered comparable: ids, epochs and times get names, patches are applied, the rest stays as it is.
import { applyDelta } from "./wire.mjs";

const identity = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What one scenario has seen so far: names for ids and epochs, and the last payload of each delta subscription. */
export class Memory {
  constructor() {
    this.names = new Map();
    this.epochs = [];
    this.bases = new Map();
  }

  /** Gives the value a name in the recording, for instance the client id of connection `a`. */
  name(value, name) {
    if (typeof value === "string" && value !== "" && !this.names.has(value)) this.names.set(value, `<${name}>`);
  }

  epoch(value) {
    if (!this.epochs.includes(value)) this.epochs.push(value);
    return `<epoch ${this.epochs.indexOf(value) + 1}>`;
  }

  text(value) {
    if (this.names.has(value)) return this.names.get(value);
    return value.replace(identity, (id) => this.names.get(id) ?? "<other id>");
  }

  /** Names in place of what differs from run to run. */
  plain(value, key = "") {
    if (Array.isArray(value)) return value.map((item) => this.plain(item));
    if (typeof value === "string") {
      if (value === "") return value;
      if (key === "epoch") return this.epoch(value);
      if (key === "session" || key === "node" || key === "uid") return this.names.get(value) ?? `<${key}>`;
      return key === "version" ? "<version>" : this.text(value);
    }
    if (typeof value === "number") {
      if (key === "ttl" && value > 31_536_000) return "<more than a year>";
      if (key === "ttl" && value > 60) return Math.ceil(value / 60) * 60;
      if (key === "time" || key === "uptime" || key === "expire_at") return `<${key}>`;
      return value;
    }
    if (value === null || typeof value !== "object") return value;
    if (value.uid !== undefined && typeof value.metrics === "object") return this.#node(value);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [this.text(name), this.plain(item, name)]));
  }

  /** A node's line about itself; it counts at its own pace. */
  #node({ uptime, ...node }) {
    const counts = ["num_clients", "num_users", "num_channels", "num_subs"].filter((name) => name in node).map((name) => [name, "<count>"]);
    return this.plain({ ...node, ...Object.fromEntries(counts), name: "<name>", metrics: "<metrics>" });
  }

  /** A publication of a delta subscription with its payload made whole. */
  #whole(connection, channel, publication) {
    if (publication.data === undefined) return publication;
    const text = connection.encoding === "json" ? JSON.parse(publication.data) : publication.data;
    const bytes = Buffer.from(text?.$base64 ?? text, text?.$base64 === undefined ? "utf8" : "base64");
    const key = `${channel}\n${publication.key ?? ""}`;
    const { delta, ...rest } = publication;
    let whole = bytes;
    if (delta === true) {
      try {
        whole = applyDelta(connection.bases.get(key) ?? this.bases.get(key) ?? Buffer.alloc(0), bytes);
      } catch (error) {
        return { ...rest, wrongPatch: error.message };
      }
    }
    connection.bases.set(key, whole);
    this.bases.set(key, whole);
    return { ...rest, [delta === true ? "patched" : "full"]: whole.toString() };
  }

  /** Applies the patches in a reply or push. */
  undelta(connection, item) {
    const result = item.subscribe;
    if (item.id !== undefined && result !== undefined) {
      const channel = connection.requested.get(item.id);
      if (result.delta === true) connection.deltas.add(channel);
      else connection.deltas.delete(channel);
      if (connection.deltas.has(channel)) {
        const changed = { ...result };
        for (const list of ["state", "publications"]) {
          if (result[list]) changed[list] = result[list].map((publication) => this.#whole(connection, channel, publication));
        }
        return { ...item, subscribe: changed };
      }
    }
    const tracked = item.sub_refresh;
    if (tracked?.items !== undefined && connection.deltas.has(connection.requested.get(item.id))) {
      const channel = connection.requested.get(item.id);
      return { ...item, sub_refresh: { ...tracked, items: tracked.items.map((each) => this.#whole(connection, channel, each)) } };
    }
    const push = item.push;
    if (push?.pub !== undefined && connection.deltas.has(push.channel)) {
      return { ...item, push: { ...push, pub: this.#whole(connection, push.channel, push.pub) } };
    }
    return item;
  }

  /** One item of a connection's inbox as it is recorded. */
  item(alias, connection, raw) {
    const connect = raw.connect ?? raw.push?.connect;
    if (connect !== undefined) {
      this.name(connect.client, `client ${alias}`);
      this.name(connect.session, `session ${alias}`);
      this.name(connect.node, "node");
      connection.session ??= connect.session;
      connection.node ??= connect.node;
      connection.client ??= connect.client;
    }
    return this.plain(this.undelta(connection, raw));
  }
}

/**
 * The order in which a connection gets its own publication and the reply to its publish is not promised: replies to publishes go first
 * within one step. Ping frames go past what is queued: they are last. The order of everything else counts.
 */
export function settleOrder(items) {
  const isPublishReply = (item) => item.publish !== undefined;
  const isPingFrame = (item) => item.frame === "ping";
  return [...items.filter(isPublishReply), ...items.filter((item) => !isPublishReply(item) && !isPingFrame(item)), ...items.filter(isPingFrame)];
}
