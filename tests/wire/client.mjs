// Helpers for every script: a connected client of the server under test, and a bounded wait.
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

export const parser = process.env.PARSER;
const server = process.env.SERVER;
const options = {
  transports: ["websocket"],
  forceNew: true,
  reconnection: false,
  ...(parser === "msgpack" ? { parser: msgpack } : {}),
};

/** Opens a client without waiting for its connection. */
export const open = (namespace, more = {}) => io(server + namespace, { ...options, ...more });

/** Opens a client, and waits until it is connected. */
export async function connect(namespace, more = {}) {
  const socket = open(namespace, more);
  const connected = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  await within(connected, `the connection to ${namespace}`);
  return socket;
}

/** Resolves to the `connect_error` of a rejected client. */
export async function refused(namespace, more = {}) {
  const socket = open(namespace, more);
  try {
    const refusal = new Promise((resolve, reject) => {
      socket.once("connect_error", resolve);
      socket.once("connect", () => reject(new Error(`${namespace} let the client in`)));
    });
    return await within(refusal, `the refusal of ${namespace}`);
  } finally {
    socket.close();
  }
}

/** Resolves to the arguments of the next event with a name. */
export const next = (socket, event) =>
  within(new Promise((resolve) => socket.once(event, (...args) => resolve(args))), event);

/** Resolves like the promise, or fails after a timeout. */
export function within(promise, what, milliseconds = 20_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come in time`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until a condition holds, or fails after a timeout. */
export async function until(what, isSo, milliseconds = 20_000) {
  const deadline = Date.now() + milliseconds;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves to the server's answer as a list of arguments. */
export const ask = (socket, event, ...args) =>
  within(new Promise((resolve) => socket.emit(event, ...args, (...answer) => resolve(answer))), event);

/** Resolves to `true` if an event is not answered: the server answers a later event of the same socket first. */
export async function unanswered(socket, event, ...args) {
  let answered = false;
  socket.emit(event, ...args, () => (answered = true));
  await ask(socket, "alive");
  return !answered;
}
