// The chat with two to four people at the same time.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { io } from "socket.io-client";
import {
  Browser,
  goTo,
  isIn,
  join,
  messages,
  say,
  sees,
  seesNoMore,
  signIn,
  texts,
  write,
} from "./people.mjs";
import { startServer } from "./server.mjs";

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([
    startServer("chat-server"),
    Browser.launch(),
  ]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => browser.closePages());

const signedIn = (name, place = "") =>
  browser.signedIn(name, `${server.address}/${place}`);

test("an unknown key is refused, and another try is let in, until one signs out", async () => {
  const page = await browser.open(server.address);
  await signIn(page, "no-key");
  await sees(page, "sign-in-problem", "Unknown key.");
  await signIn(page, "grace-key");
  await sees(page, "who", "Grace member");
  await sees(page, "status", "Connected");
  await page.reload();
  await sees(page, "who", "Grace member");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Key").waitFor();
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

  await write(grace).pressSequentially("Hel");
  await sees(ada, "typing", "Grace is typing…");
  await say(grace, "Hello, Ada");
  await sees(ada, "message", "Hello, Ada");
  await seesNoMore(ada, "typing", "Grace");
  await say(ada, "Hello, Grace");
  await sees(grace, "message", "Hello, Grace");
  for (const page of [ada, grace]) {
    assert.deepEqual(await messages(page), ["Hello, Ada", "Hello, Grace"]);
  }

  const conversation = grace.getByTestId("conversation");
  await conversation.getByRole("button", { name: "Leave room" }).click();
  await isIn(grace, "lobby");
  await sees(ada, "notice", "Grace left");
  await seesNoMore(ada, "members", "Grace");
  await sees(ada, "room-talk", "1");
});

test("several rooms are joined at once, and what is said in the others is counted", async () => {
  const ada = await signedIn("Ada", "#/chat/red");
  await isIn(ada, "red");
  await join(ada, "blue");
  const grace = await signedIn("Grace", "#/chat/red");
  await say(grace, "one");
  await sees(ada, "room-red", "1 unread");
  await say(grace, "two");
  await sees(ada, "room-red", "2 unread");
  await goTo(ada, "notifications");
  await say(grace, "three");
  await ada.getByRole("link", { name: "Rooms", exact: true }).click();
  await sees(ada, "room-red", "3 unread");
  await ada.getByTestId("room-red").click();
  await isIn(ada, "red");
  assert.deepEqual(await messages(ada), ["one", "two", "three"]);
  await seesNoMore(ada, "room-red", "unread");
  await sees(ada, "notice", "Grace joined");
});

test("a closed page leaves its rooms, and who comes later finds what was said", async () => {
  const ada = await signedIn("Ada", "#/chat/history");
  await isIn(ada, "history");
  await say(ada, "Is anybody here?");
  await sees(ada, "message", "Is anybody here?");
  const grace = await signedIn("Grace", "#/chat/history");
  await sees(grace, "message", "Is anybody here?");
  await ada.close();
  await sees(grace, "notice", "Ada left");
  await seesNoMore(grace, "members", "Ada");
});

test("a room of a bad name is refused", async () => {
  const ada = await signedIn("Ada");
  await ada.getByLabel("Another room").fill("Bad Name");
  await ada.getByRole("button", { name: "Join" }).click();
  await sees(ada, "room-problem", "lower-case letters");
});

test("an image arrives as it was sent, also for those who come later", async () => {
  // A red image of 2 × 2 pixels.
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==",
    "base64",
  );
  const ada = await signedIn("Ada", "#/chat/pictures");
  const grace = await signedIn("Grace", "#/chat/pictures");
  await isIn(ada, "pictures");
  await isIn(grace, "pictures");
  const file = { name: "red.png", mimeType: "image/png", buffer: png };
  const attach = ada.getByTestId("conversation").getByLabel("Image");
  await attach.setInputFiles({ ...file, buffer: Buffer.from("no image") });
  await ada.getByText("This file is not an image.").waitFor();
  await attach.setInputFiles(file);
  await ada.getByAltText("Attached image").waitFor();
  await say(ada, "Look");
  const later = await signedIn("Edsger", "#/chat/pictures");
  for (const page of [ada, grace, later]) {
    const picture = page.getByAltText("Image sent by Ada");
    await picture.waitFor();
    const bytes = await picture.evaluate(async (image) => {
      await image.decode();
      const response = await fetch(image.src);
      return [...new Uint8Array(await response.arrayBuffer())];
    });
    assert.deepEqual(Buffer.from(bytes), png);
  }
});

