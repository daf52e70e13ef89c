// No test: a client of each server, which prints what it hears until it is killed.
import { io } from "socket.io-client";

const sockets = process.env.SERVERS.split(" ").map((server, index) => {
  const name = ["a", "b"][index];
  const socket = io(server, { transports: ["websocket"], auth: { name } });
  socket.on("text", (text) => console.log(`${name} ${text}`));
  return socket;
});
await Promise.all(sockets.map((socket) => socket.emitWithAck("alive")));
console.log("connected");
