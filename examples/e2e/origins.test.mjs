// Pages of other origins in a browser, which enforces the allowed origins.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

const client = await readFile(
  new URL(
    "node_modules/socket.io-client/dist/socket.io.min.js",
    import.meta.url,
  ),
);

let browser;
let pages;
let page;
let origin;

before(async () => {
  pages = createServer((request, response) => {
    const isClient = request.url === "/client.js";
    response.setHeader(
      "content-type",
      isClient ? "text/javascript" : "text/html",
    );
    response.end(isClient ? client : '<script src="/client.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(pages, "listening");
  origin = `http://127.0.0.1:${pages.address().port}`;
  browser = await chromium.launch({
    args: ["--no-sandbox", "--disable-gpu"],
    executablePath: process.env.CHROMIUM || undefined,
  });
  page = await browser.newPage();
  await page.goto(origin);
});
after(async () => {
  await browser?.close();
  pages?.close();
});

/** Connects from the page, and resolves to the outcome of the connection. */
const connect = (address, options) =>
  page.evaluate(
    ([address, options]) =>
      new Promise((resolve) => {
        const manager = new io.Manager(address, {
          ...options,
          reconnection: false,
        });
        manager.on("error", (error) => {
          const { message, description } = error;
          resolve([
            message,
            typeof description === "number" ? description : undefined,
          ]);
        });
        manager.on("open", () => {
          const { engine } = manager;
          const isUpgraded =
            options.transports.length === 1 || options.extraHeaders;
          const open = () => {
            resolve(["open", engine.transport.name]);
            manager._close();
          };
          isUpgraded ? open() : engine.once("upgrade", open);
        });
      }),
    [address, options],
  );

const polling = { transports: ["polling"] };
const websocket = { transports: ["websocket"] };
const both = { transports: ["polling", "websocket"] };
// The browser sends a preflight request before these.
const asking = { ...polling, extraHeaders: { "x-token": "1" } };

test("a page of another origin gets in by neither transport", async () => {
  const server = await startServer("chat-server");
  try {
    for (const options of [polling, both, asking]) {
      // The page may not read the response.
      assert.deepEqual(await connect(server.address, options), [
        "xhr poll error",
        0,
      ]);
    }
    const [message] = await connect(server.address, websocket);
    assert.equal(message, "websocket error");
  } finally {
    await server.stop();
  }
});

test("one that the server names gets in by both, and from one to the other", async () => {
  const server = await startServer("chat-server", 0, { ORIGINS: origin });
  try {
    for (const [options, transport] of [
      [polling, "polling"],
      [websocket, "websocket"],
      [both, "websocket"],
      [asking, "polling"],
    ]) {
      assert.deepEqual(await connect(server.address, options), [
        "open",
        transport,
      ]);
    }
  } finally {
    await server.stop();
  }
});
