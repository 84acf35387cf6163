// The official client with promises around its events.
import { Centrifuge } from "centrifuge";
import WebSocket from "ws";

/** Resolves with the next context of `event` for which `accept` is true. */
export function next(emitter, event, accept = () => true, timeoutMs = 10_000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      emitter.removeListener(event, listener);
      reject(new Error(`no '${event}' within ${timeoutMs} ms`));
    }, timeoutMs);
    const listener = (context) => {
      if (!accept(context)) return;
      clearTimeout(timer);
      emitter.removeListener(event, listener);
      resolve(context);
    };
    emitter.on(event, listener);
  });
}

const open = new Set();

/** A client that is closed by closeClients() after the test. */
export function client(url, options = {}) {
  const centrifuge = new Centrifuge(url, { websocket: WebSocket, minReconnectDelay: 50, maxReconnectDelay: 300, ...options });
  open.add(centrifuge);
  return centrifuge;
}

export async function connected(centrifuge) {
  const ready = next(centrifuge, "connected");
  centrifuge.connect();
  return ready;
}

export async function subscribed(subscription) {
  const ready = next(subscription, "subscribed");
  subscription.subscribe();
  return ready;
}

export function closeClients() {
  for (const centrifuge of open) centrifuge.disconnect();
  open.clear();
}
