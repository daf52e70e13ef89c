// The rows of the wire table, each in both directions: "out" is a value that the server sends, "in" a value that it
// accepts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, connect, next, unanswered } from "./client.mjs";

let socket;
before(async () => (socket = await connect("/wire")));
after(() => socket.close());

const buffer = (...bytes) => Buffer.from(bytes);

/** The server's `binaries()` in JavaScript. */
const binaries = () => ({
  some: buffer(3, 4),
  none: null,
  newtype: buffer(5, 6),
  options: [null, buffer(11, 12)],
  map: { 'a"b': buffer(13, 14) },
  shapes: ["empty", { newtype: buffer(15, 16) }, { tuple: [buffer(17, 18), 4] }, { struct: { bytes: buffer(19, 20) } }],
  tagged: [{ kind: "file", bytes: buffer(21, 22), name: "x" }, { kind: "nothing" }],
  untagged: [buffer(23, 24), "text"],
  inner: buffer(25, 26),
  by_number: 26,
});

const kinds = () => ({
  uuid: "00000000-0000-0000-0000-000000001234",
  address: "127.0.0.1",
  by_number: { 7: true, 8: false },
  by_flag: { true: -1 },
  unit: null,
  nothing: null,
  half: 0.5,
  whole: 2,
  min: -9007199254740991,
  character: "ß",
});

const large = () => ({
  unsigned: "18446744073709551615",
  signed: "-9223372036854775808",
  many: ["1", "18446744073709551615"],
  maybe: "170141183460469231731687303715884105727",
});

test("out: all events without acknowledgement", async (t) => {
  const seen = [];
  const listener = (event, ...args) => seen.push([event, ...args]);
  socket.onAny(listener);
  socket.emit("all");
  await next(socket, "number");
  socket.offAny(listener);
  const sent = (event) => seen.filter(([name]) => name === event).map(([, ...args]) => args);

  await t.test("row `fn ping()`: no argument", () => assert.deepEqual(sent("ping"), [[]]));
  await t.test("row tuple: one argument, an array", () => {
    assert.deepEqual(sent("at"), [[[1, 2]]]);
    assert.deepEqual(sent("pair"), [[[1, 2]]]);
  });
  await t.test("row newtype: its content", () => assert.deepEqual(sent("id"), [["x"]]));
  await t.test("a unit struct is null", () => assert.deepEqual(sent("unit"), [[null]]));
  await t.test("row optional argument: null where none", () =>
    assert.deepEqual(sent("search"), [
      ["x", null],
      ["x", 3],
    ]));
  await t.test("a list is one argument", () => assert.deepEqual(sent("list"), [[["a", "b"]]]));
  await t.test("row Binary: an attachment wherever it stands", () => {
    assert.deepEqual(sent("binaries"), [[binaries()]]);
    assert.deepEqual(sent("bytes"), [[buffer(1, 2)]]);
  });
  await t.test("text and keys are the same under both parsers", () => assert.deepEqual(sent("kinds"), [[kinds()]]));
  await t.test("row 64 bits: decimal strings on demand", () => assert.deepEqual(sent("large"), [[large()]]));
  await t.test("row 64 bits: 2^53 - 1 is sent", () => assert.deepEqual(sent("number"), [[9007199254740991]]));
});

test("row `fn ping()`, in", async () => {
  assert.deepEqual(await ask(socket, "ping"), ["pong"]);
  assert.deepEqual(await ask(socket, "ping", null), ["pong"]);
});

test("row tuple, in and out as acknowledgement", async () => {
  assert.deepEqual(await ask(socket, "at", [1.5, 2]), [[1.5, 2]]);
  assert.deepEqual(await ask(socket, "pair", [1, 2]), [[1, 2]]);
});

test("row newtype, in and out as acknowledgement", async () => {
  assert.deepEqual(await ask(socket, "id", "x"), ["x"]);
});

test("a unit struct, in and out as acknowledgement", async () => {
  assert.deepEqual(await ask(socket, "unit", null), [null]);
});

test("row optional argument, in: missing, null or given", async () => {
  assert.deepEqual(await ask(socket, "search", "x"), [["x", null]]);
  assert.deepEqual(await ask(socket, "search", "x", null), [["x", null]]);
  assert.deepEqual(await ask(socket, "search", "x", undefined), [["x", null]]);
  assert.deepEqual(await ask(socket, "search", "x", 3), [["x", 3]]);
  assert.deepEqual(await ask(socket, "optional"), [[null, null]]);
  assert.deepEqual(await ask(socket, "optional", 1), [[1, null]]);
  assert.deepEqual(await ask(socket, "optional", null, "y"), [[null, "y"]]);
  assert.ok(await unanswered(socket, "search"), "a required argument may not be missing");
});

test("a date is its ISO text, an undefined field is none", async () => {
  for (const time of [0, 1, -1, 951782400000, 1700000000123, -62135596800000]) {
    const date = new Date(time);
    assert.deepEqual(await ask(socket, "echo", date), [date.toJSON()]);
  }
  assert.deepEqual(await ask(socket, "defaults", { count: undefined, list: [undefined] }), [{ count: 7, list: [null] }]);
});

test("row more arguments, in: the rest is ignored", async () => {
  assert.deepEqual(await ask(socket, "search", "x", 3, { more: [1] }, buffer(1)), [["x", 3]]);
  assert.deepEqual(await ask(socket, "ping", 1, 2, 3), ["pong"]);
});

