// The client's view of a panic during authentication.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, refused, within } from "./client.mjs";

test("a panic while a client is let in is an error at once, over either transport", async () => {
  for (const transports of [["websocket"], ["polling"]]) {
    for (const how of ["unreadable", "authenticate", "unwritable"]) {
      const error = await within(refused("/rooms/a", { auth: { how }, transports }), `the refusal of ${how}`);
      assert.equal(error.message, "internal error");
    }
    const error = await within(refused("/rooms/unreadable", { auth: { how: "good" }, transports }), "the refusal");
    assert.equal(error.message, "internal error");
  }
  const socket = await connect("/rooms/a", { auth: { how: "good" } });
  assert.deepEqual(await ask(socket, "alive"), []);
  socket.close();
});
