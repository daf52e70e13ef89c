// Not a test: many clients, alternating between two servers, until the process is killed.
import { io } from "socket.io-client";

const servers = process.env.SERVERS.split(" ");
const count = Number(process.env.CROWD);
const waiting = new Set();
for (let index = 0; index < count; index++) {
  const socket = io(servers[index % 2], {
    transports: ["websocket"],
    forceNew: true,
    auth: { name: `client ${index}` },
  });
  const connected = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  waiting.add(connected);
  // Connects some at a time, because a listener's backlog is short.
  if (waiting.size === 100) {
    await Promise.all(waiting);
    waiting.clear();
  }
}
await Promise.all(waiting);
console.log("connected");
