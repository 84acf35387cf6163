// The app's backend that a server's proxies call: answers what a scenario told it to and keeps what it was asked.
import { createServer } from "node:http";

import { keySet } from "./tokens.mjs";

export class Backend {
  requests = [];
  #answers = {};
  #server;

  static async start() {
    const backend = new Backend();
    backend.#server = createServer((request, response) => backend.#serve(request, response));
    await new Promise((resolve) => backend.#server.listen(0, "127.0.0.1", resolve));
    backend.port = backend.#server.address().port;
    return backend;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on each path answers this: `{status, body, text, delay}`. */
  answer(answers) {
    this.#answers = answers;
  }

  take() {
    return this.requests.splice(0);
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (request.url === "/jwks") {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(keySet()));
      return;
    }
    const headers = Object.fromEntries(["content-type", "cookie", "x-app", "x-static", "authorization"]
      .filter((name) => request.headers[name] !== undefined).map((name) => [name, request.headers[name]]));
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      body = { text };
    }
    this.requests.push({ method: request.method, path: request.url, headers, body });
    const answer = this.#answers[request.url] ?? { body: { result: {} } };
    if (answer.delay) await new Promise((resolve) => setTimeout(resolve, answer.delay));
    response.statusCode = answer.status ?? 200;
    response.setHeader("Content-Type", "application/json");
    response.end(answer.text ?? JSON.stringify(answer.body));
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
