// Starts one of the examples' servers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Resolves to the server's address and a way to end it, as soon as it listens. */
export async function startServer(name, port = 0) {
  const server = spawn("cargo", ["run", "--quiet", "--package", name], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit").then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal}`);
  });
  ended.catch(() => {});
  const address = await Promise.race([listening(server.stdout), ended]);
  const stop = async () => {
    server.kill();
    await ended.catch(() => {});
  };
  return { address, stop };
}

async function listening(output) {
  for await (const line of createInterface(output)) {
    const address = line.match(/^listening on (.*)$/)?.[1];
    if (address) {
      return address;
    }
  }
}
