// Events without room in the send buffer, under each overflow policy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ask, connect, within } from "./client.mjs";

const policy = readFileSync(process.env.INPUT, "utf8");
const MANY = 20000;

test(policy, async () => {
  const socket = await connect("/", { reconnection: true, reconnectionDelay: 10 });
  const seen = [];
  socket.on("number", (number) => seen.push(number));
  if (policy === "disconnect") {
    const gone = new Promise((resolve) => socket.once("disconnect", resolve));
    socket.emit("count", MANY);
    // `transport error` if the server had not read everything.
    assert.match(await within(gone, "the end"), /^transport (close|error)$/);
    await within(new Promise((resolve) => socket.once("connect", resolve)), "a new connection");
  } else {
    // The answer waits until there is room.
    const taken = await within(socket.emitWithAck("count", MANY), "the answer", 20000);
    assert.ok(seen.length < MANY, "all of them had room");
    assert.equal(taken, policy === "refuse" ? seen.length : MANY);
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  }
  assert.deepEqual(await ask(socket, "echo", 1), [1]);
  socket.close();
});
