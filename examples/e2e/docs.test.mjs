// The page that `sio-types gen-docs` writes, and the chat server for its console.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { program, startServer, within } from "./server.mjs";

// If cargo has to build the program first, that takes most of the time.
const run = (program, args) =>
  promisify(execFile)(program, args, { timeout: 600_000 });
const [sioTypes, args] = program("sio-types-cli", "sio-types");

let server;
let browser;
let directory;
let file;
let page;
let problems;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "docs-"));
  file = join(directory, "events.html");
  [server, browser] = await Promise.all([
    // The page is a file, which has no origin of its own.
    startServer("chat-server", 0, { ORIGINS: "null" }),
    chromium.launch({
      args: ["--no-sandbox", "--disable-gpu"],
      executablePath: process.env.CHROMIUM || undefined,
    }),
  ]);
  const options = [
    "--package",
    "chat-server",
    "--title",
    "Chat",
    "--server",
    server.address,
  ];
  await run(sioTypes, [...args, "gen-docs", ...options, "--output", file]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  problems = [];
  page = await open(`file://${file}`);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  assert.deepEqual(problems, []);
});

async function open(address, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:") && !options.served)
      problems.push(`the page loads ${request.url()}`);
  });
  await page.goto(address);
  return page;
}

const entry = (id) => page.locator(`[id="${id}"]`);

/** Takes a screenshot, and keeps it if `SCREENSHOTS` is set. */
async function screenshot(name, of = page) {
  const kept = process.env.SCREENSHOTS;
  const picture = await of.screenshot(
    kept ? { path: join(kept, `${name}.png`) } : {},
  );
  assert.ok(picture.length > 10_000, "there is something to be seen");
}

test("every event is there, with its types, and every link leads somewhere", async () => {
  const post = entry("Chat-clientToServer-post");
  await post.getByText("may fail").waitFor();
  await post
    .locator(".signature a", { hasText: "ChatMessage" })
    .first()
    .waitFor();
  const dead = await page.$$eval('a[href^="#"]', (links) =>
    links
      .map((link) => link.getAttribute("href"))
      .filter((href) => !document.getElementById(href.slice(1))),
  );
  assert.deepEqual(dead, []);
  await screenshot("docs-light");
});

test("the search finds by name, type and words", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type("roomjoined");
  assert.ok((await page.locator(".entry:visible").count()) >= 1);
  assert.equal(await entry("Chat-clientToServer-post").isVisible(), false);
  await page.getByRole("searchbox").fill("no such thing at all");
  await page.getByText("No matches.").waitFor();
  assert.equal(await page.locator(".entry:visible, nav li:visible").count(), 0);
  await page.keyboard.press("Escape");
  await entry("Chat-clientToServer-post").waitFor();
});

test("dark and light, by the system and by choice, and it is kept", async () => {
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await ground(), "rgb(255, 255, 255)");
  await page
    .getByRole("button", { name: "Switch between light and dark" })
    .click();
  assert.equal(await ground(), "rgb(20, 22, 27)");
  await page.reload();
  assert.equal(await ground(), "rgb(20, 22, 27)");
  page = await open(`file://${file}`, { colorScheme: "dark" });
  assert.equal(await ground(), "rgb(20, 22, 27)");
  await screenshot("docs-dark");
});

test("code is copied", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const post = entry("Chat-clientToServer-post");
  await post.getByRole("button", { name: "Copy" }).first().click();
  await post.getByText("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^const answer = await socket\.emitWithAck\("post", /);
  await post.getByText("Rust", { exact: true }).click();
  await post.getByText("async fn post(&self, socket: Socket<Chat>").waitFor();
});

test("on a phone nothing is cut off, and the menu opens", async () => {
  page = await open(`file://${file}`, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 390);
  await screenshot("docs-phone");
  await page.getByRole("button", { name: "Events" }).tap();
  await page
    .getByRole("navigation")
    .getByText("post", { exact: true })
    .first()
    .tap();
  await page.waitForURL(/#Chat-clientToServer-/);
  assert.equal(await page.getByRole("navigation").isVisible(), false);
});

const dialog = () => page.getByRole("dialog");
const arrived = (what) =>
  dialog().locator(`#log li[data-what="${what}"] pre`).first();

async function connect(token) {
  await dialog().getByLabel("token").fill(token);
  await dialog().getByRole("button", { name: "Connect" }).click();
}

test("an event is tried on a running server", async () => {
  await entry("Chat-clientToServer-join")
    .getByRole("button", { name: "Try it" })
    .click();
  await connect("nonsense");
  await dialog().getByText("rejected: ").waitFor();
  const signedIn = await fetch(`${server.address}/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key: "ada-key" }),
  });
  await connect((await signedIn.json()).token);
  await dialog().getByText("connected to /chat").waitFor();
  await dialog().getByLabel("room").fill("docs");
  await dialog().getByRole("button", { name: "Send" }).click();
  const joined = JSON.parse(await arrived("acknowledgement of room:join").textContent());
  assert.equal(joined.status, "ok");
  await screenshot("docs-console");

  // The next event uses the same connection, and the page shows the events that follow.
  await entry("Chat-clientToServer-post")
    .getByRole("button", { name: "Try it" })
    .click();
  await dialog().getByLabel("room").fill("docs");
  await dialog().getByLabel("id", { exact: true }).fill(randomUUID());
  await dialog().getByLabel("text").fill("from the page");
  await dialog().getByRole("button", { name: "Send" }).click();
  const answer = JSON.parse(await arrived("acknowledgement of post").textContent());
  assert.equal(answer.status, "ok", JSON.stringify(answer));
});

/** Resolves to the address of the page, once it is served and the command watches for changes. */
async function served(output) {
  let address;
  for await (const line of createInterface(output)) {
    address ??= line.match(/^serving on (http:\/\/.*)$/)?.[1];
    if (line.startsWith("waiting for changes")) return address;
  }
}

test("`--serve` shows every change at once", async () => {
  const schema = join(directory, "schema.json");
  await run(sioTypes, [
    ...args,
    "gen-schema",
    "--package",
    "chat-server",
    "--output",
    schema,
  ]);
  const serving = spawn(
    sioTypes,
    [...args, "gen-docs", "--schema", schema, "--serve", "127.0.0.1:0"],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const ended = once(serving, "exit");
  try {
    const address = await within(
      60_000,
      "the page is served",
      Promise.race([
        served(serving.stderr),
        ended.then(() => Promise.reject(new Error("it ended"))),
      ]),
    );
    page = await open(address, { served: true });
    await entry("Chat-clientToServer-post").waitFor();
    const changed = (await readFile(schema, "utf8")).replace(
      '"method": "post"',
      '"method": "publish"',
    );
    await writeFile(schema, changed);
    await entry("Chat-clientToServer-publish").waitFor();
  } finally {
    serving.kill();
    await ended;
  }
});
