// Both encodings of the protocol as a plain client sees them. Payloads (`data` and the like) are texts here, byte for byte what is on the
// wire, so that a server that changes a payload's spacing or number precision is found out.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(new URL("../e2e/package.json", import.meta.url));
const protobuf = require("protobufjs");

const schema = new protobuf.Root().loadSync(fileURLToPath(new URL("../../server/protocol/centrifuge.proto", import.meta.url)), {
  keepCase: true,
});
const message = (name) => schema.lookupType(`centrifugal.centrifuge.protocol.${name}`);

/** Fields that hold a payload: raw JSON in the JSON encoding, `bytes` in Protobuf. */
const payloadKeys = new Set(["data", "conn_info", "chan_info", "prev_data", "info_data"]);

/** A payload in the form that recordings keep: its text, or base64 where it is no text. */
export function payloadText(bytes) {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : { $base64: bytes.toString("base64") };
}

function payloadBytes(value) {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (value.$base64 !== undefined) return Buffer.from(value.$base64, "base64");
  throw new Error(`not a payload: ${JSON.stringify(value)}`);
}

// --- JSON ---------------------------------------------------------------------------------------------------------------------------

/** Writes a command (or any object) as JSON; payloads are embedded as they stand. */
export function toJson(value, key = "") {
  if (payloadKeys.has(key)) return payloadBytes(value).toString("utf8");
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item)).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${toJson(item, name)}`).join(",")}}`;
}

/** The end of the JSON value that starts at `at`. */
function valueEnd(text, at) {
  let depth = 0;
  let quoted = false;
  for (let index = at; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === "\\") index += 1;
      else if (character === '"') quoted = false;
      if (!quoted && depth === 0) return index + 1;
      continue;
    }
    if (character === '"') quoted = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      if (depth === 0) return index;
      depth -= 1;
      if (depth === 0) return index + 1;
    } else if (character === "," && depth === 0) return index;
  }
  return text.length;
}

const skipSpace = (text, at) => {
  while (/\s/.test(text[at] ?? "")) at += 1;
  return at;
};

function readValue(text, at, key) {
  const end = valueEnd(text, at);
  const slice = text.slice(at, end);
  if (payloadKeys.has(key)) return [slice, end];
  if (slice[0] !== "{" && slice[0] !== "[") return [JSON.parse(slice), end];
  const list = slice[0] === "[";
  const result = list ? [] : {};
  let index = skipSpace(text, at + 1);
  while (index < end - 1) {
    let name = "";
    if (!list) {
      const nameEnd = valueEnd(text, index);
      name = JSON.parse(text.slice(index, nameEnd));
      index = skipSpace(text, nameEnd);
      if (text[index] !== ":") throw new Error(`no colon at ${index} in ${text}`);
      index = skipSpace(text, index + 1);
    }
    const [value, valueStop] = readValue(text, index, name);
    if (list) result.push(value);
    else if (Object.hasOwn(result, name)) throw new Error(`'${name}' twice in ${text}`);
    else result[name] = value;
    index = skipSpace(text, valueStop);
    if (text[index] === ",") index = skipSpace(text, index + 1);
  }
  return [result, end];
}

/** Reads one JSON object; payloads stay texts. */
export function fromJson(text) {
  JSON.parse(text);
  return readValue(text, skipSpace(text, 0), "")[0];
}

// --- Protobuf -----------------------------------------------------------------------------------------------------------------------

function toFields(value, key = "") {
  if (payloadKeys.has(key)) return payloadBytes(value);
  if (Array.isArray(value)) return value.map((item) => toFields(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toFields(item, name)]));
}

function fromFields(value) {
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return payloadText(Buffer.from(value));
  if (Array.isArray(value)) return value.map(fromFields);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromFields(item)]));
}

/** One message of `type`, without a length before it. */
export function toProtobuf(type, value) {
  return Buffer.from(message(type).encode(message(type).fromObject(toFields(value))).finish());
}

export function withLength(bytes) {
  const prefix = [];
  let rest = bytes.length;
  while (rest > 127) {
    prefix.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.concat([Buffer.from([...prefix, rest]), bytes]);
}

/** Takes whole length-prefixed messages off the front of `bytes`: [bodies, what is left]. */
export function splitByLength(bytes) {
  const bodies = [];
  for (;;) {
    let length = 0;
    let shift = 0;
    let at = 0;
    for (;;) {
      if (at >= bytes.length) return [bodies, bytes];
      length |= (bytes[at] & 127) << shift;
      shift += 7;
      at += 1;
      if (bytes[at - 1] < 128) break;
    }
    if (bytes.length < at + length) return [bodies, bytes];
    bodies.push(bytes.subarray(at, at + length));
    bytes = bytes.subarray(at + length);
  }
}

export function fromProtobuf(type, bytes) {
  const decoded = message(type).decode(bytes);
  return fromFields(message(type).toObject(decoded, { longs: Number, defaults: false }));
}

// --- Either -------------------------------------------------------------------------------------------------------------------------

/** A frame with these commands. */
export function encodeFrame(encoding, commands, type = "Command") {
  if (encoding === "json") return commands.map((command) => toJson(command)).join("\n");
  if (type === "ConnectRequest") return toProtobuf(type, commands[0]);
  return Buffer.concat(commands.map((command) => withLength(toProtobuf(type, command))));
}

// --- Fossil delta -------------------------------------------------------------------------------------------------------------------

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";

function checksum(bytes) {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    let word = 0;
    for (let offset = 0; offset < 4; offset += 1) word = (word << 8) | (bytes[at + offset] ?? 0);
    sum = (sum + word) >>> 0;
  }
  return sum;
}

/** Applies a patch to its base; throws where size or checksum is wrong. */
export function applyDelta(base, patch) {
  let at = 0;
  const number = () => {
    let value = 0;
    while (digits.includes(String.fromCharCode(patch[at]))) {
      value = value * 64 + digits.indexOf(String.fromCharCode(patch[at]));
      at += 1;
    }
    return value;
  };
  const size = number();
  if (patch[at] !== 10) throw new Error("a patch starts with the size and a line break");
  at += 1;
  const parts = [];
  while (at < patch.length) {
    const count = number();
    const operator = String.fromCharCode(patch[at]);
    at += 1;
    if (operator === "@") {
      const from = number();
      if (patch[at] !== 44 || from + count > base.length) throw new Error("a copy outside of the base");
      at += 1;
      parts.push(base.subarray(from, from + count));
    } else if (operator === ":") {
      parts.push(patch.subarray(at, at + count));
      at += count;
    } else if (operator === ";") {
      const target = Buffer.concat(parts);
      if (target.length !== size || checksum(target) !== count || at !== patch.length) throw new Error("a wrong size or checksum");
      return target;
    } else {
      throw new Error(`operator '${operator}' in a patch`);
    }
  }
  throw new Error("a patch without an end");
}
