// Emits from the server to one child of a dynamic namespace and to all of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, next, open, refused } from "./client.mjs";

test("one child, and every child", async () => {
  const paths = ["/tenant/acme%20%26%20co/1", "/tenant/acme%20%26%20co/1", "/tenant/other/2"];
  const sockets = paths.map((path) => open(path));
  const texts = sockets.map((socket) => {
    const texts = [];
    socket.on("text", (text) => texts.push(text));
    return texts;
  });
  await Promise.all(sockets.map((socket) => next(socket, "ready")));
  assert.deepEqual(texts, [["to acme", "to all"], ["to acme", "to all"], ["to all"]]);
  sockets.forEach((socket) => socket.close());
});

test("a path has one spelling", async () => {
  for (const path of ["/tenant/%61cme/1", "/tenant/acme/01", "/tenant/acme/+1", "/tenant/ä/1", "/tenant/%c3%a4/1"]) {
    assert.equal((await refused(path)).message, "Invalid namespace", path);
  }
  const socket = await connect(`/tenant/${encodeURIComponent("ä")}/1`);
  socket.close();
});
