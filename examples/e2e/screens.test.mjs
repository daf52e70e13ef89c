// Appearance of the chat: every page, in both color schemes and on a phone. `SCREENSHOTS` sets a directory for
// pictures.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { Browser, isIn, say, sees, write } from "./people.mjs";
import { startServer } from "./server.mjs";

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 780 }, hasTouch: true },
};

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([
    startServer("chat-server"),
    Browser.launch(),
  ]);
  await fill();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => browser.closePages());

/** Fills the chat with content. */
async function fill() {
  const ada = await browser.signedIn("Ada", server.address);
  const grace = await browser.signedIn("Grace", server.address);
  await isIn(ada, "lobby");
  await isIn(grace, "lobby");
  await say(ada, "Good morning! @Grace, are the types out?");
  await sees(grace, "message", "are the types out?");
  await say(grace, "They are: exact in both directions, hooks included.");
  await sees(ada, "message", "hooks included");
  await say(ada, "And who loses the connection is back in the room by itself.");
  await ada.goto(`${server.address}/#/workspace/acme/ideas`);
  for (const note of ["Typed inter-server events", "One line to a cluster"]) {
    await ada.getByLabel("Note").fill(note);
    await ada.keyboard.press("Enter");
    await sees(ada, "note", note);
  }
  await browser.closePages();
}

/** Checks a page: it is accessible, and no content is cut off. */
async function look(page, name) {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((it) => it.finished)),
  );
  if (process.env.SCREENSHOTS) {
    await page.screenshot({
      path: join(process.env.SCREENSHOTS, `${name}.png`),
    });
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => [
    id,
    ...nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`),
  ]);
  assert.deepEqual(found, [], name);
  const { width, shown } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    shown: innerWidth,
  }));
  assert.equal(width, shown, `${name} is not wider than its window`);
}

for (const [scheme, options] of Object.entries(LOOKS)) {
  test(`every screen, ${scheme}`, async () => {
    const signIn = await browser.open(server.address, options);
    await look(signIn, `sign-in-${scheme}`);

    const grace = await browser.signedIn("Grace", server.address, options);
    const ada = await browser.signedIn("Ada", server.address, options);
    await isIn(ada, "lobby");
    await isIn(grace, "lobby");
    await sees(ada, "members", "Grace");
    await write(grace).pressSequentially("Wonderful");
    await sees(ada, "typing", "Grace is typing…");
    await look(ada, `rooms-${scheme}`);
    await say(ada, `@Grace, how is it in ${scheme}?`);
    await sees(grace, "toast", `in ${scheme}?`);
    await look(grace, `toast-${scheme}`);

    await grace.goto(`${server.address}/#/notifications`);
    await sees(grace, "notification", `in ${scheme}?`);
    await grace.getByRole("button", { name: "Dismiss" }).click();
    await look(grace, `notifications-${scheme}`);

    await ada.goto(`${server.address}/#/admin`);
    await sees(ada, "people", "Grace");
    await look(ada, `administration-${scheme}`);
    await ada.goto(`${server.address}/#/workspace/acme/ideas`);
    await sees(ada, "note", "One line to a cluster");
    await look(ada, `workspace-${scheme}`);
  });
}

test("all is done with the keyboard alone", async () => {
  const page = await browser.open(server.address);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = (text) =>
    page.waitForFunction(
      (text) => {
        const { activeElement, body } = document;
        if (activeElement === body) return false;
        const { ariaLabel, innerText, labels } = activeElement;
        const names = [ariaLabel, innerText, labels?.[0]?.innerText];
        return names.some((it) => it?.includes(text));
      },
      text,
      { timeout: 5_000 },
    );
  await page.getByLabel("Key").waitFor();
  await press("Tab");
  await focused("Key");
  await page.keyboard.type("barbara-key");
  await press("Enter");
  await isIn(page, "lobby");
  // The room is joined, and the user can type immediately.
  await focused("Message");
  await page.keyboard.type("Without a mouse");
  await press("Enter");
  await sees(page, "message", "Without a mouse");
  await press("Shift+Tab");
  await focused("Image");
  await press("Shift+Tab");
  await focused("Without a mouse");
  await press("Shift+Tab");
  await focused("Leave room");
  await page.goto(`${server.address}/#/notifications`);
  await page.reload();
  await page.getByLabel("Unread only").waitFor();
  await press("Tab");
  await focused("Skip to the page");
  await press("Enter", "Tab");
  await focused("Unread only");
});
