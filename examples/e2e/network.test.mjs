// The chat when the network or the server fails, or a token expires.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { after, afterEach, before, test } from "node:test";
import {
  Browser,
  isIn,
  messages,
  say,
  sees,
  seesNoMore,
  texts,
} from "./people.mjs";
import { startServer } from "./server.mjs";

let browser;
const running = [];

before(async () => {
  browser = await Browser.launch();
});
after(() => browser?.close());
afterEach(async () => {
  await browser.closePages();
  await Promise.all(running.splice(0).map((it) => it.stop()));
});

async function start(port, settings) {
  const server = await startServer("chat-server", port, settings);
  running.push(server);
  return server;
}

/** Starts a proxy that can be cut, and that can hold back data from the server. */
async function slowNetwork(address) {
  const { hostname, port } = new URL(address);
  const sockets = new Set();
  let held;
  const passOn = (from, to, mayBeHeld) => {
    from.on("data", (chunk) => {
      const write = () => to.writable && to.write(chunk);
      mayBeHeld && held ? held.push(write) : write();
    });
    from.on("close", () => to.destroy());
    from.on("error", () => to.destroy());
    sockets.add(from);
  };
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    passOn(client, server, false);
    passOn(server, client, true);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  running.push({
    stop: () => {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
    },
  });
  return {
    address: `http://127.0.0.1:${proxy.address().port}`,
    /** Holds back all data from the server from now on. */
    hold: () => (held = []),
    release: () => {
      const late = held;
      held = undefined;
      late.forEach((write) => write());
    },
    /** Closes all connections, and drops the data that was held back. */
    cut: () => {
      held = undefined;
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

const numbers = (count) =>
  Array.from({ length: count }, (_, it) => `no. ${it}`);

test("on a slow network one's own messages are shown at once, and all arrive in order", async () => {
  const server = await start();
  const slow = await slowNetwork(server.address);
  const grace = await browser.signedIn(
    "Grace",
    `${server.address}/#/chat/slow`,
  );
  const ada = await browser.signedIn("Ada", `${slow.address}/#/chat/slow`);
  await isIn(ada, "slow");
  const said = numbers(5);
  slow.hold();
  for (const text of said) await say(ada, text);
  const pending = await texts(ada, "pending");
  assert.equal(
    pending.length,
    said.length,
    "each is there before it is confirmed",
  );
  assert.match(pending[0], /Sending…/);
  assert.match(pending[4], /Waiting to be sent…/);
  slow.release();
  await sees(grace, "message", said.at(-1));
  await ada.getByTestId("pending").first().waitFor({ state: "detached" });
  await sees(ada, "message", said.at(-1));
  for (const page of [ada, grace]) assert.deepEqual(await messages(page), said);
});

test("a message whose answer is lost with the connection is posted once", async () => {
  const server = await start();
  const slow = await slowNetwork(server.address);
  const grace = await browser.signedIn(
    "Grace",
    `${server.address}/#/chat/lost`,
  );
  const ada = await browser.signedIn("Ada", `${slow.address}/#/chat/lost`);
  await isIn(grace, "lost");
  await isIn(ada, "lost");
  slow.hold();
  await say(ada, "first");
  await say(ada, "second");
  // The message has arrived, and the answer is on its way.
  await sees(grace, "message", "first");
  slow.cut();
  await sees(ada, "status", "Connecting…");
  await sees(ada, "status", "Connected");
  await sees(grace, "message", "second");
  await sees(ada, "message", "second");
  for (const page of [ada, grace]) {
    assert.deepEqual(await messages(page), ["first", "second"]);
  }
});

test("after a restart of the server all are in their rooms again, and what was written meanwhile is sent", async () => {
  const server = await start();
  const { address } = server;
  const ada = await browser.signedIn("Ada", `${address}/#/chat/lasting`);
  const grace = await browser.signedIn("Grace", `${address}/#/chat/lasting`);
  await isIn(ada, "lasting");
  await sees(ada, "members", "Grace");
  await server.stop("SIGKILL");
  await sees(ada, "status", "Connecting…");
  const said = numbers(3);
  for (const text of said) await say(ada, text);
  await sees(ada, "pending", "Waiting to be sent…");

  await start(new URL(address).port);
  await sees(ada, "status", "Connected");
  await sees(grace, "message", said.at(-1));
  await sees(ada, "message", said.at(-1));
  for (const page of [ada, grace]) {
    assert.deepEqual(await messages(page), said);
    await sees(page, "members", "Ada");
    await sees(page, "members", "Grace");
  }
});

test("a token that has expired is replaced, and the rooms stay joined", async () => {
  const { address } = await start(0, { TOKEN_SECONDS: "2" });
  const ada = await browser.signedIn("Ada", `${address}/#/chat/short`);
  let tokens = 0;
  ada.on("request", (request) => {
    if (request.url().endsWith("/session")) tokens += 1;
  });
  const grace = await browser.signedIn("Grace", `${address}/#/chat/short`);
  await isIn(ada, "short");
  await isIn(grace, "short");
  const said = [];
  // The page requests another token only after the server has rejected one as expired.
  const deadline = Date.now() + 60_000;
  while (tokens < 3) {
    assert.ok(Date.now() < deadline, `only ${tokens} tokens`);
    const text = `no. ${said.length}`;
    said.push(text);
    await say(ada, text);
    await sees(grace, "message", text);
  }
  await sees(ada, "message", said.at(-1));
  assert.deepEqual((await messages(grace)).slice(-50), said.slice(-50));
  await seesNoMore(ada, "status", "Disconnected");
  await sees(ada, "members", "Grace");
});
