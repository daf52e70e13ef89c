// Three servers of one application, and a browser with a client of each.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { readFile, readdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { within } from "./server.mjs";

/** Environment variable that identifies the processes of this test. */
const MARK = `CLUSTER_TEST=${process.pid}`;

let cluster;
let ended;
let browser;
let address;

/** Resolves to the first of three consecutive free ports. */
async function freePorts() {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const tries = [0, 1, 2].map(async (offset) => {
      const server = createServer().listen(first + offset, "127.0.0.1");
      await once(server, "listening");
      server.close();
    });
    if ((await Promise.allSettled(tries)).every(({ status }) => status === "fulfilled")) return first;
  }
}

before(async () => {
  const port = await freePorts();
  address = `http://localhost:${port}`;
  cluster = spawn("cargo", ["xtask", "cluster", "--port", String(port)], {
    env: { ...process.env, CLUSTER_TEST: process.pid },
    stdio: ["ignore", "pipe", "inherit"],
  });
  ended = once(cluster, "exit");
  // Before the servers and the worker know each other, requests to all of them would miss some answers.
  await within(300_000, "all servers and the worker are members", ready(cluster));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox"],
  });
});

after(async () => {
  await browser?.close();
  if (cluster?.exitCode === null) cluster.kill("SIGTERM");
});

/** Resolves when `cargo xtask cluster` is ready, and continues to print its output. */
function ready({ stdout }) {
  return new Promise((resolve, reject) => {
    const lines = createInterface(stdout);
    lines.on("line", (line) => {
      console.log(line);
      if (line.startsWith("ready: ")) resolve();
    });
    lines.on("close", () => reject(new Error("`cargo xtask cluster` ended before it was ready")));
  });
}

/** Resolves to the processes of the cluster, including indirectly started ones. */
async function processes() {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const named = await Promise.all(
    ids.map(async (id) => {
      const read = (file) => readFile(`/proc/${id}/${file}`, "utf8").catch(() => "");
      const isOurs = (await read("environ")).split("\0").includes(MARK);
      return isOurs ? `${id} ${(await read("cmdline")).replaceAll("\0", " ")}` : undefined;
    }),
  );
  return named.filter((name) => name !== undefined);
}

test("what one server's client says, those of all hear; a ban holds everywhere", async () => {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(address);
  const pane = (name) => page.locator("section", { has: page.locator("h2", { hasText: name }) });
  for (const name of ["Ada", "Grace", "Edsger"]) {
    await pane(name).getByText("connected", { exact: true }).waitFor();
    // All three users are shown, whichever server they are connected to.
    await pane(name).getByRole("button", { name: /^ban / }).nth(2).waitFor();
  }

  await pane("Ada").getByPlaceholder("Say something").fill("Hello");
  await pane("Ada").getByRole("button", { name: "Send" }).click();
  for (const name of ["Ada", "Grace", "Edsger"]) await pane(name).getByText("Ada (north): Hello").waitFor();

  await page.getByRole("button", { name: /load/ }).click();
  await page.getByText("north: 1, south: 1, west: 1, worker: 0").waitFor();

  await pane("Ada").getByRole("button", { name: "ban Edsger" }).click();
  await pane("Edsger").getByText("An administrator has banned you.").waitFor();
  await pane("Edsger").getByText("disconnected: io server disconnect").waitFor();
  await pane("Grace").getByRole("button", { name: "ban Edsger" }).waitFor({ state: "detached" });
  await page.close();
});

test("SIGTERM ends the servers, Redis and the worker", { skip: process.platform !== "linux" }, async () => {
  // Redis, three servers, the worker, and the processes that started them.
  const found = await processes();
  assert.ok(found.length >= 5, found.join("\n"));
  cluster.kill("SIGTERM");
  await within(30_000, "`cargo xtask cluster` ends", ended);
  const deadline = Date.now() + 10_000;
  for (let left = await processes(); left.length > 0; left = await processes()) {
    assert.ok(Date.now() < deadline, `still there:\n${left.join("\n")}`);
    await sleep(20);
  }
});
