// The proxies: the official client, the server with a Centrifugo configuration, and a backend that decides.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { client, closeClients, connected, next, subscribed } from "./support/clients.mjs";
import { program } from "./support/server.mjs";

const seconds = () => Math.floor(Date.now() / 1000);

/** A backend on a free port: `answers[path]` is called with the request and gives the answer. */
async function startBackend() {
  const backend = { requests: [], answers: {} };
  backend.server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const call = { path: request.url, headers: request.headers, body: JSON.parse(text) };
      backend.requests.push(call);
      const answer = backend.answers[request.url]?.(call) ?? { result: {} };
      response.statusCode = answer.status ?? 200;
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise((resolve) => backend.server.listen(0, "127.0.0.1", resolve));
  backend.url = `http://127.0.0.1:${backend.server.address().port}`;
  backend.to = (path) => backend.requests.filter((request) => request.path === path);
  return backend;
}

describe("proxies", () => {
  let backend;
  let folder;
  let server;
  let url;

  before(async () => {
    backend = await startBackend();
    folder = await mkdtemp(join(tmpdir(), "xshathra-proxy-"));
    const proxy = (path, more = {}) => ({ endpoint: backend.url + path, timeout: "1s", ...more });
    await writeFile(
      join(folder, "config.json"),
      JSON.stringify({
        client: {
          allowed_origins: ["*"],
          proxy: {
            connect: proxy("/connect", { enabled: true, http_headers: ["X-Forwarded-User"], emulated_headers: ["Authorization"] }),
            refresh: proxy("/refresh", { enabled: true }),
          },
        },
        channel: {
          proxy: { subscribe: proxy("/subscribe", { include_connection_meta: true }), publish: proxy("/publish") },
          namespaces: [
            { name: "room", subscribe_proxy_enabled: true, publish_proxy_enabled: true, history_size: 10, history_ttl: "60s" },
          ],
        },
        rpc: {
          proxy: proxy("/rpc", { http: { status_to_code_transforms: [{ status_code: 404, to_error: { code: 1404, message: "no such thing" } }] } }),
          namespaces: [{ name: "math", proxy_enabled: true }],
        },
      }),
    );
    server = spawn(program, ["serve", "--centrifugo-config", join(folder, "config.json"), "--port", "0", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: server.stdout });
    const ready = await new Promise((resolve, reject) => {
      lines.once("line", (line) => resolve(JSON.parse(line)));
      server.once("exit", (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    });
    lines.resume();
    url = `ws://localhost:${ready.port}/connection/websocket`;
  });
  beforeEach(() => {
    backend.requests = [];
    backend.answers = { "/connect": () => ({ result: { user: "42" } }) };
  });
  afterEach(closeClients);
  after(async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    await ended;
    backend.server.close();
    backend.server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  test("the backend decides who connects, and with what", async () => {
    backend.answers["/connect"] = ({ body }) => ({
      result: { user: "42", data: { hello: body.data.name }, meta: { role: "admin" }, channels: ["room:lobby"] },
    });
    const centrifuge = client(url, { data: { name: "Ann" }, headers: { Authorization: "Bearer abc" } });
    const lobby = next(centrifuge, "subscribed");
    const context = await connected(centrifuge);
    assert.deepEqual(context.data, { hello: "Ann" });
    assert.equal((await lobby).channel, "room:lobby");
    const [call] = backend.to("/connect");
    assert.equal(call.headers.authorization, "Bearer abc");
    assert.equal(call.headers["content-type"], "application/json");
    assert.equal(call.body.client, context.client);
    assert.deepEqual([call.body.transport, call.body.protocol, call.body.encoding], ["websocket", "json", "json"]);
  });

  test("a refused connect ends the client with the backend's code", async () => {
    backend.answers["/connect"] = () => ({ disconnect: { code: 4501, reason: "not you" } });
    const centrifuge = client(url);
    const ended = next(centrifuge, "disconnected");
    centrifuge.connect();
    const { code, reason } = await ended;
    assert.deepEqual([code, reason], [4501, "not you"]);
  });

  test("a backend that fails once is asked again", async () => {
    let calls = 0;
    backend.answers["/connect"] = () => ((calls += 1) === 1 ? { status: 500 } : { result: { user: "42" } });
    await connected(client(url));
    assert.equal(calls, 2);
  });

  test("subscribe and publish go through the backend", async () => {
    backend.answers["/connect"] = () => ({ result: { user: "42", meta: { role: "admin" } } });
    backend.answers["/subscribe"] = ({ body }) =>
      body.channel === "room:closed" ? { error: { code: 403, message: "closed" } } : { result: { data: { topic: "tea" } } };
    backend.answers["/publish"] = ({ body }) => ({ result: { data: { ...body.data, checked: true } } });
    const centrifuge = client(url);
    await connected(centrifuge);
    const closed = centrifuge.newSubscription("room:closed");
    const refused = next(closed, "unsubscribed");
    closed.subscribe();
    assert.equal((await refused).code, 403);
    const room = centrifuge.newSubscription("room:open", { data: { key: 1 } });
    assert.deepEqual((await subscribed(room)).data, { topic: "tea" });
    const call = backend.to("/subscribe").at(-1).body;
    assert.deepEqual([call.user, call.channel, call.data, call.meta], ["42", "room:open", { key: 1 }, { role: "admin" }]);
    const received = next(room, "publication");
    await room.publish({ text: "hi" });
    assert.deepEqual((await received).data, { text: "hi", checked: true });
  });

  test("rpc is answered by the backend, in the order of the calls", async () => {
    backend.answers["/rpc"] = ({ body }) => (body.method === "math:none" ? { status: 404 } : { result: { data: { sum: body.data.a + body.data.b } } });
    const centrifuge = client(url);
    await connected(centrifuge);
    const answers = await Promise.all([1, 2, 3].map((a) => centrifuge.rpc("math:add", { a, b: 1 })));
    assert.deepEqual(answers.map((answer) => answer.data.sum), [2, 3, 4]);
    await assert.rejects(centrifuge.rpc("math:none", {}), { code: 1404, message: "no such thing" });
    await assert.rejects(centrifuge.rpc("other:add", {}), { code: 104 });
    await assert.rejects(centrifuge.rpc("add", {}), { code: 108 });
  });

  test("the server refreshes a connection by itself until the backend says no", async () => {
    backend.answers["/connect"] = () => ({ result: { user: "42", expire_at: seconds() + 1 } });
    let calls = 0;
    backend.answers["/refresh"] = () => ((calls += 1) < 2 ? { result: { expire_at: seconds() + 1 } } : { result: { expired: true } });
    const centrifuge = client(url);
    await connected(centrifuge);
    // 3005 makes the client connect again by itself.
    const again = next(centrifuge, "connecting", ({ code }) => code === 3005);
    assert.equal((await again).reason, "connection expired");
    assert.equal(calls, 2);
    assert.equal(backend.to("/refresh")[0].body.user, "42");
  });
});
