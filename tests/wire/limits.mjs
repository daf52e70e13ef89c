// The client's view of limits. A second client stays connected and is served throughout.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Manager } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

import { ask, connect, open, parser, refused, until, within } from "./client.mjs";

const isText = parser === "common";
const textOnly = { skip: !isText && "text packets are the common parser's" };
const ok = (data) => [{ status: "ok", data }];
const error = (error) => [{ status: "error", error }];
const rejection = (code, message) => [{ status: "rejected", reason: { code, message } }];

let socket, bystander;
before(async () => {
  socket = await connect("/");
  bystander = await connect("/");
});
after(async () => {
  assert.ok(bystander.connected, "the other client was never disconnected");
  assert.deepEqual(await ask(bystander, "add", 1, 2), ok(3));
  bystander.close();
  socket.close();
});

test("arguments", async () => {
  const invalid = rejection("invalid_payload", "the payload is not valid");
  assert.deepEqual(await ask(socket, "add", 1, 2, ...Array(6).fill(0)), ok(3));
  assert.deepEqual(await ask(socket, "add", 1, 2, ...Array(7).fill(0)), invalid);
  assert.deepEqual(await ask(socket, "add", 1, 2, ...Array(50_000).fill(0)), invalid);
  assert.ok(socket.connected);
});

test("rooms", async () => {
  assert.deepEqual(await ask(socket, "join", 0, 3), ok(3));
  assert.deepEqual(await ask(socket, "join", 3, 3), error("at most 5"));
  assert.deepEqual(await ask(socket, "joinQuietly", 3, 3), [3]);
  assert.deepEqual(await ask(socket, "join", 3, 2), ok(5));
  assert.deepEqual(await ask(socket, "join", 2, 3), ok(5), "those that it is in already");
  assert.deepEqual(await ask(socket, "join", 5, 1), error("at most 5"));
  assert.deepEqual(await ask(socket, "leave", 0, 2), [3]);
  assert.deepEqual(await ask(socket, "join", 7, 2), ok(5));
  assert.deepEqual(await ask(bystander, "join", 0, 5), ok(5), "another client has its own");
});

test("acknowledgements that the server waits for", async () => {
  const answered = await ask(socket, "ask", 5);
  assert.deepEqual(answered, [["timeout", "timeout", "timeout", "at most 3", "at most 3"]]);
  socket.on("question", (answer) => answer(true));
  assert.deepEqual(await ask(socket, "ask", 3), [["yes", "yes", "yes"]]);
});

test("acknowledgements that nobody asked for", textOnly, async () => {
  for (let id = 0; id < 5000; id++) {
    socket.io.engine.write(`3${id * 7919}["what"]`);
  }
  assert.deepEqual(await ask(socket, "add", 2, 2), ok(4));
});

test("events that nobody knows", async () => {
  for (let count = 0; count < 3000; count++) {
    socket.emit("nothing", count);
  }
  assert.deepEqual(await ask(socket, "add", 2, 2), ok(4));
});

test("events that wait for the `connected` hook", async () => {
  const client = open("/slow");
  await within(new Promise((resolve) => client.once("connect", resolve)), "the connection");
  let overloaded = 0;
  for (let count = 0; count < 1024 + 50; count++) {
    client.emit("add", 1, count, ({ status, reason }) => {
      overloaded += status === "rejected" && reason.code === "overloaded" ? 1 : 0;
    });
  }
  await until("50 events are refused", () => overloaded >= 50);
  await ask(bystander, "release");
  // This answer comes after all others.
  assert.deepEqual(await ask(client, "add", 1, 1), ok(2));
  assert.equal(overloaded, 50);
  client.close();
});

test("namespaces of a connection", async () => {
  const options = { transports: ["websocket"], forceNew: true, ...(isText ? {} : { parser: msgpack }) };
  const manager = new Manager(process.env.SERVER, options);
  const outcome = (socket) =>
    within(
      new Promise((resolve) => {
        socket.once("connect", () => resolve("connected"));
        socket.once("connect_error", ({ message }) => resolve(message));
      }),
      "an outcome",
    );
  const paths = ["/", "/slow", "/tenant/third", "/tenant/fourth"];
  const sockets = paths.map((path) => manager.socket(path));
  assert.deepEqual(await Promise.all(sockets.map(outcome)), Array(4).fill("connected"));
  const fifth = manager.socket("/tenant/fifth");
  assert.equal(await outcome(fifth), "too many namespaces");
  // None of these attempts leaves a trace.
  const others = Array.from({ length: 50 }, (_, index) => manager.socket(`/tenant/more${index}`));
  for (const other of await Promise.all(others.map(outcome))) {
    assert.equal(other, "too many namespaces");
  }
  assert.deepEqual(await ask(sockets[0], "add", 2, 3), ok(5), "the others go on");
  // The server handles packets in order, so that the connection has room for a namespace immediately.
  sockets[3].disconnect();
  fifth.connect();
  assert.equal(await outcome(fifth), "connected");
  assert.deepEqual(await ask(fifth, "add", 2, 3), ok(5));
  manager._close();
});

test("children of a dynamic namespace", async () => {
  const enter = async (path) => {
    const deadline = Date.now() + 20_000;
    for (;;) {
      try {
        return await connect(path);
      } catch (error) {
        assert.equal(error.message, "too many children");
        assert.ok(Date.now() < deadline, `there is never a place for ${path}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const first = await enter("/tenant/a");
  const second = await enter("/tenant/b");
  const third = await enter("/tenant/c");
  assert.equal((await refused("/tenant/d")).message, "too many children");
  const another = await connect("/tenant/a");
  assert.deepEqual(await ask(another, "add", 2, 3), ok(5), "one that is there takes in others");
  third.close();
  // Rejected clients leave no child behind.
  for (let stranger = 0; stranger < 20; stranger++) {
    const { message } = await refused(`/tenant/stranger${stranger}`, { auth: "x" });
    assert.ok(["who is that?", "too many children"].includes(message), message);
  }
  const fourth = await enter("/tenant/d");
  for (const socket of [first, second, another, fourth]) {
    assert.deepEqual(await ask(socket, "add", 2, 3), ok(5));
    socket.close();
  }
});
