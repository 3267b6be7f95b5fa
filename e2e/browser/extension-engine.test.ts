import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { type Demo, startDemo } from "../support/demo.ts";
import { seriousFindings } from "./support/accessibility.ts";
import { screenshot } from "./support/browser.ts";
import { buildExtension, type ExtendedBrowser, newProfile, startExtended } from "./support/extension.ts";
import { startHost, type TestHost } from "./support/hosts.ts";

/** Two pull requests: PR 1 changes store, PR 2 changes api. */
describe("the extension with the engine that `make up` starts", () => {
  const profile = newProfile();
  let demo: Demo;
  let browser: ExtendedBrowser;
  let elsewhere: TestHost;
  let edge = "";
  /** By the extension's own pages. */
  const asked = new Set<string>();

  before(async () => {
    await buildExtension("chrome-mv3-engine");
    const started = await startDemo();
    demo = started;
    assert.equal(started.up.code, 0, started.up.stderr);
    edge = `localhost:${new URL((await demo.status()).edge.url).port}`;
    elsewhere = await startHost({ canary: 0 });
    browser = await startExtended(profile.path, "chrome-mv3-engine");
    browser.context.on("request", (request) => {
      // Of pages alone: the worker asks nothing by itself, and has no code that could.
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && request.frame().url().startsWith("chrome-extension:"))
        asked.add(origin);
    });
  });
  after(async () => {
    await browser?.close();
    await elsewhere?.close();
    await demo?.end();
    await profile.remove();
  });

  it("is given the edge and the status API in its options", async () => {
    const options = await browser.page("options.html");
    await options.getByRole("textbox", { name: "Hosts that get X-Canary" }).fill(edge);
    await options.keyboard.press("Enter");
    await options.getByRole("button", { name: `Remove ${edge}` }).waitFor();
    const status = options.getByRole("textbox", { name: "Base address of the status API" });
    await status.fill((await demo.status()).engine.statusUrl ?? "");
    await status.press("Enter");
    await options.getByRole("textbox", { name: "Export" }).waitFor();
    await options.waitForFunction("document.getElementById('export').value.includes('statusUrl\": \"http')");
    await options.close();
  });

  it("lists the live canaries to pick from; the one that is picked serves, hop by hop", async () => {
    const page = await browser.context.newPage();
    await page.goto(`http://${edge}/api/items`);
    const popup = await browser.popup(page);
    await popup.getByRole("button", { name: /PR 1 / }).click();
    await popup.getByText("This tab sends X-Canary: 1", { exact: true }).waitFor();
    await page.reload();
    assert.match(await page.innerText("body"), /\(new\)/);
    await showsHops(popup, "extension-popup-engine", [
      /^api: stable, [0-9a-f]{12}$/,
      /^store: canary of PR 1, [0-9a-f]{12}$/,
    ]);
    await popup.close();
    await page.close();
  });

  it("chooses a pull request for each service, without a list being typed", async () => {
    const page = await browser.context.newPage();
    await page.goto(`http://${edge}/api/items`);
    const popup = await browser.popup(page);
    await popup.getByText("A pull request for each service").click();
    await popup
      .getByRole("combobox", { name: "api" })
      .selectOption({ label: "PR 2 Show a price for people" });
    await popup
      .getByRole("combobox", { name: "store" })
      .selectOption({ label: "PR 1 Mark the names of items as new" });
    await popup.getByRole("button", { name: "Send it" }).click();
    await popup.getByText("This tab sends X-Canary: api=2,store=1", { exact: true }).waitFor();
    await page.reload();
    await showsHops(popup, "extension-popup-each", [
      /^api: canary of PR 2, [0-9a-f]{12}$/,
      /^store: canary of PR 1, [0-9a-f]{12}$/,
    ]);
    await popup.getByRole("combobox", { name: "api" }).selectOption({ label: "stable" });
    await popup.getByRole("button", { name: "Send it" }).click();
    await popup.getByText("This tab sends X-Canary: store=1", { exact: true }).waitFor();
    await popup.close();
    await page.close();
  });

  it("shows two pull requests side by side, in two tabs", async () => {
    const [one, two] = [await browser.context.newPage(), await browser.context.newPage()];
    await one.goto(`http://${edge}/api/items#one`);
    await two.goto(`http://${edge}/api/items#two`);
    const popup = await browser.popup(two);
    await popup.getByLabel("This tab only").check();
    await popup.getByRole("button", { name: /PR 2 / }).click();
    await popup.getByText("This tab sends X-Canary: 2", { exact: true }).waitFor();
    await Promise.all([one.reload(), two.reload()]);
    const answers = await Promise.all([one, two].map((page) => page.innerText("body")));
    await browser.badge(one, "1");
    await browser.badge(two, "2");
    assert.deepEqual(
      answers.map((text) => [text.includes("(new)"), /"price":/.test(text)]),
      [
        [true, false],
        [false, true],
      ],
    );
    await Promise.all([popup, one, two].map((page) => page.close()));
  });

  it("warns where no service on the way has that canary", async () => {
    const page = await browser.context.newPage();
    await page.goto(`http://${edge}/api/items`);
    const popup = await browser.popup(page);
    await popup.getByRole("textbox", { name: /Pull request, or/ }).fill("99");
    await popup.keyboard.press("Enter");
    await popup.getByText("This tab sends X-Canary: 99", { exact: true }).waitFor();
    await page.reload();
    await popup.getByText("served by stable everywhere").first().waitFor();
    await popup.close();
    await page.close();
  });

  it("lets a page of another origin choose a canary by itself: the api's preflight allows X-Canary", async () => {
    const page = await browser.context.newPage();
    await page.goto(`${elsewhere.origin}/page`);
    const trail = await page.evaluate(
      `fetch("http://${edge}/api/items", { headers: { "X-Canary": "2" } }).then((answer) => answer.headers.get("x-canary-trail"))`,
    );
    // The extension's own selector replaces the page's: its user asked for that one.
    assert.match(String(trail), /^"api";rev=/);
    const popup = await browser.popup(page);
    await popup.getByRole("checkbox").click();
    await popup.getByText("This tab sends no selector.").waitFor();
    const own = await page.evaluate(
      `fetch("http://${edge}/api/items", { headers: { "X-Canary": "2" } }).then((answer) => answer.headers.get("x-canary-trail"))`,
    );
    assert.match(String(own), /^"api";pr=2/);
    await popup.close();
    await page.close();
  });

  it("asked nobody by itself but the status API", async () => {
    const { origin } = new URL((await demo.status()).engine.statusUrl ?? "");
    assert.deepEqual([...asked], [origin]);
  });
});

/** The popup says who served, in a form that everybody can use; a picture of it is kept. */
async function showsHops(popup: Page, picture: string, hops: readonly RegExp[]): Promise<void> {
  for (const hop of hops) await popup.getByText(hop).first().waitFor();
  assert.deepEqual(await seriousFindings(popup), []);
  await popup.setViewportSize({ width: 380, height: 700 });
  await screenshot(popup, picture);
}
