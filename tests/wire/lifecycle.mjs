// Order, rooms, broadcasts, listeners and middleware, from the client's point of view.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, open, refused, within } from "./client.mjs";

const range = (count) => Array.from({ length: count }, (_, index) => index);

test("an event sent in the connect handler is never lost", async () => {
  const clients = range(60).map(() => open("/"));
  const answers = clients.map((socket) =>
    within(
      new Promise((resolve, reject) => {
        socket.once("connect", () => {
          socket.emit("number", 7);
          socket.emit("seen", resolve);
        });
        socket.once("connect_error", reject);
      }),
      "the first event's effect",
    ),
  );
  assert.deepEqual(await Promise.all(answers), clients.map(() => [7]));
  clients.forEach((socket) => socket.close());
});

test("events wait until `connected` has run", async () => {
  const socket = open("/", { auth: "slow" });
  const order = [];
  socket.on("ready", () => order.push("ready"));
  const answered = new Promise((resolve) =>
    socket.once("connect", () => {
      range(100).forEach((number) => socket.emit("number", number));
      socket.emit("seen", (seen) => (order.push("answer"), resolve(seen)));
    }),
  );
  assert.deepEqual(await within(answered, "the answer"), range(100));
  assert.deepEqual(order, ["ready", "answer"]);
  socket.close();
});

test("handlers start in the order of the messages", async () => {
  const socket = await connect("/");
  const count = 3000;
  range(count).forEach((number) => socket.emit(number % 3 === 0 ? "slow" : "number", number));
  assert.deepEqual((await ask(socket, "seen"))[0], range(count));
  socket.close();
});

test("a concurrent handler that works hard does not hold up its socket", async () => {
  const socket = await connect("/");
  const blocked = ask(socket, "blocking", 400);
  const first = await Promise.race([blocked.then(() => "blocking"), ask(socket, "alive").then(() => "alive")]);
  assert.equal(first, "alive");
  await blocked;
  socket.close();
});

test("a `connected` hook that panics disconnects its socket only", async () => {
  const other = await connect("/");
  const socket = open("/", { auth: "panic" });
  const reason = await within(new Promise((resolve) => socket.once("disconnect", resolve)), "the disconnection");
  assert.equal(reason, "io server disconnect");
  await ask(other, "alive");
  other.close();
});

test("hooks, listeners and middleware that panic hurt nobody", async () => {
  const other = await connect("/");
  for (const _ of range(2)) {
    const socket = await connect("/", { auth: "panics" });
    const internal = { status: "rejected", reason: { code: "panicked", message: "internal error" } };
    assert.deepEqual(await ask(socket, "limited", "panic"), [internal]);
    assert.deepEqual(await ask(socket, "limited", "good"), [{ status: "ok", data: "good" }]);
    await ask(other, "say", "broadcast", "", "to one whose listener panics");
    await ask(socket, "alive");
    socket.close();
  }
  // The last client's hook has run too, and no room contains a disconnected client.
  const left = async () => (await ask(other, "log"))[0].filter((line) => line.startsWith("panics ClientNSDisconnect")).length;
  await within((async () => { while ((await left()) < 2); })(), "the good-byes");
  other.close();
});

test("rooms and broadcasts", async () => {
  const [alice, bob, carol] = await Promise.all(["alice", "bob", "carol"].map((auth) => connect("/", { auth })));
  // As in Node.js, a socket is a member of the room of its own id.
  const rooms = (...others) => [[alice.id, ...others].sort()];
  assert.deepEqual(await ask(alice, "join", "x"), rooms("x"));
  assert.deepEqual(await ask(alice, "join", "y"), rooms("x", "y"));
  assert.deepEqual(await ask(alice, "leave", "y"), rooms("x"));
  await ask(bob, "join", "x");

  const heard = async (how) => {
    const texts = { alice: 0, bob: 0, carol: 0 };
    const sockets = { alice, bob, carol };
    for (const [name, socket] of Object.entries(sockets)) socket.on("text", () => texts[name]++);
    await ask(alice, "say", how, "x", how);
    // Texts that were sent before have arrived when each client has its answer.
    await Promise.all(Object.values(sockets).map((socket) => ask(socket, "alive")));
    for (const socket of Object.values(sockets)) socket.off("text");
    return Object.keys(texts).filter((name) => texts[name] === 1);
  };
  assert.deepEqual(await heard("to"), ["bob"]);
  assert.deepEqual(await heard("within"), ["alice", "bob"]);
  assert.deepEqual(await heard("except"), ["carol"]);
  assert.deepEqual(await heard("broadcast"), ["bob", "carol"]);
  assert.deepEqual(await heard("local"), ["bob", "carol"]);
  assert.deepEqual(await heard("volatile"), ["bob", "carol"]);

  alice.on("question", (_, answer) => answer("from alice"));
  assert.deepEqual(await ask(alice, "poll", "x"), [["(timeout)", "from alice"]]);
  bob.on("question", (_, answer) => answer("from bob"));
  assert.deepEqual(await ask(alice, "poll", "x"), [["from alice", "from bob"]]);
  assert.deepEqual(await ask(carol, "impatient"), ["no acknowledgement arrived in time"]);

  const gone = new Promise((resolve) => bob.once("disconnect", resolve));
  assert.deepEqual(await ask(alice, "kick", "x"), [1]);
  assert.equal(await within(gone, "the kick"), "io server disconnect");
  assert.ok(alice.connected && carol.connected);
  alice.close();
  carol.close();
});

