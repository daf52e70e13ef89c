import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

// As root, in a container, without the services a user's browser calls.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let server;
let browser;
let errors;

before(async () => {
  [server, browser] = await Promise.all([
    startServer("chat-server"),
    chromium.launch({
      args,
      executablePath: process.env.CHROMIUM || undefined,
    }),
  ]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(() => {
  errors = [];
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  assert.deepEqual(errors, [], "a page reported errors");
});

/** A page in a browser profile of its own. */
async function openPage(address = server.address) {
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(address);
  return page;
}

async function signIn(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function signedIn(name, address) {
  const page = await openPage(address);
  await signIn(page, `${name.toLowerCase()}-token`);
  await sees(page, "who", name);
  return page;
}

async function join(page, room) {
  await page.getByLabel("Another room").fill(room);
  await page.getByRole("button", { name: "Join" }).click();
  await sees(page, "room-title", room);
}

async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

async function openWorkspace(page, tenant) {
  await page.getByRole("combobox", { name: "Workspace" }).selectOption(tenant);
  await page.getByRole("button", { name: "Open", exact: true }).click();
}

async function addNote(page, text) {
  await page.getByLabel("Note").fill(text);
  await page.getByRole("button", { name: "Add" }).click();
  await sees(page, "note", text);
}

/** Waits until an element with this test id is there and shows the text. */
const sees = (page, testId, hasText) =>
  page.getByTestId(testId).filter({ hasText, visible: true }).first().waitFor();

/** Waits until no element with this test id shows the text. */
const seesNoMore = (page, testId, hasText) =>
  page.getByTestId(testId).filter({ hasText }).waitFor({ state: "detached" });

const texts = (page, testId) => page.getByTestId(testId).allInnerTexts();

test("an unknown token is refused, and another try is let in", async () => {
  const page = await openPage();
  await signIn(page, "no-token");
  await sees(page, "sign-in-refused", "Nobody has this token.");
  await signIn(page, "grace-token");
  await sees(page, "who", "Grace (member)");
  await sees(page, "status", "Connected");
});

test("two people chat in a room, both ways", async () => {
  const ada = await signedIn("Ada");
  await join(ada, "talk");
  const grace = await signedIn("Grace");
  await join(grace, "talk");

  await sees(ada, "notice", "Grace joined");
  for (const page of [ada, grace]) {
    await sees(page, "members", "Ada");
    await sees(page, "members", "Grace");
    await sees(page, "room-talk", "2");
  }

  await grace.getByLabel("Message", { exact: true }).pressSequentially("Hel");
  await sees(ada, "typing", "Grace is typing…");
  await say(grace, "Hello, Ada");
  await sees(ada, "message", "Hello, Ada");
  await seesNoMore(ada, "typing", "Grace");
  await say(ada, "Hello, Grace");
  await sees(grace, "message", "Hello, Grace");
  assert.equal(
    (await texts(grace, "message")).length,
    2,
    "one's own message is shown once",
  );

  await grace.getByRole("button", { name: "Leave room" }).click();
  await sees(ada, "notice", "Grace left");
  await seesNoMore(ada, "members", "Grace");
  await sees(ada, "room-talk", "1");
});

test("a closed page leaves its rooms, and who comes later finds what was said", async () => {
  const ada = await signedIn("Ada");
  await join(ada, "history");
  await say(ada, "Is anybody here?");
  await sees(ada, "message", "Is anybody here?");
  const grace = await signedIn("Grace");
  await join(grace, "history");
  await sees(grace, "message", "Is anybody here?");
  await ada.close();
  await sees(grace, "notice", "Ada left");
});

test("a room of a bad name is refused", async () => {
  const ada = await signedIn("Ada");
  await ada.getByLabel("Another room").fill("Bad Name");
  await ada.getByRole("button", { name: "Join" }).click();
  await sees(ada, "problem", "lower-case letters");
});

test("a mention is a notification, until it is read on every device", async () => {
  const ada = await signedIn("Ada");
  await join(ada, "mentions");
  const devices = [await signedIn("Grace"), await signedIn("Grace")];
  for (const text of ["@Grace one", "@Grace two", "@Grace three"]) {
    await say(ada, text);
    for (const device of devices) {
      await sees(device, "notification", text);
    }
  }

  const [device] = devices;
  const one = device
    .getByTestId("notification")
    .filter({ hasText: "@Grace one" });
  await one.getByRole("button", { name: "Mark as read" }).click();
  for (const device of devices) {
    await sees(device, "unread", "2");
  }
  await device.getByRole("button", { name: "Mark all as read" }).click();
  for (const device of devices) {
    await device.getByTestId("unread").waitFor({ state: "hidden" });
  }
  const later = await signedIn("Grace");
  await sees(later, "notification", "@Grace three");
  assert.equal(await later.getByTestId("unread").isVisible(), false);
  assert.deepEqual(
    await texts(ada, "notification"),
    [],
    "notifications are for one person",
  );
});

test("administrators are let into the panel, and members are told why not", async () => {
  const grace = await signedIn("Grace");
  await grace.getByRole("button", { name: "Open the panel" }).click();
  await sees(
    grace,
    "admin-refused",
    "This is for administrators; you are a member.",
  );
  await sees(grace, "status", "Connected");
  assert.equal(await grace.getByTestId("admin").isVisible(), false);

  const ada = await signedIn("Ada");
  await ada.getByRole("button", { name: "Open the panel" }).click();
  await sees(ada, "online", "Ada, Grace");
  await join(grace, "live");
  await sees(ada, "rooms-in-use", "live (1)");

  await ada
    .getByLabel("Alert to everybody")
    .fill("The server restarts at noon");
  await ada.getByRole("button", { name: "Alert" }).click();
  await sees(ada, "alerted", "3 people were alerted.");
  await sees(grace, "notification", "The server restarts at noon");
});

test("what is in one workspace is not in another", async () => {
  const ada = await signedIn("Ada");
  const grace = await signedIn("Grace");
  await openWorkspace(ada, "acme");
  await openWorkspace(grace, "globex");
  await sees(ada, "workspace-name", "acme");
  await sees(grace, "workspace-name", "globex");

  await addNote(ada, "Only for Acme");
  await addNote(grace, "Only for Globex");
  const edsger = await signedIn("Edsger");
  await openWorkspace(edsger, "globex");
  await sees(edsger, "note", "Only for Globex");
  await addNote(edsger, "Also for Globex");
  // Had Ada's note come to Globex, it would have come before this one.
  await sees(grace, "note", "Also for Globex");
  assert.deepEqual(await texts(grace, "note"), [
    "Grace: Only for Globex",
    "Edsger: Also for Globex",
  ]);
  assert.deepEqual(await texts(ada, "note"), ["Ada: Only for Acme"]);

  await openWorkspace(grace, "acme");
  await sees(grace, "note", "Only for Acme");
  assert.deepEqual(await texts(grace, "note"), ["Ada: Only for Acme"]);
});

test("a workspace is open to its own people only", async () => {
  const edsger = await signedIn("Edsger");
  await openWorkspace(edsger, "acme");
  await sees(
    edsger,
    "workspace-refused",
    "There is no workspace “acme” for you.",
  );
  await openWorkspace(edsger, "globex");
  await sees(edsger, "workspace-name", "globex");
});

test("after a restart of the server, a page is connected and in its room again", async () => {
  let own = await startServer("chat-server");
  try {
    const ada = await signedIn("Ada", own.address);
    await join(ada, "lasting");
    await own.stop();
    await sees(ada, "status", "Connecting again…");

    own = await startServer("chat-server", new URL(own.address).port);
    const grace = await signedIn("Grace", own.address);
    await sees(ada, "status", "Connected");
    await sees(grace, "room-lasting", "1");
    await join(grace, "lasting");
    await say(grace, "Welcome back");
    await sees(ada, "message", "Welcome back");
  } finally {
    await own.stop();
  }
});
