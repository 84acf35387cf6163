// Tokens of every algorithm, key sets that change, keys in rotation and users by header, against a Centrifugo configuration. With
// XSHATHRA_PROGRAM_KIND=centrifugo and XSHATHRA_PROGRAM set to one, the same is asked of a Centrifugo.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import WebSocket from "ws";

import { Program } from "../differential/programs.mjs";
import { keyPair, makeKeyPairs, makeToken } from "../differential/tokens.mjs";
import { program } from "./support/server.mjs";

// In the middle of a test it could take longer than a server waits for a key set.
makeKeyPairs();

const kind = process.env.XSHATHRA_PROGRAM_KIND ?? "xshathra";
const channel = { without_namespace: { allow_subscribe_for_client: true, presence: true, allow_presence_for_subscriber: true } };
const start = (client) => Program.start(kind, program, { client: { allowed_origins: ["*"], ...client }, channel });

/** One connection; each command gives the reply, or the code that the connection was closed with. */
class Connection {
  #waiting = [];

  constructor(server, headers = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${server.port}/connection/websocket`, { headers });
    this.socket.on("message", (data) => {
      for (const line of data.toString().split("\n")) {
        const reply = JSON.parse(line);
        if (reply.id !== undefined) this.#waiting.shift()?.(reply);
      }
    });
    this.closed = new Promise((resolve) => this.socket.once("close", (code) => resolve({ closed: code })));
    this.opened = new Promise((resolve, reject) => this.socket.once("open", resolve).once("error", reject));
  }

  async command(body) {
    await this.opened;
    const reply = new Promise((resolve) => this.#waiting.push(resolve));
    this.socket.send(JSON.stringify({ id: 1, ...body }));
    return Promise.race([reply, this.closed]);
  }

  end() {
    this.socket.terminate();
  }
}

/** 0, or the code of the error or of the close. */
const codeOf = (reply) => reply.closed ?? reply.error?.code ?? 0;

async function connect(server, token, headers) {
  const connection = new Connection(server, headers);
  try {
    return codeOf(await connection.command({ connect: token === undefined ? {} : { token } }));
  } finally {
    connection.end();
  }
}

async function userOf(server, token, headers) {
  const connection = new Connection(server, headers);
  try {
    const { connect: own } = await connection.command({ connect: token === undefined ? {} : { token } });
    await connection.command({ subscribe: { channel: "who" } });
    const { presence } = await connection.command({ presence: { channel: "who" } });
    // The connection before this one may not have left yet.
    return presence.presence[own.client].user;
  } finally {
    connection.end();
  }
}

const good = { sub: "42", exp: 600 };

describe("keys in the configuration", () => {
  let server;
  before(async () => {
    server = await start({ token: { hmac_secret_key: "secret", rsa_public_key: keyPair("rsa").pem, ecdsa_public_key: keyPair("p256").pem } });
  });
  after(() => server.stop());

  for (const alg of ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256"]) {
    test(`${alg} is accepted`, async () => {
      assert.equal(await connect(server, makeToken({ claims: good, alg })), 0);
      assert.equal(await connect(server, makeToken({ claims: good, alg, damage: "signature" })), 3500);
    });
  }
  for (const [name, token] of [
    ["ES384, another curve", { alg: "ES384" }],
    ["EdDSA", { alg: "EdDSA" }],
    ["another RSA key", { alg: "RS256", key: "otherRsa" }],
    ["another secret", { secret: "other" }],
    ["the public key as a secret", { secret: keyPair("rsa").pem }],
    ["no signature", { damage: "noSignature" }],
    ["none", { alg: "none" }],
  ]) {
    test(`${name} is refused`, async () => {
      assert.equal(await connect(server, makeToken({ claims: good, ...token })), 3500);
    });
  }
});

describe("a key set", () => {
  let server;
  let issuer;
  let asked = 0;
  let served = [];
  before(async () => {
    issuer = createServer((request, response) => {
      asked += 1;
      assert.equal(request.url, "/one/jwks");
      response.end(JSON.stringify({ keys: served }));
    });
    await new Promise((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    server = await start({
      token: { jwks_public_endpoint: `http://127.0.0.1:${issuer.address().port}/{{tenant}}/jwks`, issuer_regex: "^https://(?P<tenant>one|two)$" },
    });
  });
  after(async () => {
    await server.stop();
    issuer.closeAllConnections();
    issuer.close();
  });

  /**
   * Makes `attempt`, which connects with a key that has to be fetched and gives its code, until it is not refused. A server waits for a key set for
   * a second; on a machine that is too busy for that the first token may be refused, and the next one has the key set fetched again.
   */
  async function fetching(attempt) {
    const before = asked;
    let result = await attempt();
    for (let again = 0; again < 5 && result === 3500; again += 1) result = await attempt();
    assert.ok(asked > before);
    return result;
  }

  const keyed = (alg, key, kid, claims = {}) => makeToken({ claims: { ...good, iss: "https://one", ...claims }, alg, key, header: { kid } });
  const serve = (...names) => {
    served = names.map((name) => ({ ...keyPair(name).jwk, kid: name, use: "sig" }));
  };

  test("gives keys of every kind, and is fetched once", async () => {
    serve("rsa", "p256", "p384", "p521", "ed25519");
    assert.equal(await fetching(() => connect(server, keyed("RS256", "rsa", "rsa"))), 0);
    const once = asked;
    for (const [alg, key] of [["RS512", "rsa"], ["ES256", "p256"], ["ES384", "p384"], ["ES512", "p521"], ["EdDSA", "ed25519"]]) {
      assert.equal(await connect(server, keyed(alg, key, key)), 0, alg);
    }
    assert.equal(asked, once);
  });

  test("is fetched again for a key that is new", async () => {
    serve("rsa", "otherRsa");
    assert.equal(await fetching(() => connect(server, keyed("RS256", "otherRsa", "otherRsa"))), 0);
  });

  test("refuses what it has no key for", async () => {
    assert.equal(await connect(server, keyed("RS256", "rsa", "lost")), 3500);
    assert.equal(await connect(server, keyed("RS256", "rsa", "otherRsa")), 3500);
    assert.equal(await connect(server, keyed("RS256", "rsa", undefined)), 3500);
    assert.equal(await connect(server, keyed("HS256", undefined, "rsa")), 3500);
    assert.equal(await connect(server, keyed("RS256", "rsa", "rsa", { iss: "https://three" })), 3500);
  });

  test("lets commands behind the token wait for it", async () => {
    serve("rsa", "p384");
    const connectAndSubscribe = async () => {
      const connection = new Connection(server);
      try {
        await connection.opened;
        const connected = connection.command({ connect: { token: keyed("ES384", "p384", "p384", { sub: "7" }) } });
        const subscribed = connection.command({ subscribe: { channel: "later" } });
        const code = codeOf(await connected);
        if (code === 0) assert.ok((await subscribed).subscribe);
        return code;
      } finally {
        connection.end();
      }
    };
    assert.equal(await fetching(connectAndSubscribe), 0);
  });
});