test("`disconnected` is told the reason, with the rooms still there", async () => {
  const socket = await connect("/", { auth: "leaver" });
  await ask(socket, "join", "x");
  socket.disconnect();
  const other = await connect("/");
  const deadline = Date.now() + 20_000;
  let line;
  while (line === undefined && Date.now() < deadline) {
    line = (await ask(other, "log"))[0].find((line) => line.startsWith("leaver Client"));
  }
  assert.equal(line, "leaver ClientNSDisconnect 2 rooms");
  other.close();
});

test("listeners see typed events, middleware refuses them", async () => {
  const socket = await connect("/", { auth: "listened" });
  const other = await connect("/");
  assert.deepEqual(await ask(socket, "limited", "good"), [{ status: "ok", data: "good" }]);
  assert.deepEqual(await ask(socket, "limited", "bad"), [
    { status: "rejected", reason: { code: "refused", message: "not this" } },
  ]);
  await ask(other, "say", "broadcast", "", "for all");
  await ask(socket, "say", "within", "none", "for nobody");
  const [log] = await ask(other, "log");
  const lines = log.filter((line) => /^(in|out) /.test(line));
  assert.deepEqual(lines, ["in limited good", "in limited bad", "out text for all", "in say for nobody"]);
  socket.close();
  other.close();
});

test("dynamic namespaces have typed parameters", async () => {
  const acme = await connect("/tenant/acme%20%26%20co/7");
  assert.deepEqual(await ask(acme, "who"), ["() in /tenant/acme%20%26%20co/7"]);
  assert.equal((await refused("/tenant/acme/seven")).message, "Invalid namespace");
  assert.equal((await refused("/tenant/acme")).message, "Invalid namespace");
  acme.close();
});

test("a burst beyond the send buffer is an error, not a loss in silence", async () => {
  const socket = await connect("/");
  const numbers = [];
  socket.on("number", (number) => numbers.push(number));
  const [few] = await ask(socket, "burst", 50);
  assert.equal(few, "sent");
  await ask(socket, "alive");
  assert.deepEqual(numbers, range(50));
  socket.close();
});

test("a client that comes back on its connection is let in, after the last good-bye", async () => {
  const other = await connect("/");
  const { io: manager } = open("/tenant/acme/1");
  const socket = manager.socket("/", { auth: "lingers" });
  const connected = () => within(new Promise((resolve) => socket.once("connect", resolve)), "the connection");
  await connected();
  for (const round of range(10)) {
    const [rooms] = await ask(socket, "join", "x");
    assert.deepEqual(rooms, [socket.id, "x"].sort(), "the rooms are left with the connection");
    if (round % 2 === 0) {
      socket.disconnect().connect();
    } else {
      socket.once("disconnect", () => socket.connect());
      await ask(other, "kick", "x");
    }
    await connected();
  }
  const [log] = await ask(other, "log");
  const lines = log.filter((line) => line.startsWith("lingers"));
  lines.forEach((line, index) => {
    assert.match(line, index % 2 === 0 ? /connected/ : /NSDisconnect 2 rooms/, "one after the other");
  });
  assert.equal(lines.length, 21);
  manager._close();
  other.close();
});

test("socket data and handshake", async () => {
  const socket = await connect("/", { auth: "dora" });
  assert.deepEqual(await ask(socket, "who"), ['"dora" in /']);
  socket.close();
});

test("the path of a dynamic namespace has one spelling", async () => {
  for (const path of ["/tenant/%61cme/1", "/tenant/acme/01", "/tenant/acme/+1", "/tenant/ä/1", "/tenant/%c3%a4/1"]) {
    assert.equal((await refused(path)).message, "Invalid namespace", path);
  }
  const socket = await connect(`/tenant/${encodeURIComponent("ä")}/1`);
  socket.close();
});
