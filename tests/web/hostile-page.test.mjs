// A page of another origin in real Chromium tries to reach the local server: it must get no WebSocket and no REST answer,
// and a host name that was rebound to this machine must get 421.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";

import { Server } from "../e2e/support/server.mjs";

const require = createRequire(new URL("../e2e/package.json", import.meta.url));
const { chromium } = require("playwright-core");

/** Each returns "open" or "read" if the page got through, and else the way in which it failed. */
const attempts = {
  webSocket: (base) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${base.replace("http", "ws")}/realtime/connection/websocket`);
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("failed");
    }),
  webSocketWithSubprotocol: (base) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${base.replace("http", "ws")}/realtime/connection/websocket`, ["centrifuge-json"]);
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("failed");
    }),
  readHealth: (base) => fetch(`${base}/health`).then(() => "read", () => "failed"),
  jsonPostWithKey: (base, key) =>
    fetch(`${base}/api/realtime/publish`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `apikey ${key}` },
      body: '{"channel":"public:lobby","data":"from the hostile page"}',
    }).then(() => "read", () => "failed"),
  simplePost: (base) =>
    fetch(`${base}/api/realtime/publish`, {
      method: "POST",
      mode: "no-cors",
      headers: { "Content-Type": "text/plain" },
      body: '{"channel":"public:lobby","data":"from the hostile page"}',
    }).then((response) => (response.type === "opaque" ? "opaque" : "read"), () => "failed"),
  withCredentials: (base) => fetch(`${base}/health`, { credentials: "include" }).then(() => "read", () => "failed"),
  eventSource: (base) =>
    new Promise((resolve) => {
      const source = new EventSource(`${base}/realtime/connection/uni_sse`);
      source.onopen = () => resolve("open");
      source.onerror = () => resolve("failed");
    }),
  script: (base) =>
    new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = () => resolve("read");
      script.onerror = () => resolve("failed");
      script.src = `${base}/health`;
      document.head.append(script);
    }),
  frame: (base) =>
    new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.onload = () => {
        try {
          resolve(frame.contentDocument.body.textContent ? "read" : "failed");
        } catch {
          resolve("failed");
        }
      };
      frame.src = `${base}/health`;
      document.body.append(frame);
    }),
};

describe("a hostile page in Chromium", () => {
  let server;
  let browser;
  let site;
  let received;
  let listener;
  before(async () => {
    server = await Server.start();
    site = createServer((request, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end("<!doctype html><title>page</title><body></body>");
    });
    await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({
      executablePath: process.env.XSHATHRA_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP *.test 127.0.0.1",
      ],
    });
    received = [];
    const { default: WebSocket } = await import(require.resolve("ws"));
    listener = new WebSocket(server.webSocketUrl);
    await new Promise((resolve) => listener.once("open", resolve));
    const token = await server.token("listener");
    const subscribed = new Promise((resolve) => {
      listener.on("message", (message) => {
        const text = String(message);
        if (text.includes('"id":2')) resolve();
        if (text.includes('"pub"')) received.push(text);
        if (text === "{}") listener.send("{}");
      });
    });
    listener.send(`${JSON.stringify({ id: 1, connect: { token } })}\n${JSON.stringify({ id: 2, subscribe: { channel: "public:lobby" } })}`);
    await subscribed;
  });
  after(async () => {
    listener?.terminate();
    await browser?.close();
    site?.close();
    await server?.stop();
  });

  const pageAt = async (host) => {
    const page = await browser.newPage();
    await page.goto(`http://${host}:${site.address().port}/`);
    return page;
  };

  for (const [name, attempt] of Object.entries(attempts)) {
    for (const host of ["localhost", "127.0.0.1"]) {
      test(`${name} to ${host} gets nothing`, async () => {
        const page = await pageAt("evil.test");
        const script = `(${attempt})("http://${host}:${server.port}", ${JSON.stringify(server.project.serverKey)})`;
        const outcome = await page.evaluate(script);
        assert.ok(["failed", "opaque"].includes(outcome), `the page got '${outcome}'`);
        await page.close();
      });
    }
  }

  test("a form that posts to the API changes nothing", async () => {
    const page = await pageAt("evil.test");
    const [response] = await Promise.all([
      page.waitForNavigation(),
      page.evaluate((action) => {
        const form = document.createElement("form");
        form.method = "post";
        form.enctype = "text/plain";
        form.action = action;
        const field = document.createElement("input");
        field.name = '{"channel":"public:lobby","data":"';
        field.value = 'from the hostile page"}';
        form.append(field);
        document.body.append(form);
        form.submit();
      }, `${server.httpUrl}/api/realtime/publish`),
    ]);
    assert.ok(response.status() >= 400);
    await page.close();
  });

  test("a rebound host name gets 421, for pages, health and the WebSocket", async () => {
    const page = await browser.newPage();
    for (const path of ["/", "/health", "/api/realtime/publish"]) {
      const response = await page.goto(`http://rebound.test:${server.port}${path}`);
      assert.equal(response.status(), 421, path);
    }
    const outcome = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("failed");
        }),
      `ws://rebound.test:${server.port}/realtime/connection/websocket`,
    );
    assert.equal(outcome, "failed");
    await page.close();
  });

  test("a page of the developer's own app on localhost gets its WebSocket", async () => {
    const page = await pageAt("localhost");
    const outcome = await page.evaluate(`(${attempts.webSocket})("http://localhost:${server.port}")`);
    assert.equal(outcome, "open");
    await page.close();
  });

  test("nothing of all this reached a subscriber", async () => {
    const marker = new Promise((resolve) => {
      const watch = setInterval(() => {
        if (!received.some((text) => text.includes("the honest publication"))) return;
        clearInterval(watch);
        resolve();
      }, 20);
    });
    await server.publish("public:lobby", "the honest publication");
    await marker;
    assert.equal(received.length, 1);
  });
});
