// A server that shuts down gracefully, and another that takes its place.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, open, refused, until, within } from "./client.mjs";

const server = process.env.SERVER;
const once = (socket, event) => within(new Promise((resolve) => socket.once(event, resolve)), event, 30_000);

/** Opens a client that reconnects like one with the default options, but sooner. */
const returning = (transport) =>
  open("/", { transports: [transport], reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 });

test("what was begun is ended, and clients come back to another server", async () => {
  const transports = ["websocket", "polling", "websocket"];
  const clients = transports.map(returning);
  await Promise.all(clients.map((client) => once(client, "connect")));
  const [websocket, polling, asked] = clients;

  const question = once(asked, "question");
  asked.emit("ask");
  const answer = await question;
  const slow = [websocket, polling].map((client) => client.timeout(30_000).emitWithAck("slow"));
  await Promise.all([websocket, polling].map((client) => ask(client, "alive")));
  const disconnected = clients.map((client) => once(client, "disconnect"));
  websocket.emit("stop");

  let health;
  await until("the server drains", async () => {
    health = await (await fetch(`${server}/health`)).json();
    return health.isDraining;
  });
  assert.equal(health.sockets["/"], 3);
  assert.equal(health.connections, 3);

  const refusal = await fetch(`${server}/socket.io/?EIO=4&transport=polling`);
  assert.equal(refusal.status, 503);
  assert.equal(refusal.headers.get("connection"), "close");
  assert.deepEqual(await refusal.json(), { code: 4, message: "The server is shutting down" });
  assert.equal((await refused("/", { transports: ["websocket"] })).message, "websocket error");
  assert.equal((await refused("/", { transports: ["polling"] })).message, "xhr poll error");

  // Existing clients are unaffected.
  await Promise.all(clients.map((client) => ask(client, "alive")));
  assert.deepEqual(await ask(polling, "who"), ["first"]);
  answer("yes");
  // The server has waited for these handlers until now.
  await ask(asked, "release");
  assert.deepEqual(await Promise.all(slow), ["first", "first"]);

  for (const reason of await Promise.all(disconnected)) {
    assert.ok(["transport close", "transport error"].includes(reason), reason);
  }
  // The clients reconnect automatically.
  await Promise.all(clients.filter((client) => !client.connected).map((client) => once(client, "connect")));
  for (const client of clients) {
    assert.deepEqual(await ask(client, "who"), ["second"]);
    client.close();
  }
});
