// Not a test: clients that send events and wait for answers until standard input ends. The script fails if an answer is
// wrong or missing, or if a connection ends.
import assert from "node:assert/strict";

import { connect, within } from "./client.mjs";

let isOver = false;
process.stdin.on("end", () => (isOver = true)).resume();

const ask = (socket, event, ...args) => within(socket.emitWithAck(event, ...args), event, 30_000);

async function exchange(transports) {
  const socket = await connect("/", { transports });
  const ends = [];
  socket.on("disconnect", (reason) => ends.push(reason));
  socket.on("question", (text, answer) => answer(text === "are you there?"));
  let count = 0;
  while (!isOver) {
    const sum = await ask(socket, "add", count, 1);
    assert.deepEqual(sum, { status: "ok", data: count + 1 });
    const bytes = Buffer.from([count, 2, 3]);
    const shape = await ask(socket, "shape", { type: "Blob", num: 1, bytes });
    assert.deepEqual(Buffer.from(shape.data.bytes), bytes);
    assert.equal(await ask(socket, "askPatiently"), true);
    assert.deepEqual(ends, []);
    count++;
  }
  socket.close();
  return count;
}

const counts = await Promise.all([exchange(["websocket"]), exchange(["polling", "websocket"])]);
assert.ok(counts.every((count) => count > 0));
console.log(`${counts.join(" and ")} rounds of clients that keep to the protocol`);
