// The fallback transports of the official client, in both encodings, and the unidirectional ones as curl sees them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, afterEach, before, describe, test } from "node:test";

import { Centrifuge as JsonCentrifuge } from "centrifuge";
import { Centrifuge as ProtobufCentrifuge } from "centrifuge/build/protobuf";
import EventSource from "eventsource";
import WebSocket from "ws";

import { connected, next, subscribed } from "./support/clients.mjs";
import { Server } from "./support/server.mjs";

/** @type {Server} */
let server;
const open = new Set();

before(async () => {
  server = await Server.start();
});
afterEach(() => {
  for (const one of open) one.disconnect();
  open.clear();
});
after(() => server.stop());

const endpoints = { websocket: "connection/websocket", http_stream: "connection/http_stream", sse: "connection/sse" };

/** A client over exactly this transport. */
async function over(transport, { protobuf = false, user = "u1", ...options } = {}) {
  const origin = transport === "websocket" ? `ws://localhost:${server.port}` : server.httpUrl;
  const Client = protobuf ? ProtobufCentrifuge : JsonCentrifuge;
  const centrifuge = new Client([{ transport, endpoint: `${origin}/realtime/${endpoints[transport]}` }], {
    websocket: WebSocket,
    eventsource: EventSource,
    fetch,
    readableStream: ReadableStream,
    emulationEndpoint: `${server.httpUrl}/realtime/emulation`,
    minReconnectDelay: 50,
    maxReconnectDelay: 300,
    token: await server.token(user),
    ...options,
  });
  open.add(centrifuge);
  return centrifuge;
}

const rows = [
  ["http_stream", false],
  ["http_stream", true],
  ["sse", false],
  ["websocket", true],
];

for (const [transport, protobuf] of rows) {
  const name = `${transport}, ${protobuf ? "Protobuf" : "JSON"}`;
  const text = (data) => (protobuf ? JSON.parse(new TextDecoder().decode(data)) : data);
  const bytes = (data) => (protobuf ? new TextEncoder().encode(JSON.stringify(data)) : data);

  describe(name, () => {
    test("connects, subscribes, publishes and gets its own publication", async () => {
      const centrifuge = await over(transport, { protobuf });
      const context = await connected(centrifuge);
      assert.equal(context.transport, transport);
      const subscription = centrifuge.newSubscription("public:lobby");
      await subscribed(subscription);
      const publication = next(subscription, "publication");
      assert.equal((await server.publish("public:lobby", { text: "grüße 👋" })).status, 200);
      assert.deepEqual(text((await publication).data), { text: "grüße 👋" });
    });

    test("presence and its statistics count the client", async () => {
      const centrifuge = await over(transport, { protobuf, user: "p1" });
      const context = await connected(centrifuge);
      const subscription = centrifuge.newSubscription(`public:presence_${transport}_${protobuf}`);
      await subscribed(subscription);
      const presence = await subscription.presence();
      assert.deepEqual(Object.keys(presence.clients), [context.client]);
      assert.equal(presence.clients[context.client].user, "p1");
      assert.deepEqual(await subscription.presenceStats().then((s) => [s.numClients, s.numUsers]), [1, 1]);
    });

    test("commands keep their order", async () => {
      const channel = `chat:${server.project.id}:order_${transport}_${protobuf}`;
      const centrifuge = await over(transport, { protobuf });
      const subscription = centrifuge.newSubscription(channel, { getToken: () => server.subscriptionToken("u1", channel) });
      await connected(centrifuge);
      await subscribed(subscription);
      const seen = [];
      const all = new Promise((resolve) =>
        subscription.on("publication", (context) => {
          seen.push(text(context.data).n);
          if (seen.length === 30) resolve();
        }),
      );
      for (let n = 0; n < 30; ++n) await server.publish(channel, { n });
      await all;
      assert.deepEqual(seen, Array.from({ length: 30 }, (_, n) => n));
      const history = await subscription.history({ limit: 2, reverse: true });
      assert.deepEqual(history.publications.map((p) => text(p.data).n), [29, 28]);
    });

    test("an error reply reaches the caller", async () => {
      const centrifuge = await over(transport, { protobuf });
      await connected(centrifuge);
      await assert.rejects(centrifuge.publish("public:lobby", bytes({ n: 1 })), (error) => error.code === 103);
      await assert.rejects(centrifuge.rpc("any", bytes({})), (error) => error.code === 108);
    });

    test("an invalid token ends in the terminal state with code 3500", async () => {
      const centrifuge = await over(transport, { protobuf, token: "a.b.c" });
      const ended = next(centrifuge, "disconnected");
      centrifuge.connect();
      assert.deepEqual(await ended.then((c) => [c.code, c.reason]), [3500, "invalid token"]);
    });

    test("asks for a token when it has none", async () => {
      let asked = 0;
      const centrifuge = await over(transport, {
        protobuf,
        token: "",
        getToken: () => {
          asked += 1;
          return server.token("u1");
        },
      });
      await connected(centrifuge);
      assert.equal(asked, 1);
    });
  });
}

