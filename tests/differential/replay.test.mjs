// Plays what was asked of a Centrifugo at the program and compares with what Centrifugo answered.
//
// XSHATHRA_DIFFERENTIAL names groups to play, separated by commas; all of them otherwise. XSHATHRA_DIFFERENTIAL_SHOWN is how many
// differences of a group are listed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";

import { program } from "../e2e/support/server.mjs";
import { accepted, acceptance, acceptedRows, configurations, differences, exchanges, recordings } from "./compare.mjs";
import { inParallel } from "./parallel.mjs";
import { Player } from "./player.mjs";
import { Program, configuration } from "./programs.mjs";
import { makeKeyPairs } from "./tokens.mjs";

makeKeyPairs();
const only = process.env.XSHATHRA_DIFFERENTIAL?.split(",");
const played = recordings.filter((recording) => only === undefined || only.includes(recording.name));
const shown = Number(process.env.XSHATHRA_DIFFERENTIAL_SHOWN ?? 60);

describe("the program answers what Centrifugo answered", { concurrency: 4 }, () => {
  const seen = new Set();

  const compared = (recording, scenario, answers) => scenario.steps.flatMap((step, index) => {
    const question = step.commands ?? step.text ?? step.hex ?? step.body ?? step.path ?? step.do;
    return differences(step.answers, answers[index]).flatMap((difference) => {
      const acceptedAs = acceptance(recording.name, scenario.name, difference);
      if (acceptedAs !== undefined) {
        seen.add(acceptedAs);
        return [];
      }
      return [`${scenario.name} · step ${index} ${JSON.stringify(question).slice(0, 160)}\n    ${difference.at}: `
        + `recorded ${JSON.stringify(difference.recorded)?.slice(0, 300)}, here ${JSON.stringify(difference.here)?.slice(0, 300)}`];
    });
  });

  for (const recording of played) {
    test(`${recording.name}: ${exchanges(recording)} exchanges`, async () => {
      const server = await Program.start("xshathra", program, configuration(recording.config, configurations));
      let found;
      try {
        found = (await inParallel(recording.scenarios, recording.oneByOne ? 1 : 16, async (scenario) =>
          compared(recording, scenario, await new Player(server, recording).repeat(scenario.steps, scenario.steps.map((step) => step.answers))))).flat();
      } finally {
        await server.stop();
      }
      assert.equal(found.length, 0, `${found.length} differences:\n  ${found.slice(0, shown).join("\n  ")}`);
    });
  }

  after(() => {
    if (only !== undefined) return;
    const unseen = accepted.filter((difference) => !seen.has(difference)).map((difference) => difference.subject);
    assert.deepEqual(unseen, [], "accepted differences that are none any more");
  });
});

test("the recordings hold enough", () => {
  assert.ok(recordings.reduce((sum, recording) => sum + exchanges(recording), 0) >= 300);
  const commands = new Set(recordings.flatMap((recording) => recording.scenarios.flatMap((scenario) => scenario.steps
    .flatMap((step) => (step.commands ?? []).flatMap(Object.keys)))));
  for (const command of ["connect", "subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "rpc", "refresh", "sub_refresh",
    "send", "ping"]) {
    assert.ok(commands.has(command), `nothing asks for ${command}`);
  }
});

test("the documentation lists the accepted differences, word for word", () => {
  const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith("Accepted differences"));
  assert.ok(section, "docs/protocol.md has no section 'Accepted differences'");
  const rows = section.split("\n").filter((line) => line.startsWith("| ")).slice(1);
  assert.deepEqual(rows, acceptedRows());
});
