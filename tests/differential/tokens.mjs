// Tokens of every kind, signed when a transcript is played since their times are relative to now. The key pairs are made per run.
import { createHmac, generateKeyPairSync, sign } from "node:crypto";

const pair = (type, options) => {
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  return { privateKey, pem: publicKey.export({ type: "spki", format: "pem" }), jwk: publicKey.export({ format: "jwk" }) };
};

/** Key pairs by name; made on first use. */
const makers = {
  rsa: () => pair("rsa", { modulusLength: 2048 }),
  otherRsa: () => pair("rsa", { modulusLength: 2048 }),
  p256: () => pair("ec", { namedCurve: "P-256" }),
  p384: () => pair("ec", { namedCurve: "P-384" }),
  p521: () => pair("ec", { namedCurve: "P-521" }),
  ed25519: () => pair("ed25519"),
};
const made = new Map();
export function keyPair(name) {
  if (!made.has(name)) made.set(name, makers[name]());
  return made.get(name);
}

/** Makes every pair now: that takes a while, during which nothing else is heard. */
export const makeKeyPairs = () => Object.keys(makers).forEach(keyPair);

const curves = { ES256: "p256", ES384: "p384", ES512: "p521" };

function signature(algorithm, input, { secret = "secret", key }) {
  if (algorithm === "none") return "";
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith("HS")) return createHmac(hash, secret).update(input).digest("base64url");
  if (algorithm === "EdDSA") return sign(null, Buffer.from(input), keyPair(key ?? "ed25519").privateKey).toString("base64url");
  const { privateKey } = keyPair(key ?? curves[algorithm] ?? "rsa");
  return sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
}

/**
 * A token from its description: claims, where `exp`, `nbf`, `iat` and `expire_at` below 1,000,000,000 are seconds from now, and the
 * signature's `alg`, `secret` or `key`, extra `header` fields, and `damage` to do to the finished token.
 */
export function makeToken({ claims = {}, alg = "HS256", secret, key, header = {}, damage }) {
  const now = Math.floor(Date.now() / 1000);
  const timed = { ...claims };
  for (const name of ["exp", "nbf", "iat", "expire_at"]) {
    if (typeof timed[name] === "number" && timed[name] !== 0 && timed[name] < 1e9) timed[name] += now;
  }
  const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const input = `${encoded({ alg, typ: "JWT", ...header })}.${encoded(typeof claims === "string" ? claims : timed)}`;
  const token = `${input}.${signature(alg, input, { secret, key })}`;
  switch (damage) {
    case undefined: return token;
    case "signature": return token.slice(0, -4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
    case "noSignature": return `${input}.`;
    case "twoParts": return input;
    case "fourParts": return `${token}.AAAA`;
    case "padding": return `${token}=`;
    case "alphabet": return token.replace(".", ".+");
    case "cut": return token.slice(0, token.length / 2);
    default: throw new Error(`unknown damage '${damage}'`);
  }
}

/** The key set that a JWKS endpoint serves: every pair under its own name as `kid`. */
export function keySet() {
  const algorithms = { rsa: "RS256", p256: "ES256", p384: "ES384", p521: "ES512", ed25519: "EdDSA" };
  return { keys: Object.entries(algorithms).map(([kid, alg]) => ({ ...keyPair(kid).jwk, kid, alg, use: "sig" })) };
}
