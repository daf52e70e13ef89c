// The client's view of rate limits. A second client stays connected and is served throughout.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, connect, next, open, within } from "./client.mjs";

const ok = (data) => [{ status: "ok", data }];
const limited = [
  { status: "rejected", reason: { code: "rate_limited", message: "too many events in a short time" } },
];

let bystander;
before(async () => (bystander = await connect("/")));
after(async () => {
  assert.ok(bystander.connected, "the other client was never disconnected");
  assert.deepEqual(await ask(bystander, "add", 1, 2), ok(3));
  bystander.close();
});

/** Resolves to the number of handled events out of `count`; the server rejects the others. */
async function handled(socket, count) {
  const asked = Array.from({ length: count }, (_, index) => ask(socket, "add", 1, index));
  const answers = await Promise.all(asked);
  const refused = answers.filter(([{ status }]) => status === "rejected");
  refused.forEach((answer) => assert.deepEqual(answer, limited));
  return count - refused.length;
}

for (const way of ["the fast way", "the engine's way"]) {
  const start = async () => {
    const socket = await connect("/");
    if (way !== "the fast way") {
      await ask(socket, "listen");
    }
    return socket;
  };

  test(`an event with a rate, ${way}`, async () => {
    const socket = await start();
    // An invalid event counts once.
    const [{ reason }] = await ask(socket, "rare", "one");
    assert.equal(reason.code, "invalid_payload");
    assert.deepEqual(await ask(socket, "rare", 2), ok(2));
    assert.deepEqual(await ask(socket, "rare", 3), ok(3));
    assert.deepEqual(await ask(socket, "rare", 4), limited);
    assert.deepEqual(await ask(socket, "rare", "five"), limited, "it is not even looked at");
    assert.deepEqual(await ask(socket, "add", 2, 2), ok(4), "other events have their own");
    assert.deepEqual(await ask(bystander, "rare", 1), ok(1));
    socket.close();
  });

  test(`an event that nobody is told of, ${way}`, async () => {
    const socket = await start();
    const [before] = await ask(socket, "count");
    for (let count = 0; count < 10; count++) {
      socket.emit("rareAndQuiet");
    }
    assert.deepEqual(await ask(socket, "count"), [before + 4]);
    socket.close();
  });

  test(`all events of a socket, ${way}`, async () => {
    const socket = await start();
    const before = way === "the fast way" ? 0 : 1;
    assert.equal(await handled(socket, 60), 40 - before);
    // An acknowledgement without a `Result` cannot express a rejection, and is omitted.
    let answered = false;
    socket.emit("alive", () => (answered = true));
    assert.deepEqual(await ask(socket, "add", 1, 1), limited);
    assert.ok(!answered);
    socket.close();
  });
}

test("events that wait for the `connected` hook", async () => {
  const socket = open("/slow");
  await within(new Promise((resolve) => socket.once("connect", resolve)), "the connection");
  const asked = handled(socket, 60);
  await ask(bystander, "release");
  assert.equal(await asked, 40);
  socket.close();
});

test("a client that does not stop", async () => {
  const socket = await connect("/");
  const gone = next(socket, "disconnect");
  for (let count = 0; count < 300; count++) {
    socket.emit("add", 1, count);
  }
  // Further events end the connection, possibly before the disconnect packet arrives.
  assert.match((await gone)[0], /^(io server disconnect|transport close)$/);
});
