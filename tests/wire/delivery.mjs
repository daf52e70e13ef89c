// Application code for events that must be handled exactly once, and for events that a client must not miss.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { ask, connect, open, within } from "./client.mjs";

const auth = { user: "ada" };

/** With `retries`, a client sends one event after the other, and repeats each until it is answered. */
const retrying = () => connect("/", { auth, retries: 3, ackTimeout: 500 });

const ordered = (socket, ...args) =>
  within(
    new Promise((resolve, reject) =>
      socket.emit("order", ...args, (error, answer) => (error ? reject(error) : resolve(answer))),
    ),
    "the order",
  );

test("an answer that is lost is given again, and what it answers is not done again", async () => {
  const socket = await retrying();
  assert.deepEqual(await ordered(socket, randomUUID(), "lost"), { status: "ok", data: 1 });
  socket.close();
});

test("those that ask at the same time have the same answer", async () => {
  const sockets = await Promise.all([connect("/", { auth }), connect("/", { auth })]);
  const key = randomUUID();
  const answers = await Promise.all(sockets.map((socket) => ask(socket, "order", key, "book")));
  assert.deepEqual(answers, [[{ status: "ok", data: 2 }], [{ status: "ok", data: 2 }]]);
  // A key belongs to one user.
  const other = await connect("/", { auth: { user: "bob" } });
  assert.deepEqual(await ask(other, "order", key, "book"), [{ status: "ok", data: 3 }]);
  for (const socket of [...sockets, other]) socket.close();
});

test("an error is an answer, and is not kept", async () => {
  const socket = await retrying();
  assert.deepEqual(await ordered(socket, randomUUID(), "unicorn"), { status: "error", error: "soldOut" });
  socket.close();
});

test("an event that declares no acknowledgement is not sent again", async () => {
  const socket = await retrying();
  socket.emit("note", "once");
  socket.emit("note", "twice");
  const notes = await within(
    new Promise((resolve) => socket.emit("notes", (_, notes) => resolve(notes))),
    "the notes",
  );
  assert.deepEqual(notes, ["once", "twice"]);
  socket.close();
});

/** Continues to read a log after the last entry, whenever it connects. */
function reader(first) {
  const log = { entries: [], last: first, connections: 0, mended: 0 };
  let waiting;
  const socket = open("/", {
    auth: (send) => send({ ...auth, since: log.last }),
    reconnection: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 50,
  });
  const take = (entry) => {
    if (entry.id <= log.last) return;
    if (entry.id > log.last + 1) {
      // The entry was lost between two servers; a new connection fetches it.
      log.mended += 1;
      socket.disconnect().connect();
      return;
    }
    log.last = entry.id;
    log.entries.push(entry);
  };
  socket.on("connect", () => {
    log.connections += 1;
    waiting = [];
  });
  // Entries that arrive before the missed ones wait for them.
  socket.on("entry", (entry) => (waiting ? waiting.push(entry) : take(entry)));
  socket.on("missed", (entries) => {
    const all = [...entries, ...(waiting ?? [])];
    waiting = undefined;
    all.forEach(take);
  });
  return { socket, log };
}

test("a client that loses its connection again and again reads every entry once", async () => {
  const author = await connect("/", { auth });
  const first = await author.emitWithAck("post", "before");
  const { socket, log } = reader(first);
  await within(new Promise((resolve) => socket.once("missed", resolve)), "what was missed");
  let posted = 0;
  for (let round = 0; round < 5; round++) {
    const posting = (async () => {
      for (let number = 0; number < 100; number++) await author.emitWithAck("post", `${posted++}`);
    })();
    await new Promise((resolve) => setTimeout(resolve, 10));
    socket.io.engine.close();
    await within(posting, "the posts", 20_000);
  }
  const until = Date.now() + 10_000;
  while (log.entries.length < posted && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(
    log.entries.map((entry) => entry.text),
    Array.from({ length: posted }, (_, number) => `${number}`),
  );
  assert.ok(log.connections > 5, "it was connected again");
  assert.equal(log.mended, 0);
  author.close();
  socket.close();
});
