// Records what a Centrifugo answers to the tables' scenarios:
//
//   node tests/differential/record.mjs PATH-OF-CENTRIFUGO [GROUP...]
//
// Every group is played twice; a scenario that the server does not answer alike both times is not a recording, and ends this with 1.
import { mkdir, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";

import { inParallel } from "./parallel.mjs";
import { Player } from "./player.mjs";
import { Program, configuration } from "./programs.mjs";
import { groups } from "./tables/all.mjs";
import { makeKeyPairs } from "./tokens.mjs";
import { configurations } from "./tables/config.mjs";

const [path, ...names] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node record.mjs PATH-OF-CENTRIFUGO [GROUP...]");
  process.exit(2);
}

async function play(group) {
  const program = await Program.start("centrifugo", path, configuration(group.config, configurations));
  try {
    return await inParallel(group.scenarios, group.oneByOne ? 1 : 12, (scenario) => new Player(program, group).learn(scenario.steps));
  } finally {
    await program.stop();
  }
}

/** Short objects on one line each: a recording is read by people, and its changes are reviewed. */
function pretty(value, indent = "") {
  const flat = JSON.stringify(value);
  if (flat.length + indent.length <= 130 || value === null || typeof value !== "object") return flat;
  const inner = `${indent} `;
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + pretty(item, inner)).join(",\n")}\n${indent}]`;
  const fields = Object.entries(value).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${pretty(item, inner)}`);
  return `{\n${fields.join(",\n")}\n${indent}}`;
}

makeKeyPairs();
const folder = new URL("recorded/", import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL("configurations.json", folder), `${pretty(configurations)}\n`);
let unsteady = 0;
for (const group of groups) {
  if (names.length > 0 && !names.includes(group.name)) continue;
  const [first, second] = [await play(group), await play(group)];
  const scenarios = group.scenarios.map((scenario, index) => {
    scenario.steps.forEach((_step, at) => {
      if (isDeepStrictEqual(first[index][at], second[index][at])) return;
      unsteady += 1;
      console.error(`${group.name}/${scenario.name} step ${at}\n  ${JSON.stringify(first[index][at])}\n  ${JSON.stringify(second[index][at])}`);
    });
    return { name: scenario.name, steps: scenario.steps.map((step, at) => ({ ...step, answers: first[index][at] })) };
  });
  const recording = { config: group.config, ...(group.oneByOne ? { oneByOne: true } : {}), ...(group.showBackend === false ? { showBackend: false } : {}),
    scenarios };
  await writeFile(new URL(`${group.name}.json`, folder), `${pretty(recording)}\n`);
  console.log(`${group.name}: ${scenarios.length} scenarios, ${scenarios.reduce((sum, each) => sum + each.steps.length, 0)} steps`);
}
process.exit(unsteady === 0 ? 0 : 1);
