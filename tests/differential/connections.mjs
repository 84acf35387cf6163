// The ways in: WebSocket, http_stream, sse and their unidirectional kin. Each connection collects what the server says, decoded, in order.
import { createRequire } from "node:module";
import { request } from "node:http";

import { encodeFrame, fromJson, fromProtobuf, payloadText, splitByLength, toProtobuf } from "./wire.mjs";

const WebSocket = createRequire(new URL("../e2e/package.json", import.meta.url))("ws");

const prefixes = {
  websocket: "/connection/websocket",
  http_stream: "/connection/http_stream",
  sse: "/connection/sse",
  uni_websocket: "/connection/uni_websocket",
  uni_http_stream: "/connection/uni_http_stream",
  uni_sse: "/connection/uni_sse",
};

/** Plain HTTP with the answer's text; never follows or retries anything. */
export function exchange(port, { method = "GET", path = "/", headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

class Connection {
  constructor(options) {
    this.encoding = options.encoding ?? "json";
    this.transport = options.transport ?? "websocket";
    this.unidirectional = this.transport.startsWith("uni_");
    this.inbox = [];
    this.over = false;
    this.changed = () => {};
  }

  receive(item) {
    this.inbox.push(item);
    this.changed();
  }

  end(item) {
    if (this.over) return;
    this.over = true;
    this.receive(item);
  }

  decodeText(text) {
    try {
      return fromJson(text);
    } catch (error) {
      return { unreadable: text, why: error.message };
    }
  }

  decodeBytes(bytes) {
    return bytes.length === 0 ? {} : fromProtobuf(this.unidirectional ? "Push" : "Reply", bytes);
  }
}

export class SocketConnection extends Connection {
  constructor(port, options) {
    super(options);
    const query = options.query ? `?${options.query}` : "";
    const protocols = options.protocols ?? (this.encoding === "protobuf" && !options.query ? ["centrifuge-protobuf"] : []);
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? prefixes[this.transport]}${query}`, protocols, {
      headers: options.headers, perMessageDeflate: options.deflate ?? false, handshakeTimeout: 5000,
    });
    this.opened = new Promise((resolve) => {
      this.socket.on("open", () => {
        if (options.showHandshake) this.receive({ subprotocol: this.socket.protocol, extensions: this.socket.extensions });
        resolve();
      });
      this.socket.on("unexpected-response", (_request, response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => {
          this.end({ refused: response.statusCode, text: Buffer.concat(chunks).toString().trim() });
          resolve();
        });
      });
      this.socket.on("error", () => resolve());
    });
    this.socket.on("message", (bytes, binary) => this.#message(bytes, binary));
    this.socket.on("ping", () => this.receive({ frame: "ping" }));
    this.socket.on("close", (code, reason) => this.end({ close: code, reason: reason.toString() }));
  }

  #message(bytes, binary) {
    if (binary !== (this.encoding === "protobuf")) this.receive({ frame: binary ? "binary" : "text" });
    if (!binary) {
      for (const line of bytes.toString().split("\n")) this.receive(this.decodeText(line));
      return;
    }
    if (this.unidirectional) {
      this.receive(this.decodeBytes(bytes));
      return;
    }
    const [bodies, left] = splitByLength(bytes);
    for (const body of bodies) this.receive(this.decodeBytes(body));
    if (left.length > 0) this.receive({ leftover: left.toString("hex") });
  }

  async send(commands) {
    this.raw(encodeFrame(this.encoding, commands, this.unidirectional ? "ConnectRequest" : "Command"));
  }

  raw(bytes, binary = Buffer.isBuffer(bytes)) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(bytes, { binary });
  }

  close(code) {
    this.over = true;
    if (code === undefined) this.socket.terminate();
    else this.socket.close(code);
  }
}

export class StreamConnection extends Connection {
  constructor(port, options) {
    super(options);
    this.port = port;
    this.options = options;
    this.events = this.transport.endsWith("sse");
    this.pending = Buffer.alloc(0);
    this.opened = Promise.resolve();
  }

  /** The first commands open the stream; what comes later goes the way of emulation. */
  async send(commands) {
    if (this.stream !== undefined) return this.emulate(encodeFrame(this.encoding, commands));
    return this.open(encodeFrame(this.encoding, commands, this.unidirectional ? "ConnectRequest" : "Command"));
  }

  open(body) {
    const headers = { ...(this.encoding === "protobuf" ? { "Content-Type": "application/octet-stream" } : {}), ...this.options.headers };
    const viaQuery = this.events && this.options.method !== "POST";
    let path = (this.options.path ?? prefixes[this.transport]) + (this.options.query ? `?${this.options.query}` : "");
    if (viaQuery && body !== undefined) path += `?cf_connect=${encodeURIComponent(body)}`;
    return new Promise((resolve) => {
      this.stream = request({ host: "127.0.0.1", port: this.port, path, headers, method: viaQuery ? "GET" : "POST", agent: false });
      this.stream.on("error", () => {
        this.end({ end: true });
        resolve();
      });
      this.stream.on("response", (response) => {
        if (response.statusCode !== 200) {
          const chunks = [];
          response.on("data", (chunk) => chunks.push(chunk));
          response.on("end", () => {
            this.end({ refused: response.statusCode, text: Buffer.concat(chunks).toString().trim() });
            resolve();
          });
          return;
        }
        if (this.options.showHandshake) {
          this.receive({ headers: Object.fromEntries(["content-type", "cache-control", "x-accel-buffering", "pragma",
            "access-control-allow-origin", "access-control-allow-credentials"].filter((name) => name in response.headers)
            .map((name) => [name, response.headers[name]])) });
        }
        response.on("data", (chunk) => this.#data(chunk));
        response.on("end", () => this.end({ end: true }));
        response.on("error", () => this.end({ end: true }));
        resolve();
      });
      this.stream.end(viaQuery ? undefined : body);
    });
  }

  #data(chunk) {
    this.pending = Buffer.concat([this.pending, chunk]);
    if (this.encoding === "protobuf") {
      const [bodies, left] = splitByLength(this.pending);
      this.pending = left;
      for (const body of bodies) this.receive(this.decodeBytes(body));
      return;
    }
    for (let at = this.pending.indexOf(10); at >= 0; at = this.pending.indexOf(10)) {
      const line = this.pending.subarray(0, at).toString().replace(/\r$/, "");
      this.pending = this.pending.subarray(at + 1);
      if (!this.events) this.receive(this.decodeText(line));
      else if (line.startsWith("data: ")) this.receive(this.decodeText(line.slice(6)));
      else if (line !== "") this.receive({ line });
    }
  }

  async emulate(data) {
    const { session, node } = this;
    const binary = this.encoding === "protobuf";
    const body = binary ? toProtobuf("EmulationRequest", { session, node, data: payloadText(data) })
      : JSON.stringify({ session, node, data });
    const answer = await exchange(this.port, {
      method: "POST", path: "/emulation", body, headers: { "Content-Type": binary ? "application/octet-stream" : "application/json" },
    });
    if (answer.status !== 204) this.receive({ emulation: answer.status, text: answer.body.toString().trim() });
  }

  raw(bytes) {
    return this.stream === undefined ? this.open(bytes) : this.emulate(bytes);
  }

  close() {
    this.over = true;
    this.stream?.destroy();
  }
}

export function openConnection(port, options) {
  return (options.transport ?? "websocket").endsWith("websocket") ? new SocketConnection(port, options)
    : new StreamConnection(port, options);
}