test("a mention is a notification, until it is read on every device", async () => {
  const ada = await signedIn("Ada", "#/chat/mentions");
  await isIn(ada, "mentions");
  const devices = [
    await signedIn("Grace", "#/notifications"),
    await signedIn("Grace", "#/notifications"),
  ];
  for (const text of ["@Grace one", "@Grace two", "@Grace three"]) {
    await say(ada, text);
    for (const device of devices) {
      await sees(device, "toast", text);
      await sees(device, "notification", text);
    }
  }

  const [device] = devices;
  await sees(device, "notifications-count", "3");
  const one = device
    .getByTestId("notification")
    .filter({ hasText: "@Grace one" });
  await one.getByRole("button", { name: "Mark as read" }).click();
  for (const device of devices) {
    await sees(device, "notifications-count", "2");
  }
  await device.getByLabel("Unread only").check();
  await seesNoMore(device, "notification", "@Grace one");
  await device.getByRole("button", { name: "Mark all as read" }).click();
  for (const device of devices) {
    await device.getByTestId("notifications-count").waitFor({
      state: "detached",
    });
  }
  await device.getByText("You have read everything.").waitFor();
  const later = await signedIn("Grace", "#/notifications");
  await sees(later, "notification", "@Grace three");
  assert.equal(await later.getByTestId("notifications-count").count(), 0);
  await goTo(ada, "notifications");
  await ada.getByText("No notifications.").waitFor();
});

test("administrators see what goes on, and nobody else has a connection to it", async () => {
  const grace = await signedIn("Grace", "#/admin");
  await sees(grace, "admin-refused", "you are a member");
  assert.equal(await grace.getByRole("link", { name: "Admin" }).count(), 0);
  const ada = await signedIn("Ada", "#/admin");
  await sees(ada, "people", "Grace");
  await sees(ada, "server", "alone");
  await sees(ada, "online-count", "2");
  await goTo(grace, "chat/live");
  await isIn(grace, "live");
  const before = Number(await ada.getByTestId("messages").innerText());
  await say(grace, "Is this counted?");
  await sees(ada, "messages", String(before + 1));

  await ada.getByLabel("Announcement").fill("The server restarts at noon");
  await ada.getByRole("button", { name: "Announce" }).click();
  await sees(ada, "announced", "4 people are told.");
  await sees(ada, "alert", "Ada told everybody");
  await sees(grace, "toast", "The server restarts at noon");

  // The server rejects a client that bypasses the page.
  const { token } = await (
    await fetch(`${server.address}/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: "grace-key" }),
    })
  ).json();
  const socket = io(`${server.address}/admin`, { auth: { token } });
  const error = await new Promise((resolve, reject) => {
    socket.on("connect_error", resolve);
    socket.on("connect", () => reject(new Error("Grace is let in")));
  });
  assert.deepEqual(JSON.parse(error.message).data, {
    reason: "administratorsOnly",
    role: "member",
  });
});

test("what is in one workspace is not in another, and boards have their own people", async () => {
  const ada = await signedIn("Ada", "#/workspace/acme");
  const grace = await signedIn("Grace", "#/workspace/globex");
  await sees(ada, "workspace-title", "acme");
  await sees(grace, "workspace-title", "globex");
  const add = async (page, text) => {
    await page.getByLabel("Note").fill(text);
    await page.getByRole("button", { name: "Add" }).click();
    await sees(page, "note", text);
  };
  await add(ada, "Only for Acme");
  await add(grace, "Only for Globex");
  const edsger = await signedIn("Edsger", "#/workspace/globex");
  await sees(edsger, "note", "Only for Globex");
  await sees(grace, "watchers", "Edsger");
  await add(edsger, "Also for Globex");
  // If Ada's note reached Globex, it would arrive before this one.
  await sees(grace, "note", "Also for Globex");
  assert.equal((await texts(grace, "note")).length, 2);
  assert.equal((await texts(ada, "note")).length, 1);

  await edsger.getByRole("link", { name: "doing" }).click();
  await seesNoMore(grace, "watchers", "Edsger");
  await add(edsger, "In the works");
  await grace.getByRole("link", { name: "doing" }).click();
  await sees(grace, "note", "In the works");
  assert.equal((await texts(grace, "note")).length, 1);

  await grace.getByRole("link", { name: "acme" }).click();
  await sees(grace, "note", "Only for Acme");
  assert.equal((await texts(grace, "note")).length, 1);
  await goTo(edsger, "workspace/acme");
  await sees(
    edsger,
    "workspace-refused",
    "There is no workspace “acme” for you.",
  );
  await goTo(edsger, "workspace/globex");
  await sees(edsger, "note", "Only for Globex");
});
