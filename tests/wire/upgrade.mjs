// A client that begins with polling: every event arrives once and in order, over either transport.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, within } from "./client.mjs";

const transports = ["polling", "websocket"];

test("no event is lost or overtaken by another while the transport changes", async () => {
  const socket = await connect("/", { transports });
  const { engine } = socket.io;
  let isUpgraded = engine.transport.name === "websocket";
  engine.once("upgrade", () => (isUpgraded = true));
  let sent = 0;
  const answers = [];
  const send = () => {
    const number = sent++;
    answers.push(ask(socket, "number", number).then(([answer]) => assert.equal(answer, number)));
  };
  const upgraded = (async () => {
    while (!isUpgraded) {
      send();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await within(upgraded, "the change of the transport");
  for (let more = 0; more < 50; more++) send();
  await Promise.all(answers);
  assert.deepEqual(await ask(socket, "numbers"), [Array.from({ length: sent }, (_, number) => number)]);
  assert.deepEqual(await ask(socket, "bytes", Buffer.from("bytes")), [5]);
  socket.close();
});

test("a namespace that is entered afterwards", async () => {
  const socket = await connect("/", { transports });
  if (socket.io.engine.transport.name !== "websocket") {
    await within(new Promise((resolve) => socket.io.engine.once("upgrade", resolve)), "the change of the transport");
  }
  const chat = socket.io.socket("/chat");
  chat.connect();
  assert.deepEqual(await ask(chat, "add", 1, 2), [3]);
  chat.close();
  assert.deepEqual(await ask(socket, "add", 2, 3), [5]);
  socket.close();
});

test("a client that only polls", async () => {
  const socket = await connect("/", { transports: ["polling"] });
  assert.deepEqual(await ask(socket, "add", 1, 2), [3]);
  assert.deepEqual(await ask(socket, "bytes", Buffer.from("bytes")), [5]);
  socket.close();
});
