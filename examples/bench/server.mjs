// The same server as `typed`, built with Socket.IO's own server on Node.js. The first argument is the cluster's URL.

import { createServer } from "node:http";

import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";

const url = process.argv[2] ?? "memory://";
const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  ...(process.env.MSGPACK ? { parser: msgpack.default } : {}),
});
if (url.startsWith("redis:")) {
  const publisher = createClient({ url });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  io.adapter(createAdapter(publisher, subscriber));
}

let seen = 0;
let late = 0;

io.on("connection", (socket) => {
  socket.join("all");
  socket.on("echo", (note, acknowledge) => acknowledge(note));
  socket.on("blob", (data, acknowledge) => acknowledge(data));
  socket.on("shout", (text) => io.to("all").emit("heard", text));
  socket.on("say", (text) => socket.broadcast.emit("heard", text));
  socket.on("number", (number) => {
    if (number < seen) late += 1;
    seen += 1;
  });
  socket.on("numbers", (_, acknowledge) => acknowledge([seen, late]));
  for (let other = 1; other <= 44; other += 1) {
    const name = `other${String(other).padStart(2, "0")}`;
    socket.on(name, (note, acknowledge) => acknowledge(note.id > 0));
  }
});

http.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});
