// Many clients connect to children of a dynamic namespace and leave, with few and with many children. Every client is
// accepted and all its events are answered. Two clients in the same child at the same time receive each other's
// messages, on any servers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Manager } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

import { parser, within } from "./client.mjs";

/** The input lists several servers; without it, there is one server. */
const input = readFileSync(process.env.INPUT, "utf8");
const { servers, auth } = input ? JSON.parse(input) : { servers: [process.env.SERVER] };
const CLIENTS = 12;
const ROUNDS = 12;

/** Sometimes longer than the server keeps a child without clients. */
const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() < 0.3 ? 150 + Math.random() * 250 : 0));

function manager(index) {
  const options = { transports: ["websocket"], forceNew: true, reconnectionDelay: 20, randomizationFactor: 0 };
  return new Manager(servers[index % servers.length], { ...options, ...(parser === "msgpack" ? { parser: msgpack } : {}) });
}

async function comeAndGo(index, children) {
  const connection = manager(index);
  for (let round = 0; round < ROUNDS; round++) {
    const path = `/tenant/t${Math.floor(Math.random() * children)}`;
    const socket = connection.socket(path, { auth });
    // Sent as soon as the client has connected.
    await within(socket.emitWithAck("alive"), `an answer in ${path}`, 20_000);
    await pause();
    await within(socket.emitWithAck("alive"), `another answer in ${path}`, 20_000);
    socket.close();
    // The manager keeps a socket under its path.
    delete connection.nsps[path];
  }
  connection._close();
}

/** Two clients, on two servers if there are two, meet in a child that is new or existed before. */
async function meet(pair) {
  const connections = [manager(0), manager(1)];
  for (let round = 0; round < ROUNDS; round++) {
    const path = `/tenant/pair${pair}-${round % 2}`;
    const sockets = connections.map((connection) => connection.socket(path, { auth }));
    await Promise.all(sockets.map((socket) => within(socket.emitWithAck("alive"), `an answer in ${path}`, 20_000)));
    const heard = sockets.map((socket) => new Promise((resolve) => socket.once("text", resolve)));
    await sockets[round % 3 ? 0 : 1].emitWithAck("announce", "all", "", `hello ${round}`);
    for (const text of await within(Promise.all(heard), `a text in ${path}`, 20_000)) {
      assert.equal(text, `hello ${round}`);
    }
    sockets.forEach((socket) => socket.close());
    connections.forEach((connection) => delete connection.nsps[path]);
    await pause();
  }
  connections.forEach((connection) => connection._close());
}

for (const children of [2, 500]) {
  test(`${CLIENTS} clients in ${children} children`, async () => {
    await Promise.all(Array.from({ length: CLIENTS }, (_, index) => comeAndGo(index, children)));
  });
}


test("clients that meet hear each other", { skip: servers.length < 2 && "it takes two servers" }, async () => {
  await Promise.all([0, 1, 2].map(meet));
});
