import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { client, closeClients, connected, next, subscribed } from "./support/clients.mjs";
import { Server } from "./support/server.mjs";

describe("the official client over WebSocket, JSON", () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await Server.start();
  });
  afterEach(closeClients);
  after(() => server.stop());

  const as = async (userId, options = {}) => client(server.webSocketUrl, { token: await server.token(userId), ...options });

  test("connects with a token", async () => {
    const context = await connected(await as("u1"));
    assert.match(context.client, /^[0-9a-f-]{36}$/);
    assert.equal(context.transport, "websocket");
  });

  test("connects without a token only where the project allows it and the client key names it", async () => {
    const anonymous = client(`${server.webSocketUrl}?client_api_key=${server.project.clientKey}`);
    const refused = next(anonymous, "disconnected");
    anonymous.connect();
    const context = await refused;
    assert.equal(context.code, 3501);
  });

  test("an invalid token ends in the terminal state with code 3500", async () => {
    const token = await server.token("u1");
    const forged = client(server.webSocketUrl, { token: token.slice(0, -4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA") });
    const ended = next(forged, "disconnected");
    forged.connect();
    const context = await ended;
    assert.equal(context.code, 3500);
    assert.equal(context.reason, "invalid token");
  });

  test("asks for a new token before the old one expires and stays connected", { timeout: 60_000 }, async () => {
    let asked = 0;
    const centrifuge = client(server.webSocketUrl, {
      getToken: () => {
        asked += 1;
        return server.token("u1", { ttlSeconds: 30 });
      },
    });
    await connected(centrifuge);
    const disconnected = [];
    centrifuge.on("connecting", (context) => disconnected.push(context));
    while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(centrifuge.state, "connected");
    assert.deepEqual(disconnected, []);
  });

  test("subscribes to a public channel and receives what REST publishes, byte for byte", async () => {
    const centrifuge = await as("u1");
    const subscription = centrifuge.newSubscription("public:lobby");
    await connected(centrifuge);
    await subscribed(subscription);
    const publication = next(subscription, "publication");
    const answer = await server.publish("public:lobby", { text: "grüße 👋", list: [1, 2.5, null] });
    assert.equal(answer.status, 200);
    const context = await publication;
    assert.deepEqual(context.data, { text: "grüße 👋", list: [1, 2.5, null] });
    assert.equal(context.info, undefined);
  });

  test("a token-protected channel needs a subscription token", async () => {
    const channel = `chat:${server.project.id}:room`;
    const centrifuge = await as("u1");
    await connected(centrifuge);
    const bare = centrifuge.newSubscription(channel);
    const refused = next(bare, "unsubscribed");
    bare.subscribe();
    assert.equal((await refused).code, 103);
    centrifuge.removeSubscription(bare);

    const subscription = centrifuge.newSubscription(channel, { token: await server.subscriptionToken("u1", channel) });
    const context = await subscribed(subscription);
    assert.equal(context.recoverable, true);
  });

  test("a subscription token of another user is refused", async () => {
    const channel = `chat:${server.project.id}:room`;
    const centrifuge = await as("u1");
    await connected(centrifuge);
    const subscription = centrifuge.newSubscription(channel, { token: await server.subscriptionToken("u2", channel) });
    const ended = next(centrifuge, "disconnected");
    subscription.subscribe();
    assert.equal((await ended).code, 3500);
  });

  test("publications of a client carry its info and reach the publisher too", async () => {
    const channel = `chat:${server.project.id}:both`;
    const [one, two] = await Promise.all([as("u1"), as("u2")]);
    await Promise.all([connected(one), connected(two)]);
    const [first, second] = await Promise.all(
      [one, two].map(async (centrifuge, index) =>
        centrifuge.newSubscription(channel, { token: await server.subscriptionToken(`u${index + 1}`, channel) })),
    );
    await Promise.all([subscribed(first), subscribed(second)]);
    const received = [next(first, "publication"), next(second, "publication")];
    await first.publish({ hello: "both" });
    for (const context of await Promise.all(received)) {
      assert.deepEqual(context.data, { hello: "both" });
      assert.equal(context.info.user, "u1");
    }
  });

  test("presence names everybody in the channel", async () => {
    const [one, two] = await Promise.all([as("u1"), as("u2")]);
    await Promise.all([connected(one), connected(two)]);
    const first = one.newSubscription("public:presence");
    const second = two.newSubscription("public:presence");
    await Promise.all([subscribed(first), subscribed(second)]);
    const presence = await first.presence();
    assert.deepEqual(Object.values(presence.clients).map((info) => info.user).sort(), ["u1", "u2"]);
    const stats = await first.presenceStats();
    assert.deepEqual([stats.numClients, stats.numUsers], [2, 2]);
  });

  test("join and leave are told to who asks for them", async () => {
    const [one, two] = await Promise.all([as("u1"), as("u2")]);
    await Promise.all([connected(one), connected(two)]);
    const first = one.newSubscription("public:who", { joinLeave: true });
    await subscribed(first);
    const join = next(first, "join", (context) => context.info.user === "u2");
    const second = two.newSubscription("public:who");
    await subscribed(second);
    await join;
    const leave = next(first, "leave", (context) => context.info.user === "u2");
    second.unsubscribe();
    assert.equal((await leave).info.user, "u2");
  });

  test("history pages in both directions", async () => {
    const channel = `chat:${server.project.id}:history`;
    for (let n = 1; n <= 5; n += 1) await server.publish(channel, { n });
    const centrifuge = await as("u1");
    await connected(centrifuge);
    const subscription = centrifuge.newSubscription(channel, { token: await server.subscriptionToken("u1", channel) });
    await subscribed(subscription);
    const numbers = (result) => result.publications.map((publication) => publication.data.n);
    const position = await subscription.history({ limit: 0 });
    assert.deepEqual([position.publications, position.offset], [[], 5]);
    assert.deepEqual(numbers(await subscription.history({ limit: -1 })), [1, 2, 3, 4, 5]);
    assert.deepEqual(numbers(await subscription.history({ limit: 2 })), [1, 2]);
    assert.deepEqual(numbers(await subscription.history({ limit: 2, since: { offset: 2, epoch: position.epoch } })), [3, 4]);
    assert.deepEqual(numbers(await subscription.history({ limit: 2, reverse: true })), [5, 4]);
    await assert.rejects(subscription.history({ limit: 2, since: { offset: 2, epoch: "other" } }), { code: 112 });
  });

  test("missed publications are recovered after a lost connection", async () => {
    const channel = `chat:${server.project.id}:recovery`;
    const centrifuge = await as("u1");
    await connected(centrifuge);
    const subscription = centrifuge.newSubscription(channel, { token: await server.subscriptionToken("u1", channel) });
    await subscribed(subscription);
    centrifuge.disconnect();
    for (let n = 1; n <= 3; n += 1) await server.publish(channel, { n });
    const seen = [];
    subscription.on("publication", (context) => seen.push(context.data.n));
    const again = next(subscription, "subscribed");
    centrifuge.connect();
    const context = await again;
    assert.deepEqual([context.wasRecovering, context.recovered], [true, true]);
    const live = next(subscription, "publication", (publication) => publication.data.n === 4);
    await server.publish(channel, { n: 4 });
    await live;
    assert.deepEqual(seen, [1, 2, 3, 4]);
  });

  test("server-side subscriptions of the token deliver without a subscribe", async () => {
    const centrifuge = client(server.webSocketUrl, { token: await server.token("u1", { channels: ["public:mine"] }) });
    await connected(centrifuge);
    const publication = next(centrifuge, "publication");
    await server.publish("public:mine", { n: 1 });
    const context = await publication;
    assert.deepEqual([context.channel, context.data], ["public:mine", { n: 1 }]);
  });

  test("features that a project does not have are refused by code, never by silence", async () => {
    const centrifuge = await as("u1");
    await connected(centrifuge);
    await assert.rejects(centrifuge.rpc("anything", {}), { code: 108 });
    await assert.rejects(centrifuge.history("public:lobby", { limit: 1 }), { code: 108 });
    await assert.rejects(centrifuge.publish("nowhere:room", {}), { code: 102 });
  });

  test("two projects do not hear each other", async () => {
    const other = await server.createProject("Another project");
    const mine = await as("u1");
    const theirs = client(server.webSocketUrl, { token: await server.token("u1", {}, other.serverKey) });
    await Promise.all([connected(mine), connected(theirs)]);
    const here = mine.newSubscription("public:lobby");
    const there = theirs.newSubscription("public:lobby");
    await Promise.all([subscribed(here), subscribed(there)]);
    const heardThere = [];
    there.on("publication", (context) => heardThere.push(context.data));
    const heardHere = next(here, "publication");
    await server.publish("public:lobby", "for the first project");
    assert.equal((await heardHere).data, "for the first project");
    const marker = next(there, "publication", (context) => context.data === "marker");
    await server.publish("public:lobby", "marker", other.serverKey);
    await marker;
    assert.deepEqual(heardThere, ["marker"]);
    const presence = await here.presence();
    assert.equal(Object.keys(presence.clients).length, 1);
  });

  test("clients come back by themselves after the server was killed and started again", async () => {
    const channel = `chat:${server.project.id}:restart`;
    const centrifuge = client(server.webSocketUrl, { getToken: () => server.token("u1") });
    await connected(centrifuge);
    const subscription = centrifuge.newSubscription(channel, {
      getToken: () => server.subscriptionToken("u1", channel),
    });
    await subscribed(subscription);
    await server.publish(channel, { n: 1 });
    const again = next(subscription, "subscribed", () => true, 20_000);
    await server.restart("SIGKILL");
    const context = await again;
    assert.deepEqual([context.wasRecovering, context.recovered], [true, false]);
    const publication = next(subscription, "publication");
    await server.publish(channel, { n: 2 });
    assert.deepEqual((await publication).data, { n: 2 });
  });

  test("a polite stop closes connections with 3001, which reconnects", async () => {
    const centrifuge = client(server.webSocketUrl, { getToken: () => server.token("u1") });
    await connected(centrifuge);
    const leaving = next(centrifuge, "connecting");
    const back = next(centrifuge, "connected", () => true, 20_000);
    await server.restart("SIGTERM");
    assert.equal((await leaving).code, 3001);
    await back;
  });
});