describe("clients of every kind", () => {
  test("share a channel, with joins and leaves", async () => {
    const channel = "public:shared";
    const clients = await Promise.all(rows.map(([transport, protobuf], i) => over(transport, { protobuf, user: `s${i}` })));
    const subscriptions = clients.map((centrifuge) => centrifuge.newSubscription(channel, { joinLeave: true }));
    await Promise.all(clients.map(connected));
    await subscribed(subscriptions[0]);
    const joined = next(subscriptions[0], "join", (context) => context.info.user === "s3");
    await Promise.all(subscriptions.slice(1).map(subscribed));
    await joined;
    const got = subscriptions.map((subscription) => next(subscription, "publication"));
    await server.publish(channel, { hello: "all" });
    for (const [i, context] of (await Promise.all(got)).entries()) {
      const data = rows[i][1] ? JSON.parse(new TextDecoder().decode(context.data)) : context.data;
      assert.deepEqual(data, { hello: "all" });
    }
    const left = next(subscriptions[0], "leave", (context) => context.info.user === "s2");
    clients[2].disconnect();
    await left;
  });

  test("come back after the server has restarted", { timeout: 30_000 }, async () => {
    const clients = await Promise.all(rows.map(([transport, protobuf]) => over(transport, { protobuf, getToken: () => server.token("u1") })));
    await Promise.all(clients.map(connected));
    const again = clients.map((centrifuge) => next(centrifuge, "connected", () => true, 20_000));
    await server.restart();
    await Promise.all(again);
  });
});

/** Starts curl and gives its lines one by one; null at its end. */
function curl(...args) {
  const child = spawn("curl", ["-sN", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async () => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) return null;
        if (value.trim() !== "") return value;
      }
    },
    stop: () => child.kill(),
  };
}

describe("unidirectional transports", () => {
  test("curl reads pushes of uni_http_stream", async () => {
    const request = JSON.stringify({ token: await server.token("c1"), subs: { "public:curl": {} } });
    const stream = curl("-X", "POST", "-d", request, `${server.httpUrl}/realtime/connection/uni_http_stream`);
    const { connect } = JSON.parse(await stream.line());
    assert.deepEqual(Object.keys(connect.subs), ["public:curl"]);
    assert.match(connect.session, /^[0-9a-f-]{36}$/);
    await server.publish("public:curl", { n: 1 });
    const push = JSON.parse(await stream.line());
    assert.deepEqual(push.pub ? push : JSON.parse(await stream.line()), { channel: "public:curl", pub: { data: { n: 1 } } });
    stream.stop();
  });

  test("curl is told why it is not let in", async () => {
    const stream = curl("-X", "POST", "-d", '{"token":"a.b.c"}', `${server.httpUrl}/realtime/connection/uni_http_stream`);
    assert.deepEqual(JSON.parse(await stream.line()), { disconnect: { code: 3500, reason: "invalid token" } });
    assert.equal(await stream.line(), null);
  });

  test("an EventSource reads pushes of uni_sse", async () => {
    const request = encodeURIComponent(JSON.stringify({ token: await server.token("e1"), subs: { "public:events": {} } }));
    const events = new EventSource(`${server.httpUrl}/realtime/connection/uni_sse?cf_connect=${request}`);
    const messages = [];
    let wake = () => {};
    events.onmessage = (event) => {
      messages.push(JSON.parse(event.data));
      wake();
    };
    const upTo = async (accept) => {
      while (!messages.some(accept)) await new Promise((resolve) => (wake = resolve));
      return messages.find(accept);
    };
    await upTo((message) => message.connect);
    await server.publish("public:events", { n: 2 });
    assert.deepEqual(await upTo((message) => message.pub), { channel: "public:events", pub: { data: { n: 2 } } });
    events.close();
  });

  test("a WebSocket without the protocol reads pushes of uni_websocket", async () => {
    const socket = new WebSocket(`ws://localhost:${server.port}/realtime/connection/uni_websocket`);
    const messages = [];
    let wake = () => {};
    socket.on("message", (data) => {
      messages.push(JSON.parse(data));
      wake();
    });
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ token: await server.token("w1"), subs: { "public:socket": {} } }));
    const upTo = async (accept) => {
      while (!messages.some(accept)) await new Promise((resolve) => (wake = resolve));
      return messages.find(accept);
    };
    await upTo((message) => message.connect);
    await server.publish("public:socket", { n: 3 });
    assert.deepEqual(await upTo((message) => message.pub), { channel: "public:socket", pub: { data: { n: 3 } } });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close();
    await closed;
  });
});
