// The quick check that the documentation tells users, with the real curl, jq and wscat.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { startApache, startNginx } from "./support/proxies.mjs";
import { Server } from "./support/server.mjs";

const run = promisify(execFile);
const wscat = new URL("node_modules/.bin/wscat", import.meta.url).pathname;

/** The command of the documentation, word for word but for the port. */
async function tokenByCurl(origin, key) {
  const script = `curl -sS -X POST ${origin}/api/realtime/token -H "Authorization: apikey $KEY" \
    -H "Content-Type: application/json" -d '{"userId":"user_123"}' | jq -r .token`;
  const { stdout } = await run("bash", ["-c", script], { env: { ...process.env, KEY: key } });
  return stdout.trim();
}

/** Types one line into wscat and returns what it printed until `until` is seen. */
function typeIntoWscat(args, line, until) {
  return new Promise((resolve, reject) => {
    // The waiting time (-w) keeps wscat open after -x so that the answer is seen.
    const child = spawn(process.execPath, [wscat, ...args, "-x", line, "-w", "5"]);
    let printed = "";
    const see = (chunk) => {
      printed += chunk;
      if (!printed.includes(until)) return;
      child.kill();
      resolve(printed);
    };
    child.stdout.on("data", see);
    child.stderr.on("data", see);
    child.on("exit", () => reject(new Error(`wscat ended without '${until}': ${printed}`)));
  });
}

const ways = [
  ["directly", async (server) => ({ origin: server.httpUrl, stop: async () => {} })],
  ["behind nginx", startNginx],
  ["behind Apache", startApache],
];

for (const [where, open] of ways) {
  describe(`the quick check, ${where}`, () => {
    let server;
    let front;
    before(async () => {
      server = await Server.start();
      front = await open(server);
    });
    after(async () => {
      await front?.stop();
      await server?.stop();
    });

    const endpoint = () => `${front.origin.replace("http", "ws")}/realtime/connection/websocket?cf_ws_frame_ping_pong=true`;
    const forms = [
      ["-H, the header typed by hand", ["-H", "Sec-WebSocket-Protocol: centrifuge-json"]],
      ["-s, the subprotocol asked for", ["-s", "centrifuge-json"]],
    ];
    for (const [name, flags] of forms) {
      test(`curl mints, wscat connects with ${name}`, async () => {
        const token = await tokenByCurl(front.origin, server.project.serverKey);
        assert.match(token, /^eyJ/);
        const command = JSON.stringify({ id: 1, connect: { token } });
        const printed = await typeIntoWscat([...flags, "-c", endpoint()], command, '"id":1');
        assert.match(printed, /"connect":\{"client":"[0-9a-f-]{36}"/);
        assert.doesNotMatch(printed, /"ping"/);
      });
    }

    test("curl publishes", async () => {
      const answer = await fetch(`${front.origin}/api/realtime/publish`, {
        method: "POST",
        headers: { Authorization: `Bearer ${server.project.serverKey}`, "Content-Type": "application/json" },
        body: '{"channel":"public:lobby","data":{"n":1.10}}',
      });
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), { result: {} });
    });

    test("health answers", async () => {
      const answer = await fetch(`${front.origin}/health`);
      assert.equal(answer.status, 200);
    });
  });
}
