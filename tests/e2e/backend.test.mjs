// The server API as backends call it, with the libraries for JavaScript and Go, while an official client is connected.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { after, afterEach, before, describe, test } from "node:test";
import { promisify } from "node:util";

import cent from "cent.js";

import { client, closeClients, connected, next, subscribed } from "./support/clients.mjs";
import { Server } from "./support/server.mjs";

const run = promisify(execFile);
const goTests = new URL("gocent", import.meta.url).pathname;
const withoutGo = spawnSync("go", ["version"]).status === 0 ? false : "Go is not installed";

describe("backend libraries", () => {
  /** @type {Server} */
  let server;
  let backend;
  before(async () => {
    server = await Server.start();
    backend = new cent.CentClient({ url: `${server.httpUrl}/api`, apiKey: server.project.serverKey });
  });
  afterEach(closeClients);
  after(() => server.stop());

  const user = async (id) => {
    const centrifuge = client(server.webSocketUrl, { token: await server.token(id) });
    await connected(centrifuge);
    return centrifuge;
  };

  test("cent.js publishes and broadcasts", async () => {
    const subscription = (await user("u1")).newSubscription("public:js");
    await subscribed(subscription);
    const received = next(subscription, "publication");
    assert.deepEqual(await backend.publish({ channel: "public:js", data: { text: "hello" } }), {});
    assert.deepEqual((await received).data, { text: "hello" });
    const position = await backend.publish({ channel: "chat:js", data: 1, tags: { a: "b" } });
    assert.equal(position.offset, 1);
    const { responses } = await backend.broadcast({ channels: ["chat:js", "nowhere:x"], data: 2 });
    assert.deepEqual(responses, [{ result: { offset: 2, epoch: position.epoch } }, { error: { code: 102, message: "unknown channel" } }]);
  });

  test("cent.js reads presence, channels and the server's figures", async () => {
    const centrifuge = await user("u2");
    await subscribed(centrifuge.newSubscription("public:here"));
    const { presence } = await backend.getPresence({ channel: "public:here" });
    assert.deepEqual(Object.values(presence).map((info) => info.user), ["u2"]);
    assert.deepEqual(await backend.getPresenceStats({ channel: "public:here" }), { num_clients: 1, num_users: 1 });
    assert.deepEqual(await backend.getChannels({ pattern: "public:h*" }), { channels: { "public:here": { num_clients: 1 } } });
    const { nodes } = await backend.getInfo();
    assert.equal(nodes[0].num_clients, 1);
  });

  test("cent.js reads and removes history", async () => {
    for (const n of [1, 2, 3]) await backend.publish({ channel: "chat:past", data: { n } });
    const all = await backend.getHistory({ channel: "chat:past", limit: -1 });
    assert.deepEqual(all.publications.map((publication) => publication.data.n), [1, 2, 3]);
    const rest = await backend.getHistory({ channel: "chat:past", limit: 10, since: { offset: 2, epoch: all.epoch } });
    assert.deepEqual(rest.publications.map((publication) => publication.offset), [3]);
    await backend.removeHistory({ channel: "chat:past" });
    assert.deepEqual(await backend.getHistory({ channel: "chat:past", limit: -1 }), { publications: [], epoch: all.epoch, offset: 3 });
  });

  test("cent.js subscribes, unsubscribes, refreshes and disconnects a user", async () => {
    const centrifuge = await user("u3");
    const subscription = centrifuge.newSubscription("public:mine");
    await subscribed(subscription);
    const pushed = next(centrifuge, "subscribed");
    await backend.subscribe({ user: "u3", channel: "public:pushed" });
    assert.equal((await pushed).channel, "public:pushed");
    const ended = next(subscription, "unsubscribed");
    await backend.unsubscribe({ user: "u3", channel: "public:mine" });
    assert.equal((await ended).code, 2000);
    await backend.refresh({ user: "u3", expire_at: Math.floor(Date.now() / 1000) + 3600 });
    const disconnected = next(centrifuge, "disconnected");
    await backend.disconnect({ user: "u3" });
    assert.equal((await disconnected).code, 3503);
  });

  test("cent.js sends several commands in one request", async () => {
    const results = await backend.pipeline([
      { method: "publish", params: { channel: "chat:pipe", data: 1 } },
      { method: "history", params: { channel: "chat:pipe", limit: 1 } },
    ]);
    assert.equal(results[0].offset, 1);
    assert.equal(results[1].publications[0].data, 1);
  });

  test("cent.js gets Centrifugo's errors", async () => {
    // The library throws the error's text away, so the code is looked at beside it.
    const cases = [
      ["publish", "publish", { channel: "nowhere:x", data: 1 }, 102, "unknown channel"],
      ["publish", "publish", { data: 1 }, 107, "bad request"],
      ["getHistory", "history", { channel: "public:js" }, 108, "not available"],
    ];
    for (const [name, method, parameters, code, message] of cases) {
      await assert.rejects(backend[name](parameters), { constructor: cent.CentException });
      assert.deepEqual(await server.api(`/api/${method}`, parameters), { status: 200, body: { error: { code, message } } });
    }
    const stranger = new cent.CentClient({ url: `${server.httpUrl}/api`, apiKey: "wrong" });
    await assert.rejects(stranger.publish({ channel: "public:js", data: 1 }));
  });

  test("connections of a user are listed", async () => {
    const centrifuge = await user("u4");
    await subscribed(centrifuge.newSubscription("public:listed"));
    const { status, body } = await server.api("/api/connections", { user: "u4" });
    assert.equal(status, 200);
    const [connection] = Object.values(body.result.connections);
    assert.equal(connection.user, "u4");
    assert.equal(connection.transport, "websocket");
    assert.deepEqual(Object.keys(connection.state.channels), ["public:listed"]);
  });

  test("gocent does all of it", { skip: withoutGo, timeout: 150_000 }, async () => {
    const centrifuge = await user("u1");
    const subscription = centrifuge.newSubscription("public:go");
    await subscribed(subscription);
    const seen = Promise.all([
      next(subscription, "publication", undefined, 140_000),
      next(centrifuge, "subscribed", undefined, 140_000),
      next(subscription, "unsubscribed", undefined, 140_000),
      next(centrifuge, "disconnected", undefined, 140_000),
    ]);
    const { stdout } = await run("go", ["test", "-count=1", "-v", "./..."], {
      cwd: goTests,
      env: { ...process.env, XSHATHRA_API: `${server.httpUrl}/api`, XSHATHRA_KEY: server.project.serverKey },
    });
    assert.equal(stdout.match(/^ {4}--- PASS/gm).length, 8);
    const [publication, pushed, unsubscribed, disconnected] = await seen;
    assert.deepEqual(publication.data, { from: "go" });
    assert.equal(pushed.channel, "public:pushed");
    assert.equal(unsubscribed.code, 2000);
    assert.deepEqual([disconnected.code, disconnected.reason], [4501, "enough"]);
  });
});
