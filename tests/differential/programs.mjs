// Starts a server with a Centrifugo configuration: the program under test, or a Centrifugo to record from.
import { spawn } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "../e2e/support/proxies.mjs";
import { Backend } from "./backend.mjs";
import { exchange } from "./connections.mjs";
import { keyPair } from "./tokens.mjs";

const commands = {
  centrifugo: (program, config) => [program, ["-c", config]],
  xshathra: (program, config, folder) => [program, ["serve", "--centrifugo-config", config, "--data-dir", join(folder, "data")]],
};

/** The configuration with the addresses and keys of this run. */
function filled(value, backend) {
  if (Array.isArray(value)) return value.map((item) => filled(item, backend));
  if (typeof value === "string") {
    return value.replace("{{backend}}", backend.url).replace(/\{\{key (\w+)\}\}/, (_all, name) => keyPair(name).pem);
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, backend)]));
}

function merged(base, changes) {
  if (base === null || changes === null || typeof base !== "object" || typeof changes !== "object" || Array.isArray(changes)) return changes;
  const all = [...new Set([...Object.keys(base), ...Object.keys(changes)])];
  return Object.fromEntries(all.map((key) => [key, !(key in changes) ? base[key] : key in base ? merged(base[key], changes[key]) : changes[key]]));
}

/** A whole configuration from a name in `configurations` with changes, or from one that is whole already. */
export function configuration({ base, changes, ...whole }, configurations) {
  return base === undefined ? whole : merged(configurations[base], changes ?? {});
}

export class Program {
  /**
   * A port that was free a moment ago may be another's by now, the more so the busier the machine is: then it takes the next one.
   * @param {"centrifugo" | "xshathra"} kind
   */
  static async start(kind, path, config) {
    for (let left = 3; ; left -= 1) {
      const program = await Program.#spawn(kind, path, config);
      try {
        await program.#answering();
        return program;
      } catch (error) {
        await program.stop();
        if (left === 0 || !/address already in use|is taken by/.test(program.log)) throw error;
      }
    }
  }

  static async #spawn(kind, path, config) {
    const program = new Program();
    program.announces = kind === "xshathra";
    program.backend = await Backend.start();
    program.folder = await mkdtemp(join(tmpdir(), "xshathra-differential-"));
    program.port = await freePort();
    program.secret = config.shared_poll?.hmac_secret_key;
    const file = join(program.folder, "config.json");
    const whole = { ...filled(config, program.backend), http_server: { ...config.http_server, address: "127.0.0.1", port: program.port } };
    await writeFile(file, JSON.stringify(whole));
    const [command, args] = commands[kind](path, file, program.folder);
    program.child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    program.log = "";
    for (const stream of [program.child.stdout, program.child.stderr]) {
      stream.on("data", (chunk) => {
        program.log = (program.log + chunk).slice(-20_000);
      });
    }
    return program;
  }

  async #answering() {
    for (let attempt = 0; attempt < 1200; attempt += 1) {
      const { exitCode, signalCode } = this.child;
      if (exitCode !== null || signalCode !== null) throw new Error(`the server ended with ${exitCode ?? signalCode}:\n${this.log}`);
      try {
        // What answers before the program says that it listens is another one.
        if (this.announces && !this.log.includes("is running")) throw new Error("not yet");
        await exchange(this.port, { path: "/health" });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error(`no answer on port ${this.port} within 60 s:\n${this.log}`);
  }

  /** The signature that lets a client track keys of a shared-poll channel; times are seconds from now. */
  sign({ channel, user = "", keys, from = 0, until = 3600, secret = this.secret }) {
    const now = Math.floor(Date.now() / 1000);
    const [iat, exp] = [now + from, now + until];
    const digest = createHash("sha256").update(keys.join("\0")).digest("hex");
    const mac = createHmac("sha256", secret).update([iat, exp, user, channel, digest].join("\0")).digest("hex");
    return `${iat}:${exp}:${mac}`;
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      const timer = setTimeout(() => this.child.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(timer);
    }
    await this.backend.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