test("a previous secret, own keys for subscriptions, a claim with the user", async () => {
  const server = await start({
    token: { hmac_secret_key: "new", hmac_previous_secret_key: "old", user_id_claim: "uid", audience: "app" },
    subscription_token: { enabled: true, rsa_public_key: keyPair("rsa").pem },
  });
  try {
    const claims = { sub: "no", uid: 42, aud: ["other", "app"] };
    assert.equal(await userOf(server, makeToken({ claims, secret: "old" })), "42");
    assert.equal(await connect(server, makeToken({ claims, secret: "older" })), 3500);
    assert.equal(await connect(server, makeToken({ claims: { ...claims, aud: "other" }, secret: "new" })), 3500);
    const connection = new Connection(server);
    assert.equal(codeOf(await connection.command({ connect: { token: makeToken({ claims, secret: "new" }) } })), 0);
    const subscription = { sub: "42", channel: "$own" };
    assert.equal(codeOf(await connection.command({ subscribe: { channel: "$own", token: makeToken({ claims: subscription, secret: "new" }) } })), 103);
    assert.equal(codeOf(await connection.command({ subscribe: { channel: "$own", token: makeToken({ claims: subscription, alg: "RS256" }) } })), 0);
    connection.end();
  } finally {
    await server.stop();
  }
});

test("the user by header", async () => {
  const server = await start({ token: { hmac_secret_key: "secret" }, user_id_http_header: "X-User-Id" });
  try {
    assert.equal(await userOf(server, undefined, { "x-user-id": "7" }), "7");
    assert.equal(await userOf(server, makeToken({ claims: good }), { "x-user-id": "7" }), "42");
    assert.equal(await connect(server, undefined), 3501);
    assert.equal(await connect(server, "x", { "x-user-id": "7" }), 3500);
  } finally {
    await server.stop();
  }
});

test("unsigned tokens where signatures are skipped", async () => {
  const server = await start({ insecure_skip_token_signature_verify: true });
  try {
    assert.equal(await connect(server, makeToken({ claims: good, alg: "none" })), 0);
    assert.equal(await connect(server, makeToken({ claims: { ...good, exp: -5 }, alg: "none" })), 109);
  } finally {
    await server.stop();
  }
});
