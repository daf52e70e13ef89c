// A token that expires: the server notifies the client, which may send a new token in time, and disconnects it
// otherwise.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, next, open, within } from "./client.mjs";

const disconnection = (socket) =>
  within(new Promise((resolve) => socket.once("disconnect", resolve)), "the disconnection");

/** Connects a client, and waits for the reason of its disconnection, which may come immediately. */
function stay(token) {
  const socket = open("/", { auth: { token } });
  return { socket, gone: disconnection(socket) };
}

const now = () => Math.floor(Date.now() / 1000);

/** Resolves to the log of the server for a token. */
async function noted(token) {
  const other = await connect("/", { auth: { token: "other" } });
  const [log] = await ask(other, "log");
  other.close();
  return log.filter((line) => line.startsWith(`${token} `)).map((line) => line.slice(token.length + 1));
}

for (const token of ["brief", "brief and panics"]) {
  test(`${token}: the client is told, then disconnected`, async () => {
    const { socket, gone } = stay(token);
    const events = [];
    socket.on("tokenExpired", () => events.push("told"));
    const reason = await gone;
    assert.deepEqual([...events, reason], ["told", "io server disconnect"]);
    assert.deepEqual(await noted(token), ["connected", "expired", "ServerNSDisconnect"]);
    // The client can reconnect with a new token.
    socket.auth = { token: "good" };
    socket.connect();
    await within(new Promise((resolve) => socket.once("connect", resolve)), "the connection");
    await ask(socket, "alive");
    socket.close();
  });
}

test("a token of the past is over at once, whatever the clock says of one of the future", async () => {
  for (const seconds of [-60, 0, 1]) {
    assert.equal(await stay(`exp=${now() + seconds}`).gone, "io server disconnect");
  }
  const later = await connect("/", { auth: { token: `exp=${now() + 3600}` } });
  const never = await connect("/", { auth: { token: "endless" } });
  await ask(later, "alive");
  await ask(never, "alive");
  later.close();
  never.close();
});

test("a new token in time keeps the socket, as often as it comes", async () => {
  const socket = await connect("/", { auth: { token: "renews" } });
  let told = 0;
  socket.on("tokenExpired", () => told++);
  for (let round = 0; round < 5; round++) {
    await ask(socket, "renew", 30_000);
  }
  assert.ok(socket.connected && told === 0);
  const gone = disconnection(socket);
  await ask(socket, "renew", 10);
  assert.equal(await gone, "io server disconnect");
  assert.equal(told, 1);
});

test("a new token that comes while the client is told keeps it, too", async () => {
  const socket = open("/", { auth: { token: "brief and renewed" } });
  await next(socket, "tokenExpired");
  await ask(socket, "renew", 60_000);
  // Another token expires completely meanwhile.
  await stay("brief").gone;
  await ask(socket, "alive");
  // The client can also renew it without an expiry.
  await ask(socket, "renew");
  await ask(socket, "alive");
  assert.deepEqual(await noted("brief and renewed"), ["connected", "expired", "renews", "renews"]);
  socket.close();
});

test("the hook may keep the socket by itself", async () => {
  const socket = open("/", { auth: { token: "brief and kept" } });
  await next(socket, "tokenExpired");
  await stay("brief").gone;
  await ask(socket, "alive");
  socket.close();
});
