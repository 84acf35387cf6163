// Starts the headless program on a data folder of its own and a free port, as a user would, and gives the tests its keys.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The program under test; CTest sets it to the one that was just built. */
export const program = process.env.XSHATHRA_PROGRAM ?? new URL("../../../build/dev/bin/xshathra", import.meta.url).pathname;

/** Runs one command line of the program and returns what it printed as JSON. */
export async function cli(dataDir, ...args) {
  const { stdout } = await run(program, [...args, "--data-dir", dataDir, "--json"]);
  return JSON.parse(stdout);
}

export class Server {
  #process;

  /** @param {{port?: number, dataDir?: string, args?: string[]}} options */
  static async start(options = {}) {
    const server = new Server();
    server.ownsDataDir = options.dataDir === undefined;
    server.dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "xshathra-e2e-")));
    server.args = options.args ?? [];
    await server.#spawn(options.port ?? 0);
    const [first] = (await cli(server.dataDir, "project", "list")).projects;
    server.project = await server.keys(first.id);
    return server;
  }

  async #spawn(port) {
    this.#process = spawn(program, ["serve", "--port", String(port), "--data-dir", this.dataDir, "--json", ...this.args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: this.#process.stdout });
    const ready = await new Promise((resolve, reject) => {
      lines.once("line", (line) => resolve(JSON.parse(line)));
      this.#process.once("exit", (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    });
    lines.resume();
    this.port = ready.port;
  }

  get httpUrl() {
    return `http://localhost:${this.port}`;
  }

  get webSocketUrl() {
    return `ws://localhost:${this.port}/realtime/connection/websocket`;
  }

  async keys(projectId) {
    const shown = await cli(this.dataDir, "project", "show", projectId, "--keys");
    return { id: shown.id, name: shown.name, serverKey: shown.serverKey, clientKey: shown.clientKey };
  }

  async createProject(name) {
    const created = await cli(this.dataDir, "project", "create", name);
    return this.keys(created.id);
  }

  /** POSTs JSON to the project API and returns status and body. */
  async api(path, body, key = this.project.serverKey) {
    const response = await fetch(this.httpUrl + path, {
      method: "POST",
      headers: { Authorization: `apikey ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async token(userId, extra = {}, key = this.project.serverKey) {
    return (await this.api("/api/realtime/token", { userId, ...extra }, key)).body.token;
  }

  async subscriptionToken(userId, channel, extra = {}, key = this.project.serverKey) {
    return (await this.api("/api/realtime/subscription-token", { userId, channel, ...extra }, key)).body.token;
  }

  async publish(channel, data, key = this.project.serverKey) {
    return this.api("/api/realtime/publish", { channel, data }, key);
  }

  /** Ends the process as a power cut would (SIGKILL) or politely, and starts it again on the same port. */
  async restart(signal = "SIGTERM") {
    await this.#end(signal);
    await this.#spawn(this.port);
  }

  async #end(signal) {
    const ended = new Promise((resolve) => this.#process.once("exit", (code) => resolve(code)));
    this.#process.kill(signal);
    return ended;
  }

  /** Ends the program politely and returns its exit code. */
  async stop() {
    const code = await this.#end("SIGTERM");
    if (this.ownsDataDir) await rm(this.dataDir, { recursive: true, force: true });
    return code;
  }
}
