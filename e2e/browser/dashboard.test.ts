import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type Demo, startDemo } from "../support/demo.ts";
import { seriousFindings, tabTo } from "./support/accessibility.ts";
import { openPage, screenshot, startBrowser, type TestPage } from "./support/browser.ts";
import { buildDashboard } from "./support/build-dashboard.ts";
import { type Cuttable, cuttable } from "./support/cuttable.ts";

/** Every kind of page. */
const PAGES = ["#/", "#/pr/2", "#/pr/1/store", "#/service/store", "#/try", "#/nope"];

describe("the dashboard in a browser", () => {
  let demo: Demo;
  let browser: Browser;
  let statusUrl: string;
  before(async () => {
    await buildDashboard();
    const started = await startDemo();
    demo = started;
    assert.equal(started.up.code, 0, started.up.stderr);
    statusUrl = (await demo.status()).engine.statusUrl ?? "";
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await demo?.end();
  });

  /** A page that is closed with its test, and must not have complained. */
  async function withPage(
    hash: string,
    look: (opened: TestPage) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const opened = await openPage(browser, `${statusUrl}/${hash}`, options);
    try {
      await opened.page.getByText("Live", { exact: true }).waitFor();
      await look(opened);
      assert.deepEqual(opened.complaints, []);
    } finally {
      await opened.page.context().close();
    }
  }

  it("says of a canary whether it does worse than stable, or what is missing to tell", async () => {
    await demo.get("/api/items", { "x-canary": "1" });
    await withPage("#/service/store", async ({ page }) => {
      const row = page.getByRole("row", { name: /canary of PR 1/ });
      await row.getByText("Too few requests to tell").waitFor();
      await page.getByText(/^PR 1: It had 1 request; 50 are needed to tell\.$/).waitFor();
    });
    await Promise.all(Array.from({ length: 60 }, () => demo.get("/api/items", { "x-canary": "1" })));
    await Promise.all(Array.from({ length: 60 }, () => demo.get("/api/items")));
    await withPage("#/service/store", async ({ page }) => {
      const row = page.getByRole("row", { name: /canary of PR 1/ });
      await row.getByText(/^(?:No worse|Worse) than stable$/).waitFor();
    });
  });

  it("shows both pull requests, what they are canaries of, their states and revisions", async () => {
    const status = await demo.status();
    await withPage("#/", async ({ page }) => {
      for (const { number, title, services } of status.pullRequests) {
        const card = page.getByRole("article", { name: title });
        await card.waitFor();
        const text = await card.innerText();
        const canary = status.services
          .flatMap(({ canaries }) => canaries)
          .find(({ pr, service }) => pr === number && services.includes(service));
        assert.match(text, new RegExp(`#${number}`));
        assert.match(text, new RegExp(`${canary?.service}[^]*Ready[^]*${canary?.revision}`));
      }
      await screenshot(page, "dashboard-overview");
    });
  });

  it("shows a tried request's way: through stable api to the canary of store", async () => {
    await withPage("#/try", async ({ page }) => {
      await page.getByRole("button", { name: /^1 PR 1/ }).click();
      await page.getByRole("heading", { name: /^200/ }).waitFor();
      const drawn = await page
        .locator(".trail .node")
        .evaluateAll((nodes) =>
          nodes.map((node) => [node.getAttribute("class"), node.querySelector(".node-title")?.textContent]),
        );
      assert.deepEqual(drawn, [
        ["node node-you", "Request"],
        ["node node-stable", "api"],
        ["node node-canary", "store"],
      ]);
      const shapes = await page
        .locator(".trail .node-shape")
        .evaluateAll((all) => all.map(({ tagName }) => tagName));
      assert.deepEqual(shapes, ["rect", "rect", "path"]);
      const said = await page.locator(".trail li").allTextContents();
      assert.match(said.join("; "), /^api: stable, revision \w+; store: canary of PR 1, revision \w+$/);
      await page.getByText("Served by the canary store of PR 1.").waitFor();
      assert.match(await page.getByLabel("Body of the answer").innerText(), /\(new\)/);
      assert.match(page.url(), /#\/try\?selector=1&path=/);
      await screenshot(page, "dashboard-try");
    });
  });

  it("says what is wrong with a selector while it is typed, and sends none that is", async () => {
    await withPage("#/try", async ({ page }) => {
      await page.getByLabel("X-Canary").fill("api=2,");
      await page.getByText(/this is neither/).waitFor();
      assert.equal(await page.getByRole("button", { name: "Send" }).isDisabled(), true);
      await page.getByLabel("X-Canary").fill("api=2,store=1");
      await page.getByLabel("X-Canary").press("Enter");
      await page.getByText("Served by the canary api of PR 2 and store of PR 1.").waitFor();
      await page.getByLabel("X-Canary").fill("99");
      await page.getByLabel("X-Canary").press("Enter");
      await page.getByText(/^Stable served every hop/).waitFor();
    });
  });

  it("opens a canary by its link: state, routes, share link, curl, timeline, log, and stable beside it", async () => {
    await demo.get("/api/items", { "x-canary": "1" });
    await demo.get("/api/items");
    await withPage("#/pr/1/store", async ({ page }) => {
      await page.getByRole("heading", { name: /^store canary of PR 1/ }).waitFor();
      assert.match(await page.title(), /^store, PR 1/);
      for (const text of ["Opened", "Built", "Ready"])
        await page.locator(".timeline").getByText(text).waitFor();
      await page
        .getByLabel("Log of store")
        .getByText(/\[perch\] start: node/)
        .waitFor();
      assert.match(await page.locator("main").innerText(), /curl -i -H 'X-Canary: 1' http/);
      assert.match(await page.locator("main").innerText(), /http:\/\/pr-1\.localhost:\d+\//);
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy: curl, by header" }).click();
      await page.getByRole("button", { name: "Copied: curl, by header" }).waitFor();
      const line = await page.evaluate<string>("navigator.clipboard.readText()");
      assert.match(line, /^curl -i -H 'X-Canary: 1' http:/);
      const rows = page.getByLabel("Measurements").locator("tbody tr");
      await rows.filter({ hasText: "canary of PR 1" }).waitFor();
      await rows.filter({ has: page.getByText("stable", { exact: true }) }).waitFor();
      await page.locator(".plot canvas").first().waitFor();
      await screenshot(page, "dashboard-canary");
    });
    await withPage("#/pr/99/store", async ({ page }) => {
      await page.getByText(/store has no canary of PR 99/).waitFor();
    });
  });

  it("says so when the engine does not answer, and is live again once it does", async () => {
    const way: Cuttable = await cuttable(statusUrl);
    const { page } = await openPage(browser, way.url);
    try {
      await page.getByText("Live", { exact: true }).waitFor();
      await way.cut();
      await page.getByText(/^Not connected/).waitFor();
      await page.getByRole("article").first().waitFor();
      await screenshot(page, "dashboard-lost");
      await way.restore();
      await page.getByText("Live", { exact: true }).waitFor();
    } finally {
      await page.context().close();
      await way.close();
    }
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has nothing that axe calls serious on any page, ${colorScheme}`, async () => {
      await withPage(
        "#/",
        async ({ page }) => {
          for (const hash of PAGES) {
            await show(page, hash);
            assert.deepEqual(await seriousFindings(page), [], hash);
          }
          await tryOnce(page);
          assert.deepEqual(await seriousFindings(page), []);
          const [back, text] = await colors(page);
          assert.equal(brightness(back) > brightness(text), colorScheme === "light");
          await screenshot(page, `dashboard-${colorScheme}`);
        },
        { colorScheme },
      );
    });
  }

  it("fits a phone: no page scrolls sideways", async () => {
    await withPage(
      "#/",
      async ({ page }) => {
        for (const hash of PAGES) {
          await show(page, hash);
          assert.equal(await fits(page), true, hash);
        }
        await tryOnce(page);
        assert.equal(await fits(page), true);
        await screenshot(page, "dashboard-phone");
      },
      { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
    );
  });

  it("can be used by keyboard alone", async () => {
    await withPage("#/", async ({ page }) => {
      await page.getByRole("article").first().waitFor();
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate("document.activeElement.textContent.trim()"), "Skip to content");
      await page.keyboard.press("Enter");
      await tabTo(page, /^store$/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: /^store canary of PR 1/ }).waitFor();
      assert.equal(await page.evaluate("document.activeElement.id"), "main");
      await tabTo(page, /^Try it here$/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Try it" }).waitFor();
      assert.equal(await page.getByLabel("X-Canary").inputValue(), "1");
      await tabTo(page, /^Send$/);
      await page.keyboard.press("Enter");
      await page.getByText("Served by the canary store of PR 1.").waitFor();
    });
  });

  async function show(page: Page, hash: string): Promise<void> {
    await page.goto(`${statusUrl}/${hash}`);
    await page.locator("main h1").waitFor();
    // Contents that come later belong to the page, too.
    if (hash.includes("store"))
      await page
        .getByLabel("Log of store")
        .getByText(/start: node/)
        .waitFor();
  }
});

async function tryOnce(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Try it", exact: true }).first().click();
  await page.getByRole("button", { name: /^api=2,store=1/ }).click();
  await page.getByRole("heading", { name: /^200/ }).waitFor();
  await page.locator("summary").click();
}

/** Of `rgb(1, 2, 3)`. */
function brightness(color: string): number {
  return (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
}

function fits(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth");
}

/** Of the page's background and text. */
function colors(page: Page): Promise<[back: string, text: string]> {
  return page.evaluate(
    "(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))",
  );
}
