// A server that sends more without a pause than its send buffer holds: no event is lost or out of order.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, within } from "./client.mjs";

const numbers = (count) => Array.from({ length: count }, (_, number) => number);

for (const transport of ["websocket", "polling"]) {
  const options = { transports: [transport] };
  // More than fit into the buffer and its queue.
  const many = 5000;

  test(`${transport}: a burst of events arrives whole and in order`, async () => {
    const socket = await connect("/", options);
    const seen = [];
    const all = new Promise((resolve) => {
      socket.on("number", (number) => {
        seen.push(number);
        if (seen.length === many) resolve();
      });
    });
    const taken = within(socket.emitWithAck("count", many), "the answer", 20000);
    await within(all, "the events", 20000);
    assert.equal(await taken, many);
    assert.deepEqual(seen, numbers(many));
    socket.close();
  });

  test(`${transport}: a burst of attachments`, async () => {
    const socket = await connect("/", options);
    const seen = [];
    socket.on("bytes", (number, bytes) => seen.push([number, bytes.byteLength]));
    assert.equal(await within(socket.emitWithAck("attach", 3000), "the answer", 20000), 3000);
    assert.deepEqual(seen, numbers(3000).map((number) => [number, 10]));
    socket.close();
  });

  test(`${transport}: a burst of questions is answered`, async () => {
    const socket = await connect("/", options);
    socket.on("double", (number, answer) => answer(number * 2));
    assert.equal(await within(socket.emitWithAck("ask", 3000), "the answer", 20000), 3000);
    socket.close();
  });
}

test("a flood of questions is answered, each of them", async () => {
  const socket = await connect("/");
  const answers = await within(Promise.all(numbers(30000).map((number) => socket.emitWithAck("echo", number))), "all", 40000);
  assert.deepEqual(answers, numbers(30000));
  assert.deepEqual(await ask(socket, "echo", 1), [1]);
  socket.close();
});
