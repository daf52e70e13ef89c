// Three servers, one application: a browser with a client of each.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

let cluster;
let browser;
let address;

/** The first of three ports that are free. */
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
  // A group of its own, to end all of it at once.
  cluster = spawn("cargo", ["xtask", "cluster", "--port", String(port)], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const deadline = Date.now() + 300_000;
  for (const offset of [0, 1, 2]) {
    while (!(await fetch(`http://localhost:${port + offset}/peers`).catch(() => undefined))?.ok) {
      assert.ok(Date.now() < deadline && cluster.exitCode === null, "the servers come");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox"],
  });
});

after(async () => {
  await browser?.close();
  if (cluster?.exitCode === null) process.kill(-cluster.pid, "SIGINT");
});

test("what one server's client says, those of all hear; a ban holds everywhere", async () => {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(address);
  const pane = (name) => page.locator("section", { has: page.locator("h2", { hasText: name }) });
  for (const name of ["Ada", "Grace", "Edsger"]) {
    await pane(name).getByText("connected", { exact: true }).waitFor();
    // All three are there, wherever they are.
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
