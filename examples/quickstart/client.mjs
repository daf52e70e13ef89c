// Two clients of the quickstart's server: one posts, the other receives.
import { io } from "socket.io-client";

const server = process.env.SERVER ?? "http://localhost:3000";
const [ada, grace] = [io(server), io(server, { forceNew: true })];

const connected = (socket) =>
  new Promise((resolve) => socket.once("connect", resolve));
await Promise.all([connected(ada), connected(grace)]);

const received = new Promise((resolve) => grace.once("message", resolve));
console.log(await ada.emitWithAck("post", { author: "Ada", text: "Hello" }));
console.log(await received);
console.log(await ada.emitWithAck("post", { author: "Ada", text: "" }));

ada.disconnect();
grace.disconnect();
