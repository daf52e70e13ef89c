// Every operator, with the clients on two servers, or on one server, which must behave the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import { ask, next, parser, within } from "./client.mjs";

const servers = readFileSync(process.env.INPUT, "utf8").split(" ");
const isOne = servers[0] === servers[1];

async function join(name, server, namespace = "/") {
  const socket = io(servers[server] + namespace, {
    transports: ["websocket"],
    forceNew: true,
    reconnectionDelay: 20,
    auth: { name },
    extraHeaders: { "x-agent": `agent of ${name}` },
    ...(parser === "msgpack" ? { parser: msgpack } : {}),
  });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  await ask(socket, "alive");
  return socket;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a condition holds: changes on one server reach another a little later. */
async function until(what, isSo) {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isSo()) return;
    await pause(30);
  }
  assert.fail(what);
}

/** Connects four clients, alternating between the servers. */
async function everybody(t, namespace) {
  const names = ["alice", "bob", "carol", "dave"];
  const sockets = await Promise.all(names.map((name, index) => join(name, index % 2, namespace)));
  const all = Object.fromEntries(names.map((name, index) => [name, sockets[index]]));
  t.after(() => sockets.forEach((socket) => socket.close()));
  await until("all are counted", async () => (await ask(all.alice, "count"))[0] === 4);
  return all;
}

/** Asserts that exactly the expected clients receive a text that `send` sends. */
async function heard(all, expected, send) {
  const names = [];
  const sockets = Object.entries(all).filter(([, socket]) => socket.connected);
  const fenced = sockets.map(([name, socket]) =>
    within(
      new Promise((resolve) =>
        socket.on("text", (text) => {
          if (text === "fence") resolve();
          else names.push(`${name}${text === "hi" ? "" : `: ${text}`}`);
        }),
      ),
      `the fence of ${name}`,
    ),
  );
  await send();
  await until(`${expected} hear it`, () => names.length >= expected.length);
  // Texts that were sent to other clients before the fence arrive before it.
  await ask(all.alice, "announce", "all", "", "fence");
  await Promise.all(fenced);
  for (const [, socket] of sockets) socket.off("text");
  assert.deepEqual(names.sort(), expected);
}

for (const namespace of ["/", "/tenant/acme"]) {
  test(`${namespace}: who hears what`, async (t) => {
    const all = await everybody(t, namespace);
    const { alice, bob, carol } = all;
    await ask(bob, "join", "x");
    await ask(carol, "join", "x");

    const say = (expected, how, room = "x") => heard(all, expected, () => ask(alice, "say", how, room, "hi"));
    await say(["bob", "carol", "dave"], "broadcast");
    await say(["bob", "carol", "dave"], "volatile");
    await say(["bob", "carol"], "to");
    await say(["alice", "bob", "carol", "dave"], "within", "everybody");
    await say(["dave"], "except");
    await say(["dave"], "to except");
    // A socket is a member of the room of its own id.
    await say(["bob"], "to", bob.id);

    const bytes = next(bob, "bytes");
    const announce = (expected, how) => heard(all, expected, () => ask(alice, "announce", how, "x", "hi"));
    await announce(["alice", "bob", "carol", "dave"], "all");
    assert.deepEqual(Buffer.from((await bytes)[0]).toString(), "hi", "binary data goes to other servers");
    // `except` on the server has no sender to exclude.
    await announce(["dave"], "except");
  });

  test(`${namespace}: acknowledgements of many`, async (t) => {
    const all = await everybody(t, namespace);
    for (const name of ["alice", "bob", "carol"]) all[name].on("question", (_, answer) => answer(`from ${name}`));
    assert.deepEqual(await ask(all.alice, "poll", "everybody"), [
      ["from alice", "from bob", "from carol", "no acknowledgement arrived in time"],
    ]);
  });

  test(`${namespace}: who is there`, async (t) => {
    const all = await everybody(t, namespace);
    await ask(all.bob, "join", "x");
    const found = (name, ...rooms) => ({
      name,
      rooms: ["everybody", ...rooms],
      avatar: [...Buffer.from(name)],
      agent: `agent of ${name}`,
    });
    assert.deepEqual(await ask(all.alice, "fetch"), [
      [found("alice"), found("bob", "x"), found("carol"), found("dave")],
    ]);
    assert.deepEqual(await ask(all.alice, "fetch", "x"), [[found("bob", "x")]]);
    assert.deepEqual(await ask(all.carol, "count", "x"), [1]);
    assert.deepEqual(await ask(all.alice, "rooms"), [["everybody", "x"]]);
  });

  test(`${namespace}: many sockets are moved`, async (t) => {
    const all = await everybody(t, namespace);
    await ask(all.bob, "join", "x");
    await ask(all.carol, "join", "x");
    await ask(all.alice, "moveAll", "x", "y");
    await until("they are in y", async () => (await ask(all.alice, "count", "y"))[0] === 2);
    await ask(all.alice, "partAll", "x");
    await until("they are not in x", async () => (await ask(all.alice, "count", "x"))[0] === 0);
    const gone = ["bob", "carol"].map((name) => next(all[name], "disconnect"));
    await ask(all.alice, "kick", "y");
    assert.deepEqual((await Promise.all(gone)).map(([reason]) => reason), ["io server disconnect", "io server disconnect"]);
    await until("two are left", async () => (await ask(all.alice, "count"))[0] === 2);
  });

  test(`${namespace}: one socket, wherever it is`, async (t) => {
    const all = await everybody(t, namespace);
    for (const name of ["bob", "carol"]) {
      const remote = (action, argument) => ask(all.alice, "remote", name, action, argument);
      const done = [{ status: "ok", data: "done" }];
      all[name].on("question", (text, answer) => answer(`${name}: ${text}`));
      await heard(all, [name], () => remote("emit", "hi"));
      assert.deepEqual(await remote("ask", "who?"), [{ status: "ok", data: `${name}: who?` }]);
      assert.deepEqual(await remote("join", "z"), done);
      await until("it is in z", async () => (await ask(all.alice, "count", "z"))[0] === 1);
      assert.deepEqual(await remote("leave", "z"), done);
      await until("it is not in z", async () => (await ask(all.alice, "count", "z"))[0] === 0);
      const gone = next(all[name], "disconnect");
      assert.deepEqual(await remote("disconnect", ""), done);
      assert.deepEqual((await gone)[0], "io server disconnect");
    }
    assert.deepEqual(await ask(all.alice, "remote", "dave", "ask", "?"), [
      { status: "error", error: "no acknowledgement arrived in time" },
    ]);
  });

  test(`${namespace}: servers tell each other`, async (t) => {
    const all = await everybody(t, namespace);
    assert.deepEqual(await ask(all.alice, "loads"), [{ status: "ok", data: isOne ? ["a"] : ["a", "b"] }]);
    const [{ status }] = await ask(all.alice, "refused");
    assert.equal(status, isOne ? "ok" : "error");
    if (!isOne) {
      const gone = next(all.bob, "disconnect");
      await ask(all.alice, "ban", "bob");
      assert.deepEqual((await within(gone, "the ban"))[0], "io server disconnect");
    }
  });
}
