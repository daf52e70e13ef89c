// People who use the chat, each in their own browser profile.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

// For a browser that runs as root in a container, without the services that a user's browser calls.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser that records the errors of its pages. */
export class Browser {
  #browser;
  #problems = [];

  static async launch() {
    const executablePath = process.env.CHROMIUM || undefined;
    return new Browser(await chromium.launch({ args, executablePath }));
  }

  constructor(browser) {
    this.#browser = browser;
  }

  async open(address, options = {}) {
    const context = await this.#browser.newContext({
      locale: "en-GB",
      viewport: { width: 1200, height: 760 },
      ...options,
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.#problems.push(error.message));
    await page.goto(address);
    return page;
  }

  /** Opens a page that is signed in, in the lobby or at the given address. */
  async signedIn(name, address, options) {
    const page = await this.open(address, options);
    await signIn(page, `${name.toLowerCase()}-key`);
    await sees(page, "who", name);
    return page;
  }

  /** Closes all pages of a test. */
  async closePages() {
    const contexts = this.#browser.contexts();
    await Promise.all(contexts.map((context) => context.close()));
    assert.deepEqual(this.#problems.splice(0), [], "a page reported errors");
  }

  close() {
    return this.#browser.close();
  }
}

export async function signIn(page, key) {
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Waits until an element with this test id shows the text. */
export const sees = (page, testId, hasText) =>
  page.getByTestId(testId).filter({ hasText, visible: true }).first().waitFor();

/** Waits until no element with this test id shows the text. */
export const seesNoMore = (page, testId, hasText) =>
  page
    .getByTestId(testId)
    .filter({ hasText, visible: true })
    .waitFor({ state: "detached" });

export const texts = (page, testId) =>
  page.getByTestId(testId).filter({ visible: true }).allInnerTexts();

/** Resolves to the texts of the messages, without authors and times. */
export const messages = (page) =>
  page
    .getByTestId("message")
    .filter({ visible: true })
    .locator(".text")
    .allInnerTexts();

export async function goTo(page, place) {
  await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
}

export async function join(page, room) {
  await page.getByLabel("Another room").fill(room);
  await page.getByRole("button", { name: "Join" }).click();
  await isIn(page, room);
}

/** Waits until a room is shown and joined. */
export async function isIn(page, room) {
  await sees(page, "room-title", room);
  await page.getByTestId("joining").waitFor({ state: "detached" });
}

export async function say(page, text) {
  await write(page).fill(text);
  await page.keyboard.press("Enter");
}

/** The input for messages. */
export const write = (page) =>
  page.getByTestId("conversation").getByLabel("Message", { exact: true });
