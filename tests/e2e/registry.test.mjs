// The official JavaScript client as npm has it, on every transport and encoding, against a Centrifugo configuration.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, afterEach, before, describe, test } from "node:test";

import { Centrifuge } from "centrifuge";
import { Centrifuge as ProtobufCentrifuge } from "centrifuge/build/protobuf";
import WebSocket from "ws";

import { exchange } from "../differential/connections.mjs";
import { Program } from "../differential/programs.mjs";
import { makeToken } from "../differential/tokens.mjs";
import { next } from "./support/clients.mjs";
import { config } from "./support/registry.mjs";
import { program } from "./support/server.mjs";

const EventSource = createRequire(import.meta.url)("eventsource");

const ways = [
  ["websocket", "JSON"], ["websocket", "Protobuf"], ["http_stream", "JSON"], ["http_stream", "Protobuf"], ["sse", "JSON"],
];

let server;
before(async () => {
  server = await Program.start("xshathra", program, config);
});
after(() => server.stop());

const api = (method, body) => exchange(server.port, {
  method: "POST", path: `/api/${method}`, headers: { "X-API-Key": "api-key", "Content-Type": "application/json" }, body: JSON.stringify(body),
});

for (const [transport, encoding] of ways) {
  describe(`centrifuge from npm over ${transport}, ${encoding}`, () => {
    const open = new Set();
    let channels = 0;
    const fresh = (namespace = "") => `${namespace}${transport}-${encoding}-${channels += 1}`;
    const payload = (value) => (encoding === "JSON" ? value : new TextEncoder().encode(JSON.stringify(value)));
    const plain = (data) => (encoding === "JSON" ? data : JSON.parse(new TextDecoder().decode(data)));

    const client = (user, more = {}) => {
      const Kind = encoding === "JSON" ? Centrifuge : ProtobufCentrifuge;
      const base = `127.0.0.1:${server.port}`;
      const endpoint = transport === "websocket" ? `ws://${base}/connection/websocket` : `http://${base}/connection/${transport}`;
      const centrifuge = new Kind([{ transport, endpoint }], {
        websocket: WebSocket, fetch, readableStream: ReadableStream, eventsource: EventSource, emulationEndpoint: `http://${base}/emulation`,
        token: makeToken({ claims: { sub: user, exp: 3600 } }), minReconnectDelay: 20, maxReconnectDelay: 100, ...more,
      });
      open.add(centrifuge);
      return centrifuge;
    };
    const connected = async (user, more) => {
      const centrifuge = client(user, more);
      const ready = next(centrifuge, "connected");
      centrifuge.connect();
      assert.equal((await ready).transport, transport);
      return centrifuge;
    };
    const subscribed = async (centrifuge, channel, options) => {
      const subscription = centrifuge.newSubscription(channel, options);
      const ready = next(subscription, "subscribed");
      subscription.subscribe();
      return [subscription, await ready];
    };
    afterEach(() => {
      for (const centrifuge of open) centrifuge.disconnect();
      open.clear();
    });

    test("publishes, receives and looks around", async () => {
      const centrifuge = await connected("u1");
      const channel = fresh();
      const [subscription, context] = await subscribed(centrifuge, channel);
      assert.equal(context.recoverable, true);
      const received = next(subscription, "publication");
      await subscription.publish(payload({ n: 1, text: "grüße" }));
      const publication = await received;
      assert.deepEqual(plain(publication.data), { n: 1, text: "grüße" });
      assert.equal(publication.info.user, "u1");
      assert.deepEqual(Object.values((await subscription.presence()).clients).map((info) => info.user), ["u1"]);
      assert.deepEqual(await subscription.presenceStats(), { numClients: 1, numUsers: 1 });
      const kept = await subscription.history({ limit: 10 });
      assert.deepEqual(kept.publications.map((each) => plain(each.data)), [{ n: 1, text: "grüße" }]);
      await assert.rejects(centrifuge.rpc("anything", payload({})), { code: 108 });
    });

    test("recovers what it missed, and says when it cannot", async () => {
      const centrifuge = await connected("u1");
      const [whole, small] = [fresh(), fresh("small:")];
      const [subscription] = await subscribed(centrifuge, whole);
      const [trimmed] = await subscribed(centrifuge, small);
      for (const each of [subscription, trimmed]) await each.publish(payload({ n: 0 }));
      const gone = next(centrifuge, "disconnected");
      centrifuge.disconnect();
      await gone;
      for (let n = 1; n <= 4; n += 1) for (const channel of [whole, small]) await api("publish", { channel, data: { n } });
      const got = [];
      subscription.on("publication", ({ data }) => got.push(plain(data).n));
      const again = [next(subscription, "subscribed"), next(trimmed, "subscribed")];
      centrifuge.connect();
      const [first, second] = await Promise.all(again);
      assert.deepEqual([first.wasRecovering, first.recovered, second.wasRecovering, second.recovered], [true, true, true, false]);
      const live = next(subscription, "publication", ({ data }) => plain(data).n === 5);
      await api("publish", { channel: whole, data: { n: 5 } });
      await live;
      assert.deepEqual(got, [1, 2, 3, 4, 5]);
    });

    test("takes deltas and has the same bytes as the publisher", async () => {
      const centrifuge = await connected("u1");
      const channel = fresh();
      const [subscription] = await subscribed(centrifuge, channel, { delta: "fossil" });
      const got = [];
      subscription.on("publication", ({ data }) => got.push(plain(data)));
      const sent = Array.from({ length: 6 }, (_each, n) => ({ text: "The quick brown fox jumps over the lazy dog. Grüße 👋", n }));
      const last = next(subscription, "publication", ({ data }) => plain(data).n === 5);
      for (const data of sent) await api("publish", { channel, data });
      await last;
      assert.deepEqual(got, sent);
    });

    test("is told of refusals, joins, server-side channels and disconnects", async () => {
      const user = fresh("user");
      const watcher = await connected("watcher");
      const channel = fresh();
      const [watching] = await subscribed(watcher, channel);
      const joined = next(watching, "join", ({ info }) => info.user === user);
      const left = next(watching, "leave", ({ info }) => info.user === user);

      const centrifuge = client(user);
      const personal = next(centrifuge, "subscribed", (context) => context.channel === `#${user}`);
      centrifuge.connect();
      await personal;
      const whispered = next(centrifuge, "publication", (context) => context.channel === `#${user}`);
      await api("publish", { channel: `#${user}`, data: { hello: true } });
      assert.deepEqual(plain((await whispered).data), { hello: true });

      const refused = centrifuge.newSubscription("closed:room");
      const refusal = next(refused, "unsubscribed");
      refused.subscribe();
      assert.equal((await refusal).code, 103);

      await subscribed(centrifuge, channel);
      await joined;
      const ended = next(centrifuge, "disconnected");
      await api("disconnect", { user, disconnect: { code: 4501, reason: "enough" } });
      const context = await ended;
      assert.deepEqual([context.code, context.reason], [4501, "enough"]);
      await left;
    });
  });
}

test("a token that has expired is asked for again, a bad one ends the connection", async () => {
  const endpoint = `ws://127.0.0.1:${server.port}/connection/websocket`;
  let asked = 0;
  const patient = new Centrifuge(endpoint, {
    websocket: WebSocket, token: makeToken({ claims: { sub: "u1", exp: -10 } }), minReconnectDelay: 20,
    getToken: async () => {
      asked += 1;
      return makeToken({ claims: { sub: "u1", exp: 3600 } });
    },
  });
  const ready = next(patient, "connected");
  patient.connect();
  await ready;
  assert.equal(asked, 1);
  patient.disconnect();

  const forged = new Centrifuge(endpoint, { websocket: WebSocket, token: makeToken({ claims: { sub: "u1" }, damage: "signature" }) });
  const ended = next(forged, "disconnected");
  forged.connect();
  assert.equal((await ended).code, 3500);
});
