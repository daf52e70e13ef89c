// Starts the servers of the examples.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Returns the command for a program of a package: one from the directory `PROGRAMS`, or one that cargo builds and runs.
 */
export function program(packageName, name) {
  const programs = process.env.PROGRAMS;
  return programs
    ? [join(programs, name), []]
    : ["cargo", ["run", "--quiet", "--package", packageName, "--"]];
}

/** Resolves like the promise, or rejects with an error that names what did not happen in time. */
export async function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`not within ${milliseconds / 1000} s: ${what}`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a server. Resolves to its address and a function to stop it, as soon as it listens. */
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
  const started = Promise.race([listening(server.stdout), ended]);
  // If cargo has to build the program first, that takes most of the time.
  const address = await within(600_000, `${name} listens`, started).catch(
    (error) => {
      server.kill("SIGKILL");
      throw error;
    },
  );
  const stop = async (signal = "SIGTERM") => {
    server.kill(signal);
    const end = ended.catch(() => {});
    await within(60_000, `${name} ends by ${signal}`, end).catch((error) => {
      server.kill("SIGKILL");
      throw error;
    });
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
