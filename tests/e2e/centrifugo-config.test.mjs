// Centrifugo's configuration files and variables run as they are; projects go to such files and back.
import assert from "node:assert/strict";
import { spawn, execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { client, closeClients, connected, next, subscribed } from "./support/clients.mjs";
import { cli, program } from "./support/server.mjs";

const run = promisify(execFile);

const configuration = {
  json: `{"client": {"token": {"hmac_secret_key": "secret"}, "channel_limt": 3},
  "channel": {"namespaces": [{"name": "chat", "presence": true, "history_size": 10, "history_ttl": "60s", "force_recovery": true,
    "allow_subscribe_for_client": true, "allow_publish_for_subscriber": true}]},
  "websocket": {"handler_prefix": "/ws"}, "http_api": {"key": "api-key"}, "health": {"enabled": true}, "engine": {"type": "redis"}}`,
  yaml: `client:
  token: {hmac_secret_key: secret}
  channel_limt: 3
channel:
  namespaces:
    - name: chat
      presence: true
      history_size: 10
      history_ttl: 60s
      force_recovery: true
      allow_subscribe_for_client: true
      allow_publish_for_subscriber: true
websocket: {handler_prefix: /ws}
http_api: {key: api-key}
health: {enabled: true}
engine: {type: redis}
`,
  toml: `[client]
channel_limt = 3
token = {hmac_secret_key = "secret"}
[[channel.namespaces]]
name = "chat"
presence = true
history_size = 10
history_ttl = "60s"
force_recovery = true
allow_subscribe_for_client = true
allow_publish_for_subscriber = true
[websocket]
handler_prefix = "/ws"
[http_api]
key = "api-key"
[health]
enabled = true
[engine]
type = "redis"
`,
};

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token as any backend of Centrifugo mints it: no projectId, no expiry. */
function token(claims, secret = "secret") {
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const running = [];

/** Starts `serve` with these arguments on a free port; gives the ready line, and what it wrote to standard error until then. */
async function serve(args, environment = {}) {
  const child = spawn(program, ["serve", "--json", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, XSHATHRA_DATA_DIR: "/nonexistent/never-made", ...environment },
  });
  running.push(child);
  let errors = "";
  child.stderr.on("data", (data) => (errors += data));
  const lines = createInterface({ input: child.stdout });
  const ready = await new Promise((resolve, reject) => {
    lines.once("line", (line) => resolve(JSON.parse(line)));
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${errors}`)));
  });
  return { ...ready, errors: () => errors };
}

describe("Centrifugo configurations", () => {
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "xshathra-centrifugo-"));
  });
  afterEach(async () => {
    closeClients();
    await Promise.all(
      running.splice(0).map((child) => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        return child.kill("SIGTERM") && ended;
      }),
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const format of ["json", "yaml", "toml"]) {
    test(`a file in ${format.toUpperCase()} runs with its paths, secrets and namespaces`, async () => {
      const file = join(folder, `config.${format}`);
      await writeFile(file, configuration[format]);
      const server = await serve(["--centrifugo-config", file, "--port", "0"]);
      assert.match(server.errors(), /unknown option client\.channel_limt \(line \d+\)/);
      assert.match(server.errors(), /engine\.type \(line \d+\) is not acted on: /);
      assert.equal(server.webSocketUrl, `ws://localhost:${server.port}/ws`);

      const centrifuge = client(server.webSocketUrl, { token: token({ sub: "42" }) });
      await connected(centrifuge);
      const subscription = centrifuge.newSubscription("chat:room");
      const context = await subscribed(subscription);
      assert.equal(context.recoverable, true);
      const published = next(subscription, "publication");
      await subscription.publish({ text: "hello" });
      const publication = await published;
      assert.deepEqual(publication.data, { text: "hello" });
      assert.equal(publication.offset, 1);
      assert.equal((await subscription.presenceStats().catch((error) => error)).code, 103);

      const health = await fetch(`http://localhost:${server.port}/health`);
      assert.equal(health.status, 200);
      assert.deepEqual(await health.json(), {});
      assert.equal((await fetch(`http://localhost:${server.port}/api/realtime/token`, { method: "POST" })).status, 404);

      const forged = client(server.webSocketUrl, { token: token({ sub: "42" }, "other") });
      const refused = next(forged, "disconnected");
      forged.connect();
      assert.equal((await refused).code, 3500);
    });
  }

  test("the server API takes the configured key", async () => {
    const file = join(folder, "api.json");
    await writeFile(file, configuration.json);
    const server = await serve(["--centrifugo-config", file, "--port", "0"]);
    const publish = (key) =>
      fetch(`http://localhost:${server.port}/api/publish`, {
        method: "POST",
        headers: { "X-API-Key": key, "Content-Type": "application/json" },
        body: JSON.stringify({ channel: "chat:room", data: { from: "backend" } }),
      });
    const accepted = await publish("api-key");
    assert.equal(accepted.status, 200);
    assert.equal((await accepted.json()).result.offset, 1);
    assert.equal((await publish("other")).status, 401);
  });

  test("variables configure a server, options win over them", async () => {
    const server = await serve(["--centrifugo-env", "--centrifugo-option", "http_server.port=0"], {
      CENTRIFUGO_HTTP_SERVER_PORT: "1",
      CENTRIFUGO_CLIENT_INSECURE: "true",
      CENTRIFUGO_CHANNEL_NAMESPACES: "recovery",
      CENTRIFUGO_CHANNEL_NAMESPACES_RECOVERY_FORCE_RECOVERY: "true",
      CENTRIFUGO_CHANNEL_NAMESPACES_RECOVERY_HISTORY_SIZE: "2",
      CENTRIFUGO_CHANNEL_NAMESPACES_RECOVERY_HISTORY_TTL: "60s",
      CENTRIFUGO_CLENT_INSECURE: "true",
    });
    assert.match(server.errors(), /unknown variable CENTRIFUGO_CLENT_INSECURE/);
    const centrifuge = client(server.webSocketUrl);
    await connected(centrifuge);
    assert.equal((await subscribed(centrifuge.newSubscription("recovery:x"))).recoverable, true);
  });

  test("a fault ends the start with code 2, named with file and line", async () => {
    const file = join(folder, "faulty.yaml");
    await writeFile(file, "client:\n  ping_interval: soon\nhttp_server:\n  port: 70000\n");
    const ended = await run(program, ["serve", "--centrifugo-config", file]).catch((error) => error);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /faulty\.yaml: line 2: client\.ping_interval: "soon" is not allowed/);
    const missing = await run(program, ["serve", "--centrifugo-config", join(folder, "none.json")]).catch((error) => error);
    assert.equal(missing.code, 2);
  });

  test("a project is imported from a file and exported as it was", async () => {
    const dataDir = join(folder, "data");
    const original = {
      client: { token: { hmac_secret_key: "imported" }, channel_limit: 5 },
      channel: {
        private_prefix: "!",
        without_namespace: { presence: true },
        namespaces: [{ name: "chat", history_size: 5, history_ttl: "1m", allow_subscribe_for_client: true }, { name: "match" }],
      },
      proxies: [{ name: "backend", endpoint: "http://localhost:1/x", timeout: "3s" }],
      http_api: { key: "imported-key" },
      websocket: { handler_prefix: "/ws" },
      broker: { type: "nats" },
    };
    const file = join(folder, "arena.json");
    await writeFile(file, JSON.stringify({ ...original, client: { ...original.client, ping_interval: "25s" } }));
    const imported = await cli(dataDir, "project", "import", file);
    assert.equal(imported.name, "arena");
    // Not acted on, the server's own, and how its backend's tokens reach it.
    const words = [/^broker\.type /, /^websocket\.handler_prefix .* kept for the export/, /\?client_api_key=.* project show proj_/];
    assert.equal(imported.notes.length, words.length);
    for (const word of words) assert.equal(imported.notes.filter((note) => word.test(note)).length, 1, imported.notes.join("\n"));
    const second = await run(program, ["project", "import", file, "--name", "second", "--data-dir", dataDir]).catch((error) => error);
    assert.match(second.stderr, /http_api\.key is already the key of the project "arena"/);

    for (const format of ["json", "yaml", "toml"]) {
      const exported = join(folder, `exported.${format}`);
      await cli(dataDir, "project", "export", "arena", exported);
      assert.equal((await stat(exported)).mode & 0o777, 0o600);
      const elsewhere = join(folder, `data-${format}`);
      const again = await cli(elsewhere, "project", "import", exported);
      const text = (await cli(elsewhere, "project", "export", again.id)).text;
      assert.deepEqual(JSON.parse(text), original);
    }
    const kept = await run(program, ["project", "export", "arena", join(folder, "exported.json"), "--data-dir", dataDir]).catch((error) => error);
    assert.equal(kept.code, 2);

    await cli(dataDir, "namespace", "set", "chat", "presence=true", "--project", "arena");
    const changed = JSON.parse((await cli(dataDir, "project", "export", "arena")).text);
    assert.equal(changed.channel.namespaces[0].presence, true);
    assert.equal(changed.client.token.hmac_secret_key, "imported");
    const database = await readFile(join(dataDir, "xshathra.db")).catch(() => Buffer.alloc(0));
    assert.equal(database.includes("imported-key"), false);
  });
});
