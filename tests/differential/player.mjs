// Plays a scenario (a list of steps) at a server and returns, per step, what came back on every connection.
import { exchange, openConnection } from "./connections.mjs";
import { Memory, settleOrder } from "./normal.mjs";
import { makeToken } from "./tokens.mjs";
import { fromJson } from "./wire.mjs";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Player {
  /** @param {{port: number, backend?: import("./backend.mjs").Backend}} server */
  constructor(server, { showBackend = true } = {}) {
    this.server = server;
    this.showBackend = showBackend;
    this.memory = new Memory();
    this.connections = new Map();
  }

  /** Puts tokens, ids and long texts in place of their descriptions. */
  fill(value) {
    if (typeof value === "string") {
      const seconds = /^\{\{now (-?\d+)\}\}$/.exec(value)?.[1];
      if (seconds !== undefined) return Math.floor(Date.now() / 1000) + Number(seconds);
      return value.replace(/\{\{(client|session|node|epoch|port) ?(\w*)\}\}/g, (_all, what, name) => this.#known(what, name));
    }
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (value === null || typeof value !== "object") return value;
    if (value.$token !== undefined) return makeToken(this.fill(value.$token));
    if (value.$repeat !== undefined) return value.$repeat[0].repeat(value.$repeat[1]);
    if (value.$join !== undefined) return this.fill(value.$join).join("");
    if (value.$signature !== undefined) return this.server.sign(this.fill(value.$signature));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [this.fill(name), this.fill(item)]));
  }

  #known(what, name) {
    if (what === "epoch") return this.memory.epochs[Number(name) - 1] ?? "<none>";
    if (what === "port") return String(this.server.port);
    return this.connections.get(name)?.[what] ?? "<none>";
  }

  #remember(connection, commands) {
    for (const command of commands) {
      const channel = command.subscribe?.channel ?? command.sub_refresh?.channel;
      if (channel !== undefined) connection.requested.set(command.id, channel);
    }
  }

  /** Does one step; what it causes arrives in the inboxes. Returns the answer of a plain HTTP request, if it was one. */
  async #act(step) {
    const connection = step.as === undefined ? undefined : this.connections.get(step.as);
    switch (step.do) {
      case "open": {
        const opened = openConnection(this.server.port, this.fill(step));
        Object.assign(opened, { requested: new Map(), deltas: new Set(), bases: new Map() });
        opened.changed = () => this.changed?.();
        this.connections.set(step.as, opened);
        await opened.opened;
        return undefined;
      }
      case "send": {
        const commands = this.fill(step.commands);
        this.#remember(connection, commands);
        await connection.send(commands);
        return undefined;
      }
      case "raw": {
        const text = step.hex === undefined ? this.fill(step.text) : Buffer.from(this.fill(step.hex), "hex");
        await connection.raw(text, step.binary);
        return undefined;
      }
      case "close":
        connection.close(step.code);
        await sleep(200);  // the server learns of it in its own time
        return undefined;
      case "wait":
        await sleep(step.milliseconds);
        return undefined;
      case "backend":
        this.server.backend.answer(this.fill(step.replies));
        return undefined;
      case "http":
        return this.#http(this.fill(step));
      default:
        throw new Error(`unknown step '${step.do}'`);
    }
  }

  async #http({ method = "POST", path, headers = {}, body, text }) {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const type = content === undefined || method === "GET" ? {} : { "Content-Type": "application/json" };
    const { status, headers: got, body: bytes } = await exchange(this.server.port, {
      method, path, headers: { ...type, ...headers }, body: content,
    });
    const shown = { status };
    for (const name of ["content-type", "allow", "access-control-allow-origin", "access-control-allow-credentials",
      "access-control-allow-headers", "access-control-allow-methods", "access-control-max-age"]) {
      if (got[name] !== undefined) shown[name] = got[name];
    }
    const answered = bytes.toString();
    if (answered === "") return shown;
    try {
      const lines = answered.trimEnd().split("\n").map(fromJson);
      return { ...shown, body: this.memory.plain(lines.length === 1 ? lines[0] : lines) };
    } catch {
      return { ...shown, text: this.memory.text(answered.trim()) };
    }
  }

  /** Takes what has arrived since the last step. */
  #take() {
    const answers = {};
    for (const [alias, connection] of this.connections) {
      if (connection.inbox.length === 0) continue;
      answers[alias] = settleOrder(connection.inbox.splice(0).map((item) => this.memory.item(alias, connection, item)));
    }
    const requests = this.server.backend?.take() ?? [];
    if (requests.length > 0 && this.showBackend) answers.backend = requests.map((each) => this.memory.plain(each));
    return answers;
  }

  #unanswered(step) {
    if (step.do !== "send") return false;
    const connection = this.connections.get(step.as);
    if (connection.over) return false;
    const answered = new Set(connection.inbox.map((item) => item.id));
    return step.commands.some((command) => command.id > 0 && !answered.has(command.id));
  }

  #reached(counts) {
    return Object.entries(counts).every(([alias, count]) => this.connections.get(alias).inbox.length >= count);
  }

  /** A fixed time where the step asks for one, no time where it says how much to wait for, else until nothing has come for a while. */
  async #silence(step) {
    if (step.quiet !== undefined) return sleep(step.quiet);
    if (step.until !== undefined) return undefined;
    let last = Date.now();
    this.changed = () => {
      last = Date.now();
    };
    while (Date.now() - last < 150) await sleep(10);
    return undefined;
  }

  /**
   * Plays to learn: after every step waits for the answers to its ids and then until nothing has come for a while.
   */
  async learn(steps, { patience = 1500 } = {}) {
    const answers = [];
    for (const step of steps) {
      const http = await this.#act(step);
      const until = Date.now() + (step.patience ?? patience);
      while (this.#unanswered(step) && Date.now() < until) await sleep(10);
      if (step.until !== undefined) {
        const latest = Date.now() + 10_000;
        while (!this.#reached(step.until) && Date.now() < latest) await sleep(5);
      }
      await this.#silence(step);
      answers.push({ ...(http === undefined ? {} : { http }), ...this.#take() });
    }
    this.close();
    return answers;
  }

  /** Plays to compare: waits for as much as was recorded, and in the end a moment for what should not come. */
  async repeat(steps, recorded, { patience = 8000, last = 80 } = {}) {
    const answers = [];
    let missed = false;
    for (const [index, step] of steps.entries()) {
      const wanted = Object.entries(recorded[index]).filter(([alias]) => alias !== "http");
      const http = await this.#act(step);
      const until = Date.now() + (missed ? 300 : patience + (step.quiet ?? 0));
      const enough = () => wanted.every(([alias, items]) => (alias === "backend" ? this.server.backend.requests.length
        : this.connections.get(alias)?.inbox.length ?? 0) >= items.length);
      while (!enough() && Date.now() < until) await sleep(4);
      if (!enough()) missed = true;
      if (index === steps.length - 1) await sleep(last);
      answers.push({ ...(http === undefined ? {} : { http }), ...this.#take() });
    }
    this.close();
    return answers;
  }

  close() {
    for (const connection of this.connections.values()) connection.close();
  }
}
