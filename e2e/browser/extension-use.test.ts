import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import type { Page } from "playwright-core";
import { tabTo } from "./support/accessibility.ts";
import { buildExtension, type ExtendedBrowser, newProfile, startExtended } from "./support/extension.ts";
import { startHost, type TestHost } from "./support/hosts.ts";

const BUILT = "chrome-mv3-use";

describe("the extension in use", () => {
  const profiles = [newProfile(), newProfile()] as const;
  let browser: ExtendedBrowser;
  let host: TestHost;

  before(async () => {
    await buildExtension(BUILT);
    host = await startHost({ canary: 7 });
    browser = await startExtended(profiles[0].path, BUILT);
  });
  after(async () => {
    await browser?.close();
    await host?.close();
    await Promise.all(profiles.map(({ remove }) => remove()));
  });
  beforeEach(async () => {
    host.got.length = 0;
    await browser.store("local", { options: { targets: [host.host] } });
  });

  it("goes by keyboard alone: a pull request for each of two services, for this tab only", async () => {
    const page = await open("/page");
    const popup = await browser.popup(page);
    await popup.locator("#selector:focus").waitFor();
    await tabTo(popup, /^A pull request for each service$/);
    await popup.keyboard.press("Enter");
    for (const [service, pr] of [
      ["api", "7"],
      ["store", "45"],
    ] as const) {
      await tabTo(popup, /^Another service$/);
      await popup.keyboard.type(service);
      await popup.keyboard.press("Tab");
      await popup.keyboard.type(pr);
      await popup.keyboard.press("Enter");
      await popup.getByRole("combobox", { name: service }).waitFor();
    }
    await popup.getByLabel("All tabs").focus();
    await popup.keyboard.press("ArrowRight");
    await tabTo(popup, /^Send it$/);
    await popup.keyboard.press("Enter");
    await popup.getByText("This tab sends X-Canary: api=7,store=45", { exact: true }).waitFor();
    await page.reload();
    assert.equal((await host.last("/page")).selector, "api=7,store=45");
    await browser.badge(page, "2×");
    await browser.rulesOf("all", 0);
    await popup.close();
    await page.close();
  });

  it("sends it also where another host is listed whose name is as long as names may be", async () => {
    const long = `${["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(57)].join(".")}:443`;
    await browser.store("local", { options: { targets: [long, host.host], selector: "7" } });
    // With its port and, for https, without.
    await browser.rulesOf("all", 3, "7");
    const page = await open("/page");
    assert.equal((await host.last("/page")).selector, "7");
    await page.close();
  });

  it("sends it with frames, forms and redirects on the listed host", async () => {
    await browser.store("local", { options: { targets: [host.host], selector: "7" } });
    await browser.rulesOf("all", 1, "7");
    const page = await open("/page");
    await page.evaluate(`(() => {
      const frame = Object.assign(document.createElement("iframe"), { src: "/page-frame" });
      document.body.append(frame);
      return new Promise((done) => { frame.onload = done; });
    })()`);
    await page.evaluate(`fetch("/to?url=/page-redirected")`);
    await page.evaluate(`navigator.sendBeacon("/beacon", "x")`);
    await page.evaluate(`(() => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: "/page-form" });
      document.body.append(form);
      // After this has answered: where the page goes with it, nobody might.
      setTimeout(() => form.submit());
    })()`);
    for (const path of ["/page-frame", "/page-redirected", "/beacon", "/page-form"])
      assert.equal((await host.last(path)).selector, "7", path);
    // What is closed while the next page comes never says that it is closed.
    await page.waitForURL("**/page-form");
    await page.close();
  });

  it("gives a colleague the same state, by what one exports and the other imports", async () => {
    await browser.store("local", { options: { targets: [host.host], selector: "7" } });
    const options = await browser.page("options.html");
    const text = await options.getByRole("textbox", { name: "Export" }).inputValue();
    await options.close();
    const theirs = await startExtended(profiles[1].path, BUILT);
    try {
      const importing = await theirs.page("options.html");
      await importing.getByRole("textbox", { name: "Import" }).fill(`${text.slice(0, -3)}`);
      await importing.getByRole("button", { name: "Import" }).click();
      await importing.getByText(/This is no export of perch/).waitFor();
      await importing.getByRole("textbox", { name: "Import" }).fill(text);
      await importing.getByRole("button", { name: "Import" }).click();
      await importing.getByText("Imported.").waitFor();
      await theirs.rulesOf("all", 1, "7");
      const page = await theirs.context.newPage();
      await page.goto(`${host.origin}/page`);
      assert.equal((await host.last("/page")).selector, "7");
    } finally {
      await theirs.close();
    }
  });

  it("starts whatever is stored, and sends to the hosts that are hosts", async () => {
    const odd = fc.oneof(
      fc.webUrl(),
      fc.domain(),
      fc.domain().map((name) => `${name}:${name.length}`),
      fc.string(),
      fc.stringMatching(/^[a-z0-9-]{40,60}(\.[a-z0-9-]{40,60}){1,3}$/),
      fc.constantFrom("[::1]:80", "127.0.0.1", "xn--bcher-kva.example:443", "*", "a.b:99999"),
      fc.jsonValue(),
    );
    const stored = fc.record(
      {
        enabled: fc.oneof(fc.constant(true), fc.jsonValue()),
        targets: fc.oneof(fc.array(odd, { maxLength: 30 }), fc.jsonValue()),
        pages: fc.oneof(fc.array(odd, { maxLength: 30 }), fc.jsonValue()),
        statusUrl: odd,
        recents: fc.array(odd),
      },
      { requiredKeys: [] },
    );
    const tabs = fc.dictionary(
      fc.oneof(fc.nat().map(String), fc.string()),
      fc.constantFrom("", "7", "api=8", "x"),
    );
    for (const [options, single] of fc.sample(fc.tuple(stored, tabs), 12)) {
      const what = JSON.stringify({ options, single });
      const targets = Array.isArray(options.targets) ? options.targets : [];
      await browser.store("session", { tabs: single, "served-1": options });
      await browser.store("local", {
        options: { ...options, enabled: true, selector: "9", targets: [...targets, host.host] },
      });
      await browser.endWorker();
      const popup = await browser.page("popup.html");
      await popup.getByText(/^This tab sends/).waitFor();
      await popup.close();
      const page = await open("/page");
      await waitForSelector(page, "9", what);
      await page.close();
    }
  });

  async function open(path: string): Promise<Page> {
    const page = await browser.context.newPage();
    await page.goto(`${host.origin}${path}`);
    return page;
  }

  /** Loads the page until it carries this: the worker may just be about to set its rules. */
  async function waitForSelector(page: Page, selector: string, what: string): Promise<void> {
    for (const end = Date.now() + 30_000; (await host.last("/page")).selector !== selector; ) {
      assert.ok(Date.now() < end, `The selector is not sent with ${what}`);
      await page.reload();
    }
  }
});
