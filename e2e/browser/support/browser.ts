import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { ROOT } from "../../support/perch.ts";
import { findChromium } from "../chromium.ts";

/** Git ignores it. */
const SCREENSHOTS = join(ROOT, ".cache", "screenshots");

/** A real Chromium. As root it has no sandbox of its own to use. */
export async function startBrowser(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: await findChromium(), args });
}

/** A page with storage of its own, and everything that went wrong in it. */
export interface TestPage {
  readonly page: Page;
  /** What the console and the page's policy complained about. */
  readonly complaints: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<TestPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  return { page, complaints };
}

/** Keeps what a person would see, to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await keep(name, await page.screenshot({ fullPage: true }));
}

export async function keep(name: string, png: Uint8Array): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await writeFile(join(SCREENSHOTS, `${name}.png`), png);
}
