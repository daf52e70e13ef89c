// Starts one of the examples' servers.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program of a package: one of those in the directory `PROGRAMS`, or else built and run by cargo. */
export function program(packageName, name) {
  const programs = process.env.PROGRAMS;
  return programs
    ? [join(programs, name), []]
    : ["cargo", ["run", "--quiet", "--package", packageName, "--"]];
}

/** Resolves to the server's address and a way to end it, as soon as it listens. */
export async function startServer(name, port = 0, settings = {}) {
  const [command, args] = program(name, name);
  const server = spawn(command, args, {
    env: { ...process.env, PORT: String(port), ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit").then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal}`);
  });
  ended.catch(() => {});
  const address = await Promise.race([listening(server.stdout), ended]);
  const stop = async (signal = "SIGTERM") => {
    server.kill(signal);
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
