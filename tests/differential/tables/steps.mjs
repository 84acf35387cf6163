// The words that the tables are written in.

/** Payloads may be written as objects; they go out as this text. */
const payload = (value) => (typeof value === "string" || value === undefined || value.$base64 !== undefined || value.$repeat !== undefined
  || value.$join !== undefined ? value : JSON.stringify(value));

const withPayloads = (value) => {
  if (Array.isArray(value)) return value.map(withPayloads);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined).map(([name, item]) => [
    name, name === "data" ? payload(item) : name.startsWith("$") ? item : withPayloads(item)]));
};

export const open = (as, options = {}) => ({ do: "open", as, ...options });
export const send = (as, ...commands) => ({ do: "send", as, commands: withPayloads(commands) });
export const raw = (as, text, more = {}) => ({ do: "raw", as, text, ...more });
export const rawHex = (as, hex, more = {}) => ({ do: "raw", as, hex, ...more });
export const close = (as, code) => ({ do: "close", as, ...(code === undefined ? {} : { code }) });
export const wait = (milliseconds) => ({ do: "wait", milliseconds });
export const quiet = (milliseconds, step) => ({ ...step, quiet: milliseconds });
/** Goes on as soon as so many messages (or the end) have come: `{a: 2}`. */
export const until = (counts, step) => ({ ...step, until: counts });
export const backend = (answers) => ({ do: "backend", replies: answers });
export const http = (options) => ({ do: "http", ...options });

export const apiKey = "api-key";
export const api = (method, body, more = {}) => http({ path: `/api/${method}`, body, headers: { "X-API-Key": apiKey }, ...more });

/** A token description; `alg`, `secret`, `key`, `header` and `damage` may follow. */
export const token = (claims, how = {}) => ({ $token: { claims, ...how } });
/** A connection token of user `u1` that lasts. */
export const good = (sub = "u1", claims = {}) => token({ sub, exp: 3600, ...claims });

/** Opens connection `as` and connects it as a user ("" stays anonymous, without a token). */
export const connected = (as, user = "u1", { connect = {}, ...options } = {}) => [
  open(as, options), send(as, { id: 1, connect: { ...(user === "" ? {} : { token: good(user) }), ...connect } }),
];

export const bothEncodings = ["json", "protobuf"];

/** The scenario in both encodings: `make(encoding)` returns its steps; channels carry the encoding so that the two don't meet. */
export const inBoth = (name, make) => bothEncodings.map((encoding) => ({ name: `${name}, ${encoding}`, steps: make(encoding, encoding[0]).flat(9) }));
export const once = (name, ...steps) => [{ name, steps: steps.flat(9) }];

/** Names of channels nobody else uses; every table has its own letter, so that one table does not change the names in another. */
export const freshNames = (letter) => {
  let made = 0;
  return (namespace = "") => {
    made += 1;
    return `${namespace === "" ? "" : `${namespace}:`}${letter}${made}`;
  };
};
