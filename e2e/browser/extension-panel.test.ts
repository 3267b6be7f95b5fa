import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { keep } from "./support/browser.ts";
import { findTarget, LISTEN, type Target } from "./support/cdp.ts";
import { buildExtension, type ExtendedBrowser, newProfile, startExtended } from "./support/extension.ts";
import { startHost, type TestHost } from "./support/hosts.ts";

const BUILT = "chrome-mv3-panel";
const CANARY = 7;

describe("the extension's panel in the browser's own developer tools", () => {
  const profile = newProfile();
  let browser: ExtendedBrowser;
  let host: TestHost;
  let page: Page;
  let panel: Target;

  before(async () => {
    await buildExtension(BUILT);
    host = await startHost({ canary: CANARY });
    browser = await startExtended(profile.path, BUILT, { args: [LISTEN, "--auto-open-devtools-for-tabs"] });
    await browser.store("local", { options: { targets: [host.host], selector: String(CANARY) } });
    await browser.rulesOf("all", 1);
    const [first] = browser.context.pages();
    assert.ok(first);
    page = first;
    await page.goto(`${host.origin}/page`);
    panel = await openPanel();
  });
  after(async () => {
    await browser?.close();
    await host?.close();
    await profile.remove();
  });
  beforeEach(() => {
    host.got.length = 0;
  });

  it("shows who served the page and each of its requests, as they come", async () => {
    await shows("This tab sends X-Canary: 7");
    await shows(`GET ${host.host}/page`);
    await page.evaluate(`fetch("/fetched")`);
    await shows(`GET ${host.host}/fetched`);
    await shows("api: canary of PR 7, ab12cd34ef56");
  });

  it("marks what the browser's cache answered, which no selector reached", async () => {
    await page.evaluate(`(async () => { await fetch("/kept"); await fetch("/kept"); })()`);
    await shows("From the browser’s cache or a service worker: the selector was not sent.");
    assert.equal(host.got.filter(({ path }) => path === "/kept").length, 1);
  });

  it("says what a service worker does to it; what the worker fetches carries what all tabs send", async () => {
    await shows("What a service worker or the browser’s cache answers never reached the network");
    await page.evaluate(`(async () => {
      await navigator.serviceWorker.register("/worker.js");
      await navigator.serviceWorker.ready;
    })()`);
    await page.waitForFunction("navigator.serviceWorker.controller !== null");
    await page.evaluate(`(async () => { await fetch("/from-worker"); await fetch("/through-worker"); })()`);
    assert.equal((await host.last("/through-worker")).selector, String(CANARY));
    assert.equal(
      host.got.some(({ path }) => path === "/from-worker"),
      false,
    );
  });

  it("asks anew for another selector: Vary keeps apart what the browser's cache has", async () => {
    await page.evaluate(`fetch("/kept-by-selector")`);
    await browser.store("local", { options: { targets: [host.host], selector: "8" } });
    await browser.rulesOf("all", 1, "8");
    await page.evaluate(`fetch("/kept-by-selector")`);
    const got = host.got.filter(({ path }) => path === "/kept-by-selector");
    assert.deepEqual(
      got.map(({ selector }) => selector),
      [String(CANARY), "8"],
    );
    await shows("stable everywhere");
  });

  /** From panel to panel, as the keys lead: there, it is in the frame that shows it. */
  async function openPanel(): Promise<Target> {
    const tools = await findTarget(profile.path, "devtools://devtools/");
    await tools.resize(1_500, 700);
    const opened = await findTarget(profile.path, `${browser.id}/panel.html`, () =>
      tools.pressControl("BracketLeft", 219),
    );
    await opened.until(`document.body.innerText.includes("/page")`);
    await keep("extension-devtools", await tools.screenshot());
    return opened;
  }

  async function shows(text: string): Promise<void> {
    await panel.until(`document.body.innerText.includes(${JSON.stringify(text)})`);
  }
});
