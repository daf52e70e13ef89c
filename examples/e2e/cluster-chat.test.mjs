// The chat on two servers that share one Redis.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, afterEach, before, test } from "node:test";
import {
  Browser,
  goTo,
  isIn,
  messages,
  say,
  sees,
  seesNoMore,
  signIn,
} from "./people.mjs";
import { startServer, within } from "./server.mjs";

let redis;
let browser;
let north;
let south;
let CLUSTER_URL;
const servers = [];

async function start(NAME) {
  const server = await startServer("chat-server", 0, { CLUSTER_URL, NAME });
  servers.push(server);
  return server;
}

/** Resolves when Redis accepts connections. */
async function accepts(redis) {
  for await (const line of redis.stdout) {
    if (String(line).includes("Ready to accept connections")) return;
  }
  throw new Error("Redis ended");
}

/** Waits until an administrator's server knows both servers. Before that, the servers do not exchange events. */
async function bothAreThere(admin) {
  for (const name of ["north", "south"]) {
    await admin.getByRole("row", { name: `${name} ` }).waitFor();
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

before(async () => {
  const port = await freePort();
  redis = spawn(
    "redis-server",
    ["--port", String(port), "--save", "", "--appendonly", "no"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await within(30_000, "Redis is there", accepts(redis));
  CLUSTER_URL = `redis://127.0.0.1:${port}`;
  north = await start("north");
  south = await start("south");
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await Promise.all(servers.map((server) => server.stop()));
  redis?.kill();
});
afterEach(() => browser.closePages());

test("two servers are one chat, until one of them is gone", async () => {
  const ada = await browser.signedIn("Ada", `${north.address}/#/admin`);
  await bothAreThere(ada);
  await goTo(ada, "chat/both");
  await isIn(ada, "both");
  await say(ada, "Is there another server?");
  const grace = await browser.signedIn("Grace", `${south.address}/#/chat/both`);
  // The message was sent to one server and arrives on the other.
  await sees(grace, "message", "Is there another server?");
  await sees(ada, "notice", "Grace joined");
  await sees(ada, "members", "Grace");
  await sees(grace, "members", "Ada");
  await say(grace, "Yes, @Ada");
  await sees(ada, "message", "Yes, @Ada");
  await sees(ada, "toast", "Grace mentioned you");
  for (const page of [ada, grace]) {
    assert.deepEqual(await messages(page), [
      "Is there another server?",
      "Yes, @Ada",
    ]);
  }

  await goTo(ada, "admin");
  for (const name of ["north", "south"]) {
    await ada.getByRole("row", { name: `${name} 1` }).waitFor();
  }
  await goTo(ada, "chat/both");
  await isIn(ada, "both");
  await south.stop("SIGKILL");
  // The killed server has not announced its end.
  await seesNoMore(ada, "members", "Grace");
  await goTo(ada, "admin");
  await sees(ada, "alert", "A server is gone; remaining: 1");
});

test("who is banned is disconnected everywhere, and let in nowhere", async () => {
  south = await start("south");
  const ada = await browser.signedIn("Ada", `${north.address}/#/admin`);
  await bothAreThere(ada);
  const devices = [
    await browser.signedIn("Grace", north.address),
    await browser.signedIn("Grace", south.address),
  ];
  await sees(ada, "people", "Grace");
  await ada.getByRole("button", { name: "Ban Grace" }).click();
  for (const device of devices) await sees(device, "banned", "You are banned");
  await sees(ada, "alert", "Ada banned Grace");
  await sees(ada, "alert", "Grace, who is banned, tried to come in");
  for (const { address } of [north, south]) {
    const page = await browser.open(address);
    await signIn(page, "grace-key");
    await sees(page, "banned", "You are banned");
  }
  await ada.getByRole("button", { name: "Unban Grace" }).click();
  await ada
    .getByRole("button", { name: "Unban Grace" })
    .waitFor({ state: "detached" });
  const page = await browser.signedIn("Grace", south.address);
  await isIn(page, "lobby");
});
