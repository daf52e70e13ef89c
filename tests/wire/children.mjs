// Many clients connect to a new child of a dynamic namespace at the same moment.
import { test } from "node:test";
import { Manager } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import { ask, next, parser, until, within } from "./client.mjs";

const CLIENTS = 16;
const CHILDREN = 20;

test("all are in the same child", async () => {
  const managers = Array.from({ length: CLIENTS }, () => {
    const options = { transports: ["websocket"], forceNew: true, reconnectionDelay: 20, randomizationFactor: 0 };
    return new Manager(process.env.SERVER, { ...options, ...(parser === "msgpack" ? { parser: msgpack } : {}) });
  });
  // The connections are open already, so that only the namespace remains to be connected.
  const roots = managers.map((manager, index) => manager.socket("/", { auth: { name: `${index}` } }));
  await Promise.all(roots.map((socket) => ask(socket, "alive")));

  for (let child = 0; child < CHILDREN; child++) {
    const sockets = managers.map((manager, index) => manager.socket(`/tenant/t${child}`, { auth: { name: `${index}` } }));
    // Events that are sent immediately arrive, no matter which client connected first.
    await Promise.all(sockets.map((socket) => within(socket.emitWithAck("alive"), `an answer in child ${child}`)));
    // On a busy machine, the child may be created again after its clients have connected. They reconnect then.
    const count = () => sockets[0].timeout(2_000).emitWithAck("count").catch(() => undefined);
    await until(`all are in child ${child}`, async () => (await count()) === CLIENTS);
    const heard = sockets.map((socket) => next(socket, "text"));
    await ask(sockets[0], "announce", "all", "", "hi");
    await Promise.all(heard);
    sockets.forEach((socket) => socket.close());
  }
  managers.forEach((manager) => manager._close());
});
