// Not a test: one client of each server, which prints what it receives until it is killed.
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";

const parsers = process.env.PARSERS.split(" ");

const sockets = process.env.SERVERS.split(" ").map((server, index) => {
  const name = ["a", "b"][index];
  const parser = parsers[index] === "msgpack" ? { parser: msgpack } : {};
  const socket = io(server, { transports: ["websocket"], auth: { name }, ...parser });
  socket.on("text", (text) => console.log(`${name} ${text}`));
  socket.on("bytes", (bytes) => console.log(`${name} ${Buffer.from(bytes)}`));
  socket.on("question", (text, answer) => answer(`${name}: ${text}`));
  return socket;
});
await Promise.all(sockets.map((socket) => socket.emitWithAck("alive")));
console.log("connected");
