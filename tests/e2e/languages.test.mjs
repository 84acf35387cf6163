// The official clients for Python, Go and Java as their registries have them, against a Centrifugo configuration. Each is tried where its
// language is installed.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Program } from "../differential/programs.mjs";
import { makeToken } from "../differential/tokens.mjs";
import { config } from "./support/registry.mjs";
import { program } from "./support/server.mjs";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const token = (sub) => makeToken({ claims: { sub, exp: 3600 } });

const python = here(".python/bin/python");
const oldestGo = [1, 25];

/** Why the language's test can't run, or false. */
function withoutGo() {
  const version = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).stdout?.match(/go(\d+)\.(\d+)/)?.slice(1).map(Number);
  if (!version) return "Go is not installed";
  const enough = version[0] > oldestGo[0] || (version[0] === oldestGo[0] && version[1] >= oldestGo[1]);
  return enough ? false : `centrifuge-go needs Go ${oldestGo.join(".")}; here is ${version.join(".")}`;
}
const withoutJava = () => (spawnSync("mvn", ["--version"]).status === 0 ? false : "Maven is not installed");

/** The figures of a JUnit report. */
async function readReport(path) {
  const suite = (await readFile(path, "utf8")).match(/<testsuite\s[^>]*>/)[0];
  const figure = (name) => [name, Number(suite.match(new RegExp(`\\s${name}="(\\d+)"`))[1])];
  return Object.fromEntries(["tests", "failures", "errors", "skipped"].map(figure));
}

let server;
let webSocket;
let work;
before(async () => {
  server = await Program.start("xshathra", program, config);
  webSocket = `ws://127.0.0.1:${server.port}/connection/websocket`;
  work = await mkdtemp(join(tmpdir(), "xshathra-languages-"));
});
after(async () => {
  await server.stop();
  await rm(work, { recursive: true, force: true });
});

test("centrifuge-python from PyPI: JSON and Protobuf, publishing, presence, recovery, deltas", {
  skip: existsSync(python) ? false : "centrifuge-python is not installed (packaging/test does it where Python 3.9 has the module venv)",
}, async () => {
  const { stdout } = await run(python, [here("registry_python.py"), webSocket, token("p1"), token("p2")], { timeout: 60_000 });
  assert.deepEqual(stdout.trim().split("\n"), ["json: ok", "protobuf: ok"]);
});

test("the Go module centrifuge-go: JSON and Protobuf, publishing, presence, history, recovery, deltas", { skip: withoutGo() }, async () => {
  const { stdout } = await run("go", ["test", "-count=1", "-v", "./..."], {
    cwd: here("centrifuge-go"), timeout: 200_000,
    env: { ...process.env, XSHATHRA_WEBSOCKET: webSocket, XSHATHRA_TOKEN_G1: token("g1"), XSHATHRA_TOKEN_G2: token("g2") },
  });
  assert.deepEqual(stdout.match(/(?<=^ {4}--- PASS: TestClient\/)\w+/gm), ["json", "protobuf"]);
});

test("centrifuge-java from Maven Central: publishing, presence, history, recovery, refusals", { skip: withoutJava() }, async () => {
  await run("mvn", ["-B", "-q", `-Doutput=${work}/java`, "test"], {
    cwd: here("centrifuge-java"), timeout: 200_000,
    env: { ...process.env, XSHATHRA_WEBSOCKET: webSocket, XSHATHRA_TOKEN_J1: token("j1"), XSHATHRA_TOKEN_J2: token("j2") },
  });
  const report = await readReport(`${work}/java/surefire-reports/TEST-ClientTest.xml`);
  assert.deepEqual(report, { tests: 2, failures: 0, errors: 0, skipped: 0 });
});
