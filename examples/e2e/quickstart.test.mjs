// The program in the README: its client is compiled against the generated types, and runs twice against its server.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer, within } from "./server.mjs";

const directory = fileURLToPath(new URL("../quickstart/client/", import.meta.url));
const clients = [];
let server;

before(async () => {
  server = await startServer("quickstart");
});
after(async () => {
  clients.forEach((client) => client.kill());
  await server?.stop();
});

/** Starts a client, and returns a function for its next lines. */
function start(program) {
  const client = spawn("node", [program], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  clients.push(client);
  const lines = createInterface(client.stdout)[Symbol.asyncIterator]();
  return async () => {
    const { value } = await within(30_000, "a line of a client", lines.next());
    return value;
  };
}

test("two clients of the README's program talk to each other", async () => {
  const compiler = `${directory}node_modules/typescript/bin/tsc`;
  await promisify(execFile)("node", [compiler], { cwd: directory });
  // The README's client has a fixed address; the test's server has a free port.
  const code = await readFile(`${directory}dist/client.js`, "utf8");
  assert.ok(code.includes("http://localhost:3000"), code);
  const program = `${directory}dist/client-of-test.js`;
  await writeFile(
    program,
    code.replace("http://localhost:3000", server.address),
  );

  const first = start(program);
  assert.equal(await first(), "received by 0 others");
  const second = start(program);
  assert.equal(await second(), "received by 1 others");
  assert.equal(await first(), "Ada: Hello");
});
