import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Locator, Page } from "playwright-core";
import { seriousFindings } from "./support/accessibility.ts";
import { screenshot } from "./support/browser.ts";
import { buildExtension, type ExtendedBrowser, newProfile, startExtended } from "./support/extension.ts";
import { startHost, type TestHost } from "./support/hosts.ts";

/** The PR of which the listed host has a canary. */
const CANARY = 7;

const BUILT = "chrome-mv3-test";

describe("the extension in a browser", () => {
  const profile = newProfile();
  let browser: ExtendedBrowser;
  let listed: TestHost;
  let other: TestHost;

  before(async () => {
    await buildExtension(BUILT);
    [listed, other, browser] = await Promise.all([
      startHost({ canary: CANARY }),
      startHost({ canary: 0 }),
      startExtended(profile.path, BUILT),
    ]);
  });
  after(async () => {
    await browser?.close();
    await Promise.all([listed?.close(), other?.close()]);
    await profile.remove();
  });
  beforeEach(() => {
    listed.got.length = 0;
    other.got.length = 0;
  });

  it("starts with nothing: no host gets the selector, and the popup says so", async () => {
    const page = await open(listed, "/page");
    assert.equal((await listed.last("/page")).selector, undefined);
    const popup = await browser.popup(page);
    await popup.getByText("No host is listed yet").waitFor();
    await close(popup, page);
  });

  it("takes a host in its options, and says what is wrong with one that is none", async () => {
    const options = await browser.page("options.html");
    const field = options.getByRole("textbox", { name: "Hosts that get X-Canary" });
    await field.fill("*.example.com");
    await field.press("Enter");
    await options.getByText("This is no host.").waitFor();
    await field.fill(`http://${listed.host}/some/page`);
    await field.press("Enter");
    await options.getByText(listed.host, { exact: true }).first().waitFor();
    assert.deepEqual(await seriousFindings(options), []);
    await screenshot(options, "extension-options");
    await close(options);
  });

  it("sends the selector that the popup was given, on the listed host and port alone", async () => {
    await send(String(CANARY));
    const page = await open(listed, "/page");
    assert.equal((await listed.last("/page")).selector, String(CANARY));
    const elsewhere = await open(other, "/page");
    assert.equal((await other.last("/page")).selector, undefined);
    await close(page, elsewhere);
  });

  it("tells at once what is wrong with a selector, and does not send it", async () => {
    const page = await open(listed, "/page");
    const popup = await browser.popup(page);
    await selectorField(popup).fill("api=1,api=2");
    await popup.getByText("this one names a service twice").waitFor();
    assert.equal(await popup.getByRole("button", { name: "Send it" }).isDisabled(), true);
    await selectorField(popup).fill("store=45,api=7");
    assert.equal(await popup.getByRole("button", { name: "Send it" }).isDisabled(), false);
    await close(popup, page);
  });

  it("sends it with fetch, images and WebSocket of a page", async () => {
    const page = await open(listed, "/page");
    await page.evaluate(`(async () => {
      await fetch("/fetched", { method: "POST", body: "x" });
      await new Promise((done) => Object.assign(new Image(), { onload: done, onerror: done, src: "/image" }));
      await new Promise((done) => { const socket = new WebSocket("ws://${listed.host}/socket"); socket.onclose = done; });
    })()`);
    for (const path of ["/fetched", "/image", "/socket"])
      assert.deepEqual(await listed.last(path), { path, selector: String(CANARY) });
    await close(page);
  });

  it("sends it with what a page of another host calls, and not to that host", async () => {
    const page = await open(other, "/page");
    await page.evaluate(`fetch("${listed.origin}/called")`);
    await page.evaluate(`fetch("/own")`);
    assert.equal((await listed.last("/called")).selector, String(CANARY));
    assert.equal((await other.last("/own")).selector, undefined);
    await close(page);
  });

  it("does not send it on to a host that a listed one redirects to", async () => {
    const page = await open(listed, `/to?url=${encodeURIComponent(`${other.origin}/page-elsewhere`)}`);
    assert.equal((await listed.last("/to")).selector, String(CANARY));
    assert.equal((await other.last("/page-elsewhere")).selector, undefined);
    await page.goto(`${listed.origin}/page`);
    await page.evaluate(`fetch("/to?url=${encodeURIComponent(`${other.origin}/fetched-elsewhere`)}")`);
    assert.equal((await other.last("/fetched-elsewhere")).selector, undefined);
    await close(page);
  });

  it("sends a tab's own selector in place of that of all, in that tab alone", async () => {
    const [one, two] = [await open(listed, "/page-one"), await open(listed, "/page-two")];
    await send("api=45", { over: two, scope: "This tab only" });
    await one.reload();
    await two.reload();
    assert.equal((await listed.last("/page-one")).selector, String(CANARY));
    assert.equal((await listed.last("/page-two")).selector, "api=45");
    await send("", { over: one, scope: "This tab only" });
    listed.got.length = 0;
    await one.reload();
    assert.equal((await listed.last("/page-one")).selector, undefined);
    await close(one, two);
  });

  it("keeps a tab's own selector when its worker is ended", async () => {
    const page = await open(listed, "/page");
    await send("api=46", { over: page, scope: "This tab only" });
    await browser.endWorker();
    for (let reloads = 0; reloads < 3; reloads += 1) {
      listed.got.length = 0;
      await page.reload();
      assert.equal((await listed.last("/page")).selector, "api=46");
    }
    const popup = await browser.popup(page);
    await popup.getByText("This tab sends X-Canary: api=46").waitFor();
    await popup.close();
    listed.got.length = 0;
    await page.reload();
    assert.equal((await listed.last("/page")).selector, "api=46");
    await close(page);
  });

  it("shows who served the page and its requests, in the popup, the panel and the badge", async () => {
    const page = await open(listed, "/page");
    await page.evaluate(`fetch("/fetched")`);
    const popup = await browser.popup(page);
    await popup.getByText("Served by the canary.").first().waitFor();
    await popup.getByText("api: canary of PR 7, ab12cd34ef56").first().waitFor();
    const panel = await browser.panel(page);
    await panel.getByText("/fetched").waitFor();
    assert.deepEqual(await seriousFindings(panel), []);
    assert.deepEqual(await seriousFindings(popup), []);
    await popup.setViewportSize({ width: 380, height: 600 });
    await screenshot(popup, "extension-popup");
    await popup.emulateMedia({ colorScheme: "dark" });
    await screenshot(popup, "extension-popup-dark");
    assert.deepEqual(await seriousFindings(popup), []);
    await screenshot(panel, "extension-panel");
    await browser.badge(page, "7");
    await close(popup, panel, page);
  });

  it("warns where a request was meant for a canary and stable served everywhere", async () => {
    await send("8");
    const page = await open(listed, "/page");
    const popup = await browser.popup(page);
    await popup.getByText("served by stable everywhere").first().waitFor();
    assert.match(await browser.badge(page, "8!"), /stable everywhere/);
    await screenshot(popup, "extension-popup-warning");
    await send(String(CANARY));
    await close(popup, page);
  });

  it("opens a link with a selector in its tab, without it in the address", async () => {
    const page = await browser.context.newPage();
    // The extension loads it once more while it loads: that ends the first try.
    await page.goto(`${listed.origin}/page#x-canary=api=7`).catch(() => undefined);
    await page.waitForFunction("location.hash === ''");
    await page.waitForLoadState();
    const popup = await browser.popup(page);
    await popup.getByText("This tab sends X-Canary: api=7").waitFor();
    await close(popup, page);
    const fresh = await open(listed, "/page");
    assert.equal((await listed.last("/page")).selector, String(CANARY));
    await close(fresh);
  });

  it("changes nothing while it is off", async () => {
    const page = await open(listed, "/page");
    const popup = await browser.popup(page);
    await popup.getByRole("checkbox").click();
    await popup.getByText("This tab sends no selector.").waitFor();
    listed.got.length = 0;
    await page.reload();
    assert.equal((await listed.last("/page")).selector, undefined);
    await popup.getByRole("checkbox").click();
    await popup.getByText(`This tab sends X-Canary: ${CANARY}`).waitFor();
    await close(popup, page);
  });

  it("starts and works whatever is stored", async () => {
    const damaged = [
      null,
      0,
      "x",
      [],
      { selector: {}, targets: "x" },
      { recents: [1, null], pages: [{}] },
      { targets: [null, "///", "a b"], selector: "1,2" },
    ];
    for (const options of damaged) {
      await browser.store("local", { options });
      await browser.store("session", { tabs: options, "served-1": options });
      const popup = await browser.page("popup.html");
      await popup.getByText("No host is listed yet").waitFor();
      await close(popup);
    }
    await browser.store("local", { options: { targets: [listed.host], selector: String(CANARY) } });
    const page = await open(listed, "/page");
    const popup = await browser.popup(page);
    await popup.getByText(`This tab sends X-Canary: ${CANARY}`).waitFor();
    await close(popup, page);
  });

  it("sends what all tabs send after the browser was started again, and no more what one tab sent", async () => {
    const page = await open(listed, "/page");
    await send("api=47", { over: page, scope: "This tab only" });
    await browser.rulesOf("tabs", 1, "api=47");
    await browser.close();
    browser = await startExtended(profile.path, BUILT);
    await browser.rulesOf("tabs", 0);
    const again = await open(listed, "/page");
    listed.got.length = 0;
    await again.reload();
    assert.equal((await listed.last("/page")).selector, String(CANARY));
    await close(again);
  });

  async function open(host: TestHost, path: string): Promise<Page> {
    const page = await browser.context.newPage();
    await page.goto(`${host.origin}${path}`);
    return page;
  }

  /** Gives the popup a selector; empty: none. */
  async function send(
    selector: string,
    { over, scope }: { over?: Page; scope?: string } = {},
  ): Promise<void> {
    const page = over ?? (await open(other, "/page"));
    const popup = await browser.popup(page);
    if (scope !== undefined) await popup.getByLabel(scope).check();
    await selectorField(popup).fill(selector);
    await selectorField(popup).press("Enter");
    const now = selector === "" ? "This tab sends no selector." : `This tab sends X-Canary: ${selector}`;
    await popup.getByText(now, { exact: true }).waitFor();
    await close(popup, ...(over === undefined ? [page] : []));
  }

  async function close(...pages: readonly Page[]): Promise<void> {
    for (const page of pages) await page.close();
  }
});

function selectorField(popup: Page): Locator {
  return popup.getByRole("textbox", { name: /Pull request, or/ });
}
