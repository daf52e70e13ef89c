// Time that a text takes from one client to another, over one server, and over two servers on each engine.
//
// `cargo xtask bench-cluster` builds the servers and runs this, with the URLs of the engines as arguments.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const MESSAGES = 2_000;
const ROUNDS = 5;
const directory = process.env.SERVERS;

async function start(program, url) {
  const server = spawn(`${directory}/${program}`, [url], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(server.stdout)) {
    const address = line.match(/^listening on (.*)$/)?.[1];
    if (address) return { address, stop: () => server.kill() };
  }
  throw new Error(`${program} ended`);
}

async function connect(address) {
  const socket = io(address, { transports: ["websocket"], forceNew: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Returns the times of one message after the other, in microseconds, sorted. */
async function measure(from, to, messages) {
  const times = [];
  for (let index = 0; index < messages; index++) {
    const heard = new Promise((resolve) => to.once("heard", resolve));
    const started = process.hrtime.bigint();
    from.emit("say", "hello");
    await heard;
    times.push(Number(process.hrtime.bigint() - started) / 1000);
  }
  return times.sort((a, b) => a - b);
}

async function setUp(program, url) {
  const isOne = url.startsWith("memory:");
  const one = await start(program, url);
  const other = isOne ? one : await start(program, url);
  const [from, to] = [await connect(one.address), await connect(other.address)];
  // The servers may need a moment to discover each other.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await measure(from, to, 200);
  const stop = () => {
    for (const socket of [from, to]) socket.close();
    for (const server of [one, other]) server.stop();
  };
  return { from, to, stop, rounds: [] };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

console.log("engine      | by hand p50 p99 (µs) | sio-types p50 p99 (µs) | ratio p50 p99");
for (const url of ["memory://", ...process.argv.slice(2)]) {
  const contenders = { by_hand: await setUp("by_hand", url), typed: await setUp("typed", url) };
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of Object.values(contenders)) {
      contender.rounds.push(await measure(contender.from, contender.to, MESSAGES));
    }
  }
  const at = ({ rounds }, quantile) => median(rounds.map((times) => times[Math.floor(times.length * quantile)]));
  const [p50, p99] = [0.5, 0.99].map((quantile) => Object.values(contenders).map((one) => at(one, quantile)));
  for (const { stop } of Object.values(contenders)) stop();
  const cell = (value) => value.toFixed(0).padStart(6);
  const name = url.split(":")[0].padEnd(11);
  console.log(
    `${name} |        ${cell(p50[0])} ${cell(p99[0])} |          ${cell(p50[1])} ${cell(p99[1])} |` +
      `    ${(p50[1] / p50[0]).toFixed(2)} ${(p99[1] / p99[0]).toFixed(2)}`,
  );
}
process.exit();
