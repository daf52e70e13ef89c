// A service on the Node.js server, which takes part in inter-server events with the generated types.
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import type { InterServerEvents, Load } from "./events";

const url = process.env["REDIS_URL"] ?? "redis://localhost";
const publisher = createClient({ url });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const io = new Server<Record<string, never>, Record<string, never>, InterServerEvents>();
io.adapter(createAdapter(publisher, subscriber));
io.on("userBanned", (name) => console.log(`the worker heard that ${name} is banned`));
io.on("load", (answer) => answer({ server: "worker", clients: 0 }));

setInterval(async () => {
  const loads: Load[] = await io.serverSideEmitWithAck("load");
  console.log("the worker asked for loads:", loads.map(({ server, clients }) => `${server} ${clients}`).join(", "));
}, 10_000);
console.log("the worker is there");
