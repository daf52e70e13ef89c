import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "./server.mjs";

const client = fileURLToPath(
  new URL("../quickstart/client.mjs", import.meta.url),
);
let server;

before(async () => {
  server = await startServer("quickstart");
});
after(() => server?.stop());

test("the quickstart's client posts, receives and is refused", async () => {
  const env = { ...process.env, SERVER: server.address };
  const { stdout } = await promisify(execFile)("node", [client], {
    env,
    timeout: 30_000,
  });
  assert.deepEqual(stdout.trim().split("\n"), [
    "{ status: 'ok', data: 1 }",
    "{ author: 'Ada', text: 'Hello' }",
    "{ status: 'error', error: 'empty' }",
  ]);
});
