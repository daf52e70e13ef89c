// The client's view of events that the server cannot handle. A second client stays connected and is served throughout.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, connect, next, open, parser, refused, unanswered, within } from "./client.mjs";

const auth = { token: "good" };
let socket, bystander;
before(async () => {
  socket = await connect("/shop", { auth });
  bystander = await connect("/shop", { auth });
});
after(async () => {
  assert.ok(bystander.connected, "the other client was never disconnected");
  assert.deepEqual(await ask(bystander, "add", 1, 2), [{ status: "ok", data: 3 }]);
  bystander.close();
  socket.close();
});

const rejection = (code, message) => [{ status: "rejected", reason: { code, message } }];
const good = { lines: [{ article: "a", count: 2 }] };
const bad = { lines: [{ article: "a", count: 2 }, { article: "b", count: "many" }] };

test("a payload that does not decode", async (t) => {
  await t.test("is rejected where the acknowledgement is fallible", async () => {
    assert.deepEqual(await ask(socket, "buy", good), [{ status: "ok", data: 2 }]);
    assert.deepEqual(await ask(socket, "buy", bad), rejection("invalid_payload", "the payload is not valid"));
  });
  await t.test("is reported to the server where it is not", async () => {
    const told = next(socket, "rejected");
    socket.emit("order", bad);
    const [event, code, detail] = await told;
    assert.equal(event, "order");
    assert.equal(code, "InvalidPayload");
    assert.match(detail, /^argument `order\.lines\[1\]\.count`: /);
  });
});

test("wrong arity", async () => {
  assert.deepEqual(await ask(socket, "add", 1), rejection("invalid_payload", "the payload is not valid"));
  assert.deepEqual(await ask(socket, "add"), rejection("invalid_payload", "the payload is not valid"));
  assert.deepEqual(await ask(socket, "add", 1, 2, 3), [{ status: "ok", data: 3 }]);
});

test("an unknown event", async () => {
  const told = next(socket, "rejected");
  assert.ok(await unanswered(socket, "nothing", 1));
  assert.deepEqual((await told).slice(0, 2), ["nothing", "UnknownEvent"]);
});

test("an unknown namespace", async () => {
  assert.equal((await refused("/unknown")).message, "Invalid namespace");
});

test("a handler that panics, at once or later", async () => {
  for (const late of [false, true]) {
    assert.deepEqual(await ask(socket, "panics", late), rejection("panicked", "internal error"));
  }
  assert.ok(await unanswered(socket, "panicsSilently"));
});

test("an authenticate that refuses", async () => {
  assert.equal((await refused("/shop", { auth: { token: "wrong" } })).message, "unknown token");
});

test("an authenticate that refuses with data", async () => {
  const { message } = await refused("/shop", { auth: { token: "later" } });
  assert.deepEqual(JSON.parse(message), { message: "too early", data: { retryAfter: 5 } });
});

test("an authenticate that panics", async () => {
  assert.equal((await refused("/shop", { auth: { token: "panic" } })).message, "internal error");
});

test("an auth that does not decode", async () => {
  for (const auth of [undefined, {}, { token: 5 }, { other: "x" }]) {
    assert.equal((await refused("/shop", { auth })).message, "invalid auth");
  }
});

test("a client that goes away during an acknowledgement", async () => {
  const leaver = await connect("/shop", { auth });
  const question = next(leaver, "question");
  leaver.emit("ask");
  await question;
  leaver.io.engine.close();
  const deadline = Date.now() + 20_000;
  let outcome = "";
  while (outcome === "" && Date.now() < deadline) {
    [outcome] = await ask(bystander, "outcome");
  }
  assert.match(outcome, /timeout|closed/);
});

test("packets that are none close only their own connection", { skip: parser === "msgpack" && "text packets are the common parser's" }, async () => {
  for (const packet of ['2/shop,["add"', "2/shop,{}", "2/shop,[1,2]", '2/shop,["\\u0061dd",1,2]', "9", '5x-/shop,["add"]']) {
    const attacker = open("/shop", { auth });
    await within(new Promise((resolve) => attacker.once("connect", resolve)), "the connection");
    const gone = within(new Promise((resolve) => attacker.once("disconnect", resolve)), `the end after ${packet}`);
    attacker.io.engine.write(packet);
    await gone;
    assert.deepEqual(await ask(bystander, "add", 2, 2), [{ status: "ok", data: 4 }]);
  }
});

test("an acknowledgement that nobody asked for is ignored", { skip: parser === "msgpack" && "text packets are the common parser's" }, async () => {
  socket.io.engine.write('3/shop,12345["what"]');
  assert.deepEqual(await ask(socket, "add", 2, 2), [{ status: "ok", data: 4 }]);
});
