import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { findTarget, LISTEN, type Target } from "./support/cdp.ts";
import { buildExtension, type ExtendedBrowser, newProfile, startExtended } from "./support/extension.ts";
import { startHost, type TestHost } from "./support/hosts.ts";
import { answer, NO_SCREEN, type Screen, startScreen } from "./support/screen.ts";

const BUILT = "chrome-mv3-access";
const CANARY = 7;

/** As a store has it: it may reach no host unasked, and the browser's own dialog asks. */
describe("the extension's access to hosts", { skip: NO_SCREEN }, () => {
  const profile = newProfile();
  let screen: Screen;
  let browser: ExtendedBrowser;
  let listed: TestHost;
  let caller: TestHost;

  before(async () => {
    await buildExtension(BUILT, "none");
    [screen, listed, caller] = await Promise.all([
      startScreen(),
      startHost({ canary: CANARY }),
      startHost({ canary: 0 }),
    ]);
    browser = await startExtended(profile.path, BUILT, { display: screen.display, args: [LISTEN] });
  });
  after(async () => {
    await browser?.close();
    await Promise.all([listed?.close(), caller?.close(), screen?.close()]);
    await profile.remove();
  });
  beforeEach(() => {
    listed.got.length = 0;
    caller.got.length = 0;
  });

  it("is none at first", async () => {
    assert.deepEqual(await origins(), []);
  });

  it("is asked for with a host; where the answer is no, nothing is listed, and the page says so", async () => {
    const options = await browser.page("options.html");
    await answer(screen, "deny", () => add(options, listed.host));
    await options.getByText("Nothing was changed: the browser was not allowed to reach this.").waitFor();
    assert.equal(await options.getByRole("button", { name: `Remove ${listed.host}` }).count(), 0);
    assert.deepEqual(await origins(), []);
    await options.close();
  });

  it("is given for that host alone, and then requests to it carry the selector, WebSockets too", async () => {
    const options = await browser.page("options.html");
    await answer(screen, "allow", () => add(options, listed.host));
    await options.getByRole("button", { name: `Remove ${listed.host}` }).waitFor();
    assert.deepEqual(await origins(), ["*://127.0.0.1/*", "ws://127.0.0.1/*", "wss://127.0.0.1/*"]);
    await options.close();
    const page = await open(`${listed.origin}/page`);
    const popup = await openPopup();
    await popup.until("document.hasFocus() && document.activeElement?.id === 'selector'");
    await screen.press(String(CANARY), "Return");
    await popup.until(`document.body.innerText.includes("This tab sends X-Canary: ${CANARY}")`);
    await closePopup(popup);
    await page.reload();
    await page.evaluate(
      `new Promise((done) => { new WebSocket("ws://${listed.host}/socket").onclose = done; })`,
    );
    for (const path of ["/page", "/socket"])
      assert.equal((await listed.last(path)).selector, String(CANARY), path);
    await page.close();
  });

  it("is asked for in the popup for a page that calls the host: then those calls carry it", async () => {
    const page = await open(`${callerOrigin()}/page`);
    await page.evaluate(`fetch("${listed.origin}/before")`);
    assert.equal((await listed.last("/before")).selector, undefined);
    const popup = await openPopup();
    await popup.until(`document.body.innerText.includes("Calls that ${callerOrigin()} makes")`);
    await answer(screen, "allow", () => press(popup, "Let this page’s calls carry it"));
    assert.ok((await origins()).includes("*://localhost/*"));
    const again = await openPopup();
    await again.until(`!document.body.innerText.includes("Calls that ${callerOrigin()} makes")`);
    await closePopup(again);
    await page.evaluate(`fetch("${listed.origin}/after")`);
    assert.equal((await listed.last("/after")).selector, String(CANARY));
    assert.equal(
      caller.got.some(({ selector }) => selector !== undefined),
      false,
    );
    await page.close();
  });

  it("can be taken away: nothing carries it then, and the popup says so and offers to ask", async () => {
    await (await browser.worker()).evaluate("chrome.permissions.remove({ origins: ['*://127.0.0.1/*'] })");
    const page = await open(`${listed.origin}/page`);
    assert.equal((await listed.last("/page")).selector, undefined);
    const popup = await openPopup();
    await popup.until(`document.body.innerText.includes("The browser does not let perch change requests")`);
    // It was given before: the browser gives it again without a question.
    await press(popup, "Allow it");
    await popup.until(`!document.body.innerText.includes("The browser does not let perch")`);
    await closePopup(popup);
    listed.got.length = 0;
    await page.reload();
    assert.equal((await listed.last("/page")).selector, String(CANARY));
    await page.close();
  });

  /** By its keys, over the page in front, as a person opens it: that also lets it know the page's address. */
  async function openPopup(): Promise<Target> {
    let looks = 0;
    // Keys that come before the page's window has the focus are lost. While it opens, they would close it.
    return findTarget(profile.path, `${browser.id}/popup.html`, async () => {
      if (looks++ % 25 === 0) await screen.press("alt+shift+s");
    });
  }

  async function closePopup(popup: Target): Promise<void> {
    // A key that comes before the popup has the focus is lost.
    const again = setInterval(() => void screen.press("Escape"), 1_000);
    await screen.press("Escape");
    await popup.ended;
    clearInterval(again);
  }

  /** What the button does may close the popup before it answers; what comes of it is looked at by the caller. */
  async function press(popup: Target, name: string): Promise<void> {
    const button = `[...document.querySelectorAll("button")].find((one) => one.textContent === ${JSON.stringify(name)})`;
    await popup.evaluate(`void setTimeout(() => ${button}.click())`).catch(() => undefined);
  }

  function callerOrigin(): string {
    return caller.origin.replace("127.0.0.1", "localhost");
  }

  async function origins(): Promise<string[]> {
    const all = await (await browser.worker()).evaluate("chrome.permissions.getAll()");
    return ((all as { origins?: string[] }).origins ?? []).sort();
  }

  async function add(options: Page, host: string): Promise<void> {
    const field = options.getByRole("textbox", { name: "Hosts that get X-Canary" });
    await field.fill(host);
    await field.press("Enter");
  }

  async function open(url: string): Promise<Page> {
    const page = await browser.context.newPage();
    await page.goto(url);
    return page;
  }
});
