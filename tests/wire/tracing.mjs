// Events that the server's log must mention.
import { test } from "node:test";

import { ask, connect } from "./client.mjs";

test("a client comes, does something, and goes", async () => {
  const socket = await connect("/");
  await ask(socket, "traced");
  socket.close();
});
