// A server that shuts down although a handler hangs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, within } from "./client.mjs";

test("the client of a handler that hangs is disconnected", async () => {
  const socket = await connect("/");
  socket.emit("hang");
  await ask(socket, "alive");
  const gone = new Promise((resolve) => socket.once("disconnect", resolve));
  socket.emit("stop");
  assert.equal(await within(gone, "the disconnection", 30_000), "transport close");
});
