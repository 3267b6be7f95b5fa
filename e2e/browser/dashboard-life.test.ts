import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { type Demo, startDemo } from "../support/demo.ts";
import { seriousFindings } from "./support/accessibility.ts";
import { openPage, screenshot, startBrowser } from "./support/browser.ts";
import { buildDashboard } from "./support/build-dashboard.ts";

const FILE = "services/store/src/items/to-message.ts";

/** One page that is never loaded again: what it shows, it was sent. */
describe("a pull request's life, as an open dashboard shows it", () => {
  let demo: Demo;
  let browser: Browser;
  let page: Page;
  before(async () => {
    await buildDashboard();
    const started = await startDemo({ idle: "8s" });
    demo = started;
    assert.equal(started.up.code, 0, started.up.stderr);
    browser = await startBrowser();
    ({ page } = await openPage(browser, (await demo.status()).engine.statusUrl ?? ""));
    await page.evaluate("window.loadedOnce = true");
  });
  after(async () => {
    stopUsing?.();
    await browser?.close();
    await demo?.end();
  });

  const canary = () => page.getByRole("region", { name: "store, PR 3" });
  let served: string;
  let stopUsing: (() => void) | undefined;

  /** Somebody who uses the canary all the time, so that it does not sleep. */
  function use(): () => void {
    const ask = () => void demo.get("/api/items", { "x-canary": "3" }).catch(() => undefined);
    const timer = setInterval(ask, 500);
    return () => clearInterval(timer);
  }

  it("opens: it is there with its state, and becomes ready", async () => {
    await demo.git("fetch", "--quiet", "origin", "refs/pull/1/head");
    await demo.git("push", "--quiet", "origin", "FETCH_HEAD:refs/pull/3/head");
    await canary().waitFor();
    stopUsing = use();
    await canary().getByText("Ready", { exact: true }).waitFor();
    await screenshot(page, "life-1-ready");
  });

  it("rolls: the new revision comes beside the old one, and takes its place", async () => {
    const head = await demo.push(3, FILE, (text) => text.replace("(new)", "(newer)"));
    served = head.slice(0, 12);
    await canary().locator(".canary-line").getByText(served).waitFor();
    await canary().getByText("Ready", { exact: true }).waitFor();
    await screenshot(page, "life-2-rolled");
  });

  it("sleeps when nobody uses it, and a request wakes it", async () => {
    stopUsing?.();
    await canary().getByText("Asleep", { exact: true }).waitFor();
    await screenshot(page, "life-3-asleep");
    // The first may end before it is awake: how long api waits for store is api's own.
    stopUsing = use();
    await canary().getByText("Ready", { exact: true }).waitFor();
  });

  it("fails: what failed, what to do and the log's end are there, and what serves meanwhile", async () => {
    const head = await demo.push(3, FILE, (text) => `throw new Error("broken on purpose");\n${text}`);
    const failure = canary().locator(".failure");
    await failure.waitFor();
    const text = await canary().innerText();
    assert.match(text, new RegExp(`Ready[^]*${served}[^]*${head.slice(0, 12)}`));
    assert.match(text, new RegExp(`Until it is ready, ${served} serves`));
    assert.match(text, /What to do: \S/);
    await failure.getByText("Last lines of its log").click();
    await failure
      .getByText(/broken on purpose/)
      .first()
      .waitFor();
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await seriousFindings(page), [], colorScheme);
    }
    await screenshot(page, "life-4-failed");
    await page.setViewportSize({ width: 320, height: 640 });
    assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    await screenshot(page, "life-4-failed-phone");
    await page.setViewportSize({ width: 1_280, height: 720 });
  });

  it("has a timeline of all that", async () => {
    await canary().getByRole("link", { name: "store", exact: true }).click();
    await page.locator(".timeline").getByText("Rolled").waitFor();
    const kinds = await page.locator(".timeline strong").allInnerTexts();
    assert.deepEqual(kinds.filter((kind) => kind !== "Built" && kind !== "Failed").toReversed(), [
      "Opened",
      "Ready",
      "Pushed",
      "Rolled",
      "Slept",
      "Woke",
      "Pushed",
    ]);
    assert.deepEqual(await seriousFindings(page), []);
    assert.ok(kinds.includes("Built") && kinds.includes("Failed"));
    await screenshot(page, "life-5-timeline");
  });

  it("closes: its page says so, and the list has it no more", async () => {
    await demo.git("push", "--quiet", "origin", ":refs/pull/3/head");
    await page.getByText(/store has no canary of PR 3/).waitFor();
    await page.getByRole("link", { name: "← All pull requests" }).click();
    await page.getByRole("article", { name: /#1/ }).waitFor();
    assert.equal(await canary().count(), 0);
    assert.equal(await page.evaluate("window.loadedOnce"), true);
  });
});
