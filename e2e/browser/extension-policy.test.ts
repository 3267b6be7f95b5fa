import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { screenshot } from "./support/browser.ts";
import {
  buildExtension,
  type ExtendedBrowser,
  extensionId,
  newProfile,
  startExtended,
} from "./support/extension.ts";
import { startHost, type TestHost } from "./support/hosts.ts";
import { type PolicedBrowser, policedBrowser } from "./support/policy.ts";

const BUILT = "chrome-mv3-policy";

const policed = await policedBrowser();

describe("what a company's policy presets", { skip: typeof policed === "string" && policed }, () => {
  const { executablePath, set, remove } = policed as PolicedBrowser;
  const profile = newProfile();
  let browser: ExtendedBrowser;
  let preset: TestHost;
  let later: TestHost;

  before(async () => {
    await buildExtension(BUILT);
    [preset, later] = await Promise.all([startHost({ canary: 7 }), startHost({ canary: 7 })]);
    await set(policyOf([preset.host, "no host"]));
    browser = await startExtended(profile.path, BUILT, { executablePath });
  });
  after(async () => {
    await browser?.close();
    await Promise.all([preset?.close(), later?.close(), remove()]);
    await profile.remove();
  });

  it("is in the options, where it cannot be removed; what is no host is left out", async () => {
    const options = await browser.page("options.html");
    const hosts = options.getByRole("region", { name: "Hosts that get X-Canary" });
    await hosts.getByText("set by your organisation").waitFor();
    assert.deepEqual(await hosts.locator("li code").allTextContents(), [preset.host]);
    assert.equal(await options.getByRole("button", { name: /^Remove/ }).count(), 0);
    const pages = options.getByRole("region", { name: "Pages whose calls carry it" });
    assert.deepEqual(await pages.locator("li code").allTextContents(), ["https://shop.example.com"]);
    const status = options.getByRole("textbox", { name: "Base address of the status API" });
    assert.equal(await status.inputValue(), "http://127.0.0.1:9");
    await screenshot(options, "extension-policy");
    await options.close();
  });

  it("holds: its hosts get the selector", async () => {
    const popup = await browser.page("popup.html");
    await popup.getByRole("textbox", { name: /Pull request/ }).fill("7");
    await popup.keyboard.press("Enter");
    await popup.getByText("This tab sends X-Canary: 7", { exact: true }).waitFor();
    await popup.close();
    const page = await browser.context.newPage();
    await page.goto(`${preset.origin}/page`);
    assert.equal((await preset.last("/page")).selector, "7");
    await page.close();
  });

  it("holds as it is changed, in a browser that runs", async () => {
    await set(policyOf([later.host]));
    const options = await browser.page("options.html");
    await options.getByText(later.host, { exact: true }).first().waitFor();
    await options.close();
    await browser.rulesOf("all", 1, "7");
    const page = await browser.context.newPage();
    await page.goto(`${later.origin}/page`);
    assert.equal((await later.last("/page")).selector, "7");
    preset.got.length = 0;
    await page.goto(`${preset.origin}/page`);
    assert.equal((await preset.last("/page")).selector, undefined);
    await page.close();
  });

  function policyOf(targets: readonly string[]): object {
    const ours = { targets, pages: ["https://shop.example.com"], statusUrl: "http://127.0.0.1:9" };
    return { "3rdparty": { extensions: { [extensionId(BUILT)]: ours } } };
  }
});
