// A service on the Node.js server as a member of the cluster: inter-server events in both directions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { ask, within } from "./client.mjs";

const [dialect, redis, ...servers] = readFileSync(process.env.INPUT, "utf8").split(" ");
const isSharded = dialect === "sharded";
const service = new Server();
const clients = [];

before(async () => {
  for (const _ of [0, 1, 2]) clients.push(await createClient({ url: redis }).connect());
  service.adapter((isSharded ? createShardedAdapter : createAdapter)(clients[0], clients[1]));
});
after(() => {
  for (const client of clients) client.destroy();
});

async function client(namespace, name, server) {
  const socket = connect(servers[server] + namespace, { transports: ["websocket"], auth: { name } });
  await ask(socket, "alive");
  return socket;
}

const gone = (socket) => within(new Promise((resolve) => socket.once("disconnect", resolve)), "the ban");

for (const namespace of ["/", "/tenant/acme"]) {
  test(`${namespace}: Node is a member`, async () => {
    const alice = await client(namespace, "alice", 0);
    const bob = await client(namespace, "bob", 1);
    const node = service.of(namespace);
    const banned = [];
    node.on("load", (answer) => answer("node"));
    node.on("refuse", (answer) => answer({ status: "ok", data: null }));
    node.on("userBanned", (name) => banned.push(name));
    // Waits for the subscriptions of the Node.js server and of a new namespace.
    await within(
      (async () => {
        while ((await node.adapter.serverCount()) < 3) await new Promise((resolve) => setTimeout(resolve, 20));
      })(),
      "the third server",
    );

    assert.deepEqual((await node.serverSideEmitWithAck("load")).sort(), ["a", "b"]);
    assert.deepEqual(await node.serverSideEmitWithAck("refuse"), [
      { status: "error", error: "not here" },
      { status: "error", error: "not here" },
    ]);
    assert.deepEqual(await within(node.fetchSockets(), "fetchSockets"), [], "they answer what they have no answer to");
    if (!isSharded) assert.deepEqual([...(await within(node.adapter.allRooms(), "allRooms"))], []);
    assert.deepEqual(await node.timeout(500).emitWithAck("question", "?"), []);

    assert.deepEqual(await ask(alice, "loads"), [{ status: "ok", data: ["a", "b", "node"] }]);
    await ask(alice, "ban", "carol");
    await within(
      (async () => {
        while (!banned.includes("carol")) await new Promise((resolve) => setTimeout(resolve, 20));
      })(),
      "the ban",
    );
    assert.deepEqual(banned, ["carol"], "once");

    const alicesEnd = gone(alice);
    node.serverSideEmit("userBanned", "alice");
    assert.equal(await alicesEnd, "io server disconnect");
    const bobsEnd = gone(bob);
    // The emitter supports only the classic adapter.
    if (isSharded) node.serverSideEmit("userBanned", "bob");
    else new Emitter(clients[2], {}, namespace).serverSideEmit("userBanned", "bob");
    assert.equal(await bobsEnd, "io server disconnect");
  });
}

test("a service that does not answer is missing", async () => {
  const alice = await client("/", "alice", 0);
  service.of("/").removeAllListeners("load");
  const [answer] = await ask(alice, "loads");
  assert.equal(answer.status, "error");
  assert.match(answer.error, /^1 server\(s\) answered, 1 did not answer in time, 0 rejected/);
  alice.close();
});
