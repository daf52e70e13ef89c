// Not a test: two clients of the first server and one of the second. They send numbers and print the numbers that they
// receive, until they are told to stop.
import { io } from "socket.io-client";

const servers = process.env.SERVERS.split(" ");
let works = true;

const start = (name, server) => {
  const socket = io(server, { transports: ["websocket"], forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, auth: { name } });
  socket.on("text", (text) => console.log(`${name} hears ${text}`));
  socket.on("connect", () => console.log(`${name} connects`));
  return socket;
};

const talk = async (name, socket) => {
  for (let number = 0; works; number++) {
    // Waits for the connection, because the client sends buffered events in one burst when it connects.
    while (works && !socket.connected) await new Promise((resolve) => setTimeout(resolve, 20));
    const answer = await socket.timeout(20_000).emitWithAck("say", "broadcast", "", `${name} ${number}`).catch(() => undefined);
    console.log(`${name} ${answer?.status === "ok" ? "said" : "may have said"} ${number}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const names = ["a", "listener", "b"];
const sockets = [servers[0], servers[0], servers[1]].map((server, index) => start(names[index], server));
await Promise.all(sockets.map((socket) => socket.emitWithAck("alive")));
console.log("connected");
process.stdin.once("data", () => (works = false));
await Promise.all([talk("a", sockets[0]), talk("b", sockets[2])]);
// Numbers that were sent before this event arrive before its answer.
await sockets[1].emitWithAck("alive");
console.log("done");
