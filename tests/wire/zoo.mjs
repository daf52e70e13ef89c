// Every value of the zoo: received as Rust has serialized it, sent back, and rejected if it is invalid.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { open, within } from "./client.mjs";

const tasks = JSON.parse(readFileSync(process.env.INPUT, "utf8"));
const namespaces = new Map();
for (const task of tasks) {
  namespaces.set(task.namespace, [...(namespaces.get(task.namespace) ?? []), task]);
}

/** Collects the received values by event. */
function collect(socket) {
  const received = new Map();
  socket.onAny((event, ...args) => {
    assert.equal(args.length, 1, `${event} carries one argument`);
    received.set(event, [...(received.get(event) ?? []), args[0]]);
  });
  return received;
}

/**
 * Sends the namespace's last value and waits for its echo, so that the server has handled everything that was sent
 * before.
 */
async function settled(socket, received, { event, accepted }, before) {
  const isBack = () => (received.get(event)?.length ?? 0) > before;
  socket.emit(event, accepted.at(-1));
  await within(
    new Promise((resolve) => socket.onAny(() => isBack() && resolve())),
    `the echo of ${event}`,
  );
  received.get(event).pop();
}

/** Connects, and waits for all values that the server sends on its own. */
async function connected(namespace, members, last) {
  const socket = open(namespace);
  const received = collect(socket);
  const count = members.flatMap(({ sent }) => sent).length;
  const all = () => [...received.values()].flat().length >= count;
  await within(new Promise((resolve) => socket.onAny(() => all() && resolve())), "what is sent");
  await settled(socket, received, last, last.sent.length);
  return { socket, received };
}

for (const [namespace, members] of namespaces) {
  const last = members.findLast(({ accepted }) => accepted.length > 0);

  test(`${namespace}: the values that the server sends`, async () => {
    const { socket, received } = await connected(namespace, members, last);
    for (const { event, sent } of members) assert.deepEqual(received.get(event), sent, event);
    socket.close();
  });

  test(`${namespace}: the values that clients send`, async () => {
    const { socket, received } = await connected(namespace, members, last);
    received.clear();
    for (const { event, accepted } of members) {
      for (const value of accepted) socket.emit(event, value);
    }
    await settled(socket, received, last, last.echoed.length);
    for (const { event, echoed } of members) {
      assert.deepEqual(received.get(event) ?? [], echoed, event);
    }
    socket.close();
  });

  test(`${namespace}: the values that are refused`, async () => {
    const { socket, received } = await connected(namespace, members, last);
    received.clear();
    for (const { event, refused } of members) {
      for (const value of refused) socket.emit(event, value);
    }
    await settled(socket, received, last, 0);
    assert.deepEqual([...received.values()].flat(), [], "nothing of it comes back");
    socket.close();
  });
}
