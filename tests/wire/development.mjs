// In development mode, a client receives the exact reason of an error.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, refused } from "./client.mjs";

test("the details of a refusal", async () => {
  const socket = await connect("/shop", { auth: { token: "good" } });
  const [{ reason }] = await ask(socket, "buy", { lines: [{ article: "a" }] });
  assert.equal(reason.message, "argument `order.lines[0]`: missing field `count`");
  const [{ reason: panic }] = await ask(socket, "panics", false);
  assert.equal(panic.message, "the handler panicked: the handler's secret");
  socket.close();
  assert.match((await refused("/shop", { auth: {} })).message, /^invalid auth: missing field `token`/);
});
