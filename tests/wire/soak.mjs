// Not a test: official clients for `cargo xtask soak`, which talk until they are told to stop, and then print a report.
import { io } from "socket.io-client";

const servers = process.env.SERVERS.split(" ");
const count = Number(process.env.COUNT);
const told = { sent: 0, acknowledged: 0, heard: 0, doubled: 0, unanswered: [], missing: [], ends: [] };
let works = true;

/** Records a message of another client's session, whose messages are numbered. */
function hear(ear, server, { sender, session, number }) {
  told.heard += 1;
  const key = `${sender} ${session}`;
  const last = ear.get(key);
  const at = Date.now();
  if (last !== undefined && number <= last.number) {
    told.doubled += 1;
    return;
  }
  if (last !== undefined) {
    for (let missing = last.number + 1; missing < number; missing++) {
      told.missing.push({ servers: [(sender - base) % servers.length, server], from: last.at, to: at });
    }
  }
  ear.set(key, { number, at });
}

/** Distinguishes these clients' numbers from those of the other clients. */
const base = 3_000_000;

function start(index) {
  const server = index % servers.length;
  const room = `official ${Math.floor(index / 10)}`;
  const socket = io(servers[server], {
    transports: [["polling"], ["polling", "websocket"], ["websocket"]][Math.floor(index / servers.length) % 3],
    forceNew: true,
    reconnectionDelay: 200,
    reconnectionDelayMax: 1000,
  });
  let session = 0;
  let events = 0;
  let said = 0;
  let ear = new Map();
  const ask = async (event, ...args) => {
    told.sent += 1;
    const [at, mine] = [Date.now(), session];
    try {
      await socket.timeout(10_000).emitWithAck(event, events++, ...args);
      told.acknowledged += 1;
    } catch {
      // The connection may have ended first.
      if (mine === session && socket.connected) told.unanswered.push({ at, server, why: event });
    }
  };
  socket.on("connect", () => {
    session += 1;
    [events, said, ear] = [0, 0, new Map()];
    ask("enter", room);
  });
  socket.on("disconnect", (why) => {
    if (works) told.ends.push({ at: Date.now(), server, why });
  });
  socket.on("said", (what) => hear(ear, server, what));
  const timer = setInterval(() => {
    if (!works || !socket.connected) return;
    const bytes = said % 5 === 4 ? Buffer.from([7]) : null;
    if (Math.random() < 0.5) ask("echo");
    else ask("say", room, { sender: base + index, session, number: said++, bytes });
  }, 2000);
  return { socket, timer };
}

const clients = Array.from({ length: count }, (_, index) => start(index));
process.stdin.once("data", () => {
  works = false;
  setTimeout(() => {
    for (const { socket, timer } of clients) {
      clearInterval(timer);
      socket.close();
    }
    process.stdout.write(JSON.stringify(told), () => setTimeout(() => process.exit(0), 500));
  }, 11_000);
});
