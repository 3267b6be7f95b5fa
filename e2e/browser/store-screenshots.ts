import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startDemo } from "../support/demo.ts";
import { ROOT } from "../support/perch.ts";
import { findTarget, LISTEN } from "./support/cdp.ts";
import { buildExtension, type ExtendedBrowser, newProfile, startExtended } from "./support/extension.ts";

/** Git ignores it. */
const OUTPUT = join(ROOT, "apps", "extension", ".output", "screenshots");
/** What a store takes. */
const SIZE = { width: 1_280, height: 800 };
const BUILT = "chrome-mv3-screenshots";

/** Draws the pictures for a store, of the extension as it runs with the engine that `make up` starts. */
async function main(): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  await buildExtension(BUILT);
  const [demo, profile] = [await startDemo(), newProfile()];
  try {
    const { edge, engine } = await demo.status();
    const host = `localhost:${new URL(edge.url).port}`;
    const args = [LISTEN, "--auto-open-devtools-for-tabs"];
    const browser = await startExtended(profile.path, BUILT, { args });
    try {
      await browser.store("local", {
        options: { targets: [host], statusUrl: engine.statusUrl, selector: "1" },
      });
      await browser.rulesOf("all", 1, "1");
      await draw(browser, `http://${host}/api/items`, profile.path);
    } finally {
      await browser.close();
    }
  } finally {
    await demo.end();
    await profile.remove();
  }
}

async function draw(browser: ExtendedBrowser, address: string, profile: string): Promise<void> {
  const [page] = browser.context.pages();
  if (page === undefined) throw new Error("The browser began without a page.");
  await page.goto(address);
  await drawPanel(browser, profile);
  const popup = await browser.popup(page);
  await popup.setViewportSize({ width: 380, height: 640 });
  await popup
    .getByText(/^store: canary of PR 1/)
    .first()
    .waitFor();
  await framed(page, popup, "1-pick", "Pick a pull request, and see who really served the page");
  await popup.getByText("A pull request for each service").click();
  await popup.getByRole("combobox", { name: "api" }).selectOption({ index: 1 });
  await popup.emulateMedia({ colorScheme: "dark" });
  await framed(page, popup, "2-each-service", "Or one for each service, for all tabs or for this one");
  await popup.close();
  const options = await browser.page("options.html");
  await options.setViewportSize(SIZE);
  await options.getByText("Hosts that get X-Canary").first().waitFor();
  await write("3-options", await options.screenshot());
  await options.close();
}

async function drawPanel(browser: ExtendedBrowser, profile: string): Promise<void> {
  const tools = await findTarget(profile, "devtools://devtools/");
  await tools.resize(SIZE.width, SIZE.height);
  const panel = await findTarget(profile, `${browser.id}/panel.html`, () =>
    tools.pressControl("BracketLeft", 219),
  );
  await panel.until(`document.body.innerText.includes("canary of PR 1")`);
  await write("4-panel", await tools.screenshot());
}

/** The popup on a page of the size that is wanted, beside a sentence. */
async function framed(page: Page, popup: Page, name: string, sentence: string): Promise<void> {
  const popupPicture = (await popup.screenshot()).toString("base64");
  const canvas = await page.context().newPage();
  await canvas.setViewportSize(SIZE);
  await canvas.setContent(`<!doctype html><body style="margin:0;height:100vh;display:flex;align-items:center;justify-content:center;
    gap:80px;background:#0b57c2;color:#fff;font:600 40px/1.3 system-ui">
    <p style="width:440px">${sentence}</p><img style="border-radius:12px;box-shadow:0 12px 40px #0008" src="data:image/png;base64,${popupPicture}">`);
  await canvas.locator("img").evaluate("(image) => image.decode()");
  await write(name, await canvas.screenshot());
  await canvas.close();
}

async function write(name: string, png: Uint8Array): Promise<void> {
  await writeFile(join(OUTPUT, `${name}.png`), png);
}

await main();