test("row acknowledgement `()`, out: no argument", async () => {
  assert.deepEqual(await ask(socket, "alive"), []);
});

test("row acknowledgement `()`, in: nothing, null or anything", async () => {
  for (const answer of [[], [null], [1, 2]]) {
    socket.once("done", (ack) => ack(...answer));
    assert.deepEqual(await ask(socket, "asks", "done"), ["done"]);
  }
});

test("acknowledgements of a value, in", async () => {
  socket.once("value", (id, ack) => ack(`${id}!`));
  assert.deepEqual(await ask(socket, "asks", "value"), ["x!"]);
  for (const [answer, expected] of [[[], "None"], [[null], "None"], [[4], "Some(4)"]]) {
    socket.once("maybe", (ack) => ack(...answer));
    assert.deepEqual(await ask(socket, "asks", "maybe"), [expected]);
  }
  socket.once("point", (ack) => ack([1, 2.5]));
  assert.deepEqual(await ask(socket, "asks", "point"), ["(1.0, 2.5)"]);
});

test("row acknowledgement `Result`, out", async () => {
  assert.deepEqual(await ask(socket, "divide", 4), [{ status: "ok", data: 0.25 }]);
  assert.deepEqual(await ask(socket, "divide", 0), [{ status: "error", error: "division by zero" }]);
  assert.deepEqual(await ask(socket, "fallibleUnit"), [{ status: "ok", data: null }]);
  const [rejected] = await ask(socket, "divide", "four");
  assert.deepEqual(rejected, {
    status: "rejected",
    reason: { code: "invalid_payload", message: "the payload is not valid" },
  });
});

test("row acknowledgement `Result`, in", async () => {
  const answer = async (what, value) => {
    socket.once("fallible", (_, ack) => ack(value));
    return (await ask(socket, "asks", what))[0];
  };
  assert.equal(await answer("ok", { status: "ok", data: "x" }), "ok x");
  assert.equal(await answer("ok", { data: "x", status: "ok" }), "ok x");
  assert.equal(await answer("no", { status: "error", error: ["a", "b"] }), 'err ["a", "b"]');
  const reason = { code: "refused", message: "not now" };
  assert.equal(await answer("no", { status: "rejected", reason }), "error: the event was rejected: not now");
  assert.match(await answer("no", { status: "what" }), /unknown status `what`; expected one of `ok`, `error`, `rejected`/);
  assert.match(await answer("no", 5), /could not be decoded: argument `acknowledgement`/);
});

test("row Binary, in and out as acknowledgement", async () => {
  assert.deepEqual(await ask(socket, "bytes", buffer(1, 2)), [buffer(1, 2)]);
  assert.deepEqual(await ask(socket, "bytes", new Uint8Array([1, 2])), [buffer(1, 2)]);
  assert.deepEqual(await ask(socket, "bytes", new Uint8Array([1, 2]).buffer), [buffer(1, 2)]);
  assert.deepEqual(await ask(socket, "bytes", new Uint8Array(300).fill(7)), [Buffer.alloc(300, 7)]);
  assert.deepEqual(await ask(socket, "binaries", binaries()), [binaries()]);
});

test("row Binary, in as acknowledgement", async () => {
  socket.once("blob", (blob, ack) => ack(Buffer.concat([blob, buffer(8)])));
  assert.deepEqual(await ask(socket, "asks", "blob"), ["[7, 8]"]);
  // socketioxide's parser cannot read an acknowledgement in which a map's first key has an escape, as in this one.
  socket.once("binariesBack", (back, ack) => ack({ ...back, map: { "a b": back.map['a"b'] } }));
  const [text] = await ask(socket, "asks", "binaries");
  assert.deepEqual(JSON.parse(text).shapes, ["empty", { newtype: [15, 16] }, { tuple: [[17, 18], 4] }, { struct: { bytes: [19, 20] } }]);
  assert.deepEqual(JSON.parse(text).map, { "a b": [13, 14] });
});

test("text and keys, in and out as acknowledgement", async () => {
  assert.deepEqual(await ask(socket, "kinds", kinds()), [kinds()]);
});

test("row 64 bits, in and out as acknowledgement", async () => {
  assert.deepEqual(await ask(socket, "large", large()), [large()]);
  assert.deepEqual(await ask(socket, "large", { ...large(), maybe: undefined }), [{ ...large(), maybe: null }]);
  assert.deepEqual(await ask(socket, "number", "9007199254740991"), [9007199254740991]);
  assert.ok(await unanswered(socket, "number", "9007199254740992"), "an unsafe integer is never sent");
});

test("row 64 bits, out: an error at the sender", async () => {
  const [error] = await ask(socket, "refuses", "number");
  assert.match(error, /integer 9007199254740992 is outside of JavaScript's safe range/);
});

test("row NaN, out: an error at the sender", async () => {
  assert.match((await ask(socket, "refuses", "nan"))[0], /NaN cannot be represented in JSON/);
  assert.match((await ask(socket, "refuses", "infinity"))[0], /inf cannot be represented in JSON/);
  const [rejected] = await ask(socket, "nan");
  assert.equal(rejected.status, "rejected");
  assert.equal(rejected.reason.code, "invalid_answer");
});
