// Compares answers with a recording and sorts what differs into accepted and not.
import { readFileSync, readdirSync } from "node:fs";

const folder = new URL("recorded/", import.meta.url);
const read = (url) => JSON.parse(readFileSync(url, "utf8"));

export const configurations = read(new URL("configurations.json", folder));
/** Differences that are meant: each with its reason and the places where it shows. */
export const accepted = read(new URL("accepted.json", import.meta.url));

/** Every recording: its name, configuration and scenarios. */
export const recordings = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "configurations.json").sort()
  .map((file) => ({ name: file.slice(0, -5), ...read(new URL(file, folder)) }));

/** Steps that ask the server something. */
export const exchanges = (recording) => recording.scenarios.flatMap((scenario) => scenario.steps)
  .filter((step) => ["send", "raw", "http"].includes(step.do)).length;

const isBranch = (value) => value !== null && typeof value === "object";

/** The places where two values differ: `{at, recorded, here}`. */
export function differences(recorded, here, at = "") {
  if (!isBranch(recorded) || !isBranch(here) || Array.isArray(recorded) !== Array.isArray(here)) {
    return recorded === here ? [] : [{ at, recorded, here }];
  }
  return [...new Set([...Object.keys(recorded), ...Object.keys(here)])]
    .flatMap((key) => differences(recorded[key], here[key], Array.isArray(recorded) ? `${at}[${key}]` : `${at}.${key}`));
}

const places = accepted.flatMap((difference) => difference.places.map(([group, scenario, at]) => ({
  difference, group: new RegExp(`^(${group})$`), scenario: new RegExp(`^(${scenario})$`), at: new RegExp(at),
})));

/** The accepted difference that covers this one, if any. */
export function acceptance(group, scenario, { at }) {
  return places.find((place) => place.group.test(group) && place.scenario.test(scenario) && place.at.test(at))?.difference;
}

/** The rows of the table in docs/protocol.md. */
export const acceptedRows = () => accepted.map(({ subject, centrifugo, here, why }) => `| ${subject} | ${centrifugo} | ${here} | ${why} |`);
