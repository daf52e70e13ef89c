// No test: two clients of the first server and one of the second, which say numbers and print what they hear, until they
// are told to stop.
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
    // Not before it is connected: what is kept for a connection is sent all at once.
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
// What was said before this is heard before the answer to it.
await sockets[1].emitWithAck("alive");
console.log("done");
