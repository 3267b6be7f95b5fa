import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { type BrowserContext, chromium, type Page, type Worker } from "playwright-core";
import { ROOT } from "../../support/perch.ts";
import { findChromium } from "../chromium.ts";

const EXTENSION = join(ROOT, "apps", "extension");
const OUTPUT = join(EXTENSION, ".output");
/** Milliseconds to wait for the browser. */
const PATIENCE = 30_000;

/**
 * Builds the extension.
 * @param name of the folder: test files that run at the same time have one each
 * @param hosts that it may reach unasked: those of the tests, or none, as a store's
 */
export async function buildExtension(name: string, hosts: "test" | "none" = "test"): Promise<void> {
  const env = { PERCH_EXTENSION_FOLDER: name, PERCH_EXTENSION_TEST: hosts === "test" ? "1" : "0" };
  await execa("npx", ["wxt", "build"], { cwd: EXTENSION, env });
}

/** What a browser calls an extension that it loads from a folder: the start of its path's hash, in letters from a to p. */
export function extensionId(name: string): string {
  const digest = createHash("sha256").update(join(OUTPUT, name)).digest("hex").slice(0, 32);
  return [...digest].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
}

/** How to start a browser where it is not the usual one. */
export interface Start {
  /** Of an X display that people could look at; absent: headless. */
  readonly display?: string;
  readonly args?: readonly string[];
  /** In place of the browser itself: what starts it. */
  readonly executablePath?: string;
}

/** A browser with the extension in it. */
export interface ExtendedBrowser {
  readonly context: BrowserContext;
  /** The extension's, which the browser makes of its folder. */
  readonly id: string;
  /** The extension's worker, started if need be. */
  worker(): Promise<Worker>;
  /** A page of the extension: `popup.html`, `options.html`. */
  page(path: string): Promise<Page>;
  /** The popup as it is over that page. */
  popup(over: Page): Promise<Page>;
  /** The panel of the developer tools, as it is for that page. */
  panel(of: Page): Promise<Page>;
  /**
   * Waits until the icon shows this text for that page: the browser wipes it when the page comes, and the worker hears of that
   * in its own time. Resolves to the icon's title.
   */
  badge(of: Page, text: string): Promise<string>;
  /** Ends the extension's worker, as the browser does when it is idle. */
  endWorker(): Promise<void>;
  /** Puts something into what the extension keeps. */
  store(area: "local" | "session", items: Readonly<Record<string, unknown>>): Promise<void>;
  /** Waits until the browser has rules for so many hosts, for all tabs or for single ones, all with this selector. */
  rulesOf(whom: "all" | "tabs", hosts: number, selector?: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param profile a folder; the same one again is the same person's browser, started again.
 * @param name of the folder that the extension was built into
 */
export async function startExtended(
  profile: string,
  name: string,
  { display, args = [], executablePath }: Start = {},
): Promise<ExtendedBrowser> {
  const built = join(OUTPUT, name);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executablePath ?? (await findChromium()),
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `--disable-extensions-except=${built}`,
      `--load-extension=${built}`,
      ...args,
    ],
    ignoreDefaultArgs: ["--disable-extensions"],
    ...(display !== undefined && { headless: false, env: { ...process.env, DISPLAY: display } }),
  });
  context.setDefaultTimeout(PATIENCE);
  const worker = () => serviceWorker(context);
  const { host: id } = new URL((await worker()).url());
  const page = async (path: string) => {
    const opened = await context.newPage();
    await opened.goto(`chrome-extension://${id}/${path}`);
    return opened;
  };
  const about = async (path: string, of: Page) => page(`${path}?tab=${await tabOf(await worker(), of)}`);
  return {
    context,
    id,
    worker,
    page,
    popup: (over) => about("popup.html", over),
    panel: (of) => about("panel.html", of),
    badge: async (of, text) => {
      const tabId = await tabOf(await worker(), of);
      const end = Date.now() + PATIENCE;
      for (;;) {
        const badge = await badgeIn(await worker(), tabId);
        if (badge.text === text) return badge.title;
        if (Date.now() > end) throw new Error(`The badge says ${JSON.stringify(badge.text)}, not ${text}.`);
        await sleep(50);
      }
    },
    endWorker: () => endWorker(context, id),
    store: async (area, items) => {
      await (await worker()).evaluate(
        ([name, what]) => (globalThis as unknown as { chrome: Chrome }).chrome.storage[name].set(what),
        [area, items] as const,
      );
    },
    rulesOf: async (whom, hosts, selector) => {
      const end = Date.now() + PATIENCE;
      for (;;) {
        const rules = await rulesIn(await worker(), whom);
        const values = rules.flatMap(({ action }) => action.requestHeaders.map(({ value }) => value));
        const found = new Set(rules.map(({ condition }) => condition.urlFilter.replace(/^.*:\/\//, ""))).size;
        if (found === hosts && values.every((value) => (selector ?? value) === value)) return;
        if (Date.now() > end) throw new Error(`The browser has these rules: ${JSON.stringify(rules)}`);
        await sleep(50);
      }
    },
    close: () => context.close(),
  };
}

function badgeIn(worker: Worker, tabId: number): Promise<{ text: string; title: string }> {
  return worker.evaluate(async (tab) => {
    const { action } = (globalThis as unknown as { chrome: Chrome }).chrome;
    return { text: await action.getBadgeText({ tabId: tab }), title: await action.getTitle({ tabId: tab }) };
  }, tabId);
}

function rulesIn(worker: Worker, whom: "all" | "tabs"): Promise<Rule[]> {
  const name = whom === "all" ? "getDynamicRules" : "getSessionRules";
  return worker.evaluate(
    (get) => (globalThis as unknown as { chrome: Chrome }).chrome.declarativeNetRequest[get](),
    name as "getDynamicRules" | "getSessionRules",
  );
}

/** A new profile's folder, and how to remove it. */
export function newProfile(): { path: string; remove: () => Promise<void> } {
  const path = join(tmpdir(), `perch-profile-${crypto.randomUUID()}`);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Of the browser's rules. */
interface Rule {
  readonly condition: { readonly urlFilter: string };
  readonly action: { readonly requestHeaders: readonly { readonly value?: string }[] };
}

/** The part of the extension's API that tests call in its worker. */
interface Chrome {
  readonly action: {
    getBadgeText(of: { tabId: number }): Promise<string>;
    getTitle(of: { tabId: number }): Promise<string>;
  };
  readonly declarativeNetRequest: Readonly<
    Record<"getDynamicRules" | "getSessionRules", () => Promise<Rule[]>>
  >;
  readonly storage: Readonly<
    Record<"local" | "session", { set(items: Readonly<Record<string, unknown>>): Promise<void> }>
  >;
  readonly tabs: { query(what: object): Promise<{ id?: number; url?: string }[]> };
}

async function serviceWorker(context: BrowserContext): Promise<Worker> {
  const [running] = context.serviceWorkers();
  return running ?? context.waitForEvent("serviceworker");
}

/** The browser's number of a page's tab. */
async function tabOf(worker: Worker, page: Page): Promise<number> {
  const url = page.url();
  const id = await worker.evaluate(async (wanted) => {
    const tabs = await (globalThis as unknown as { chrome: Chrome }).chrome.tabs.query({});
    return tabs.find((tab) => tab.url === wanted)?.id;
  }, url);
  if (id === undefined) throw new Error(`No tab shows ${url}, or the extension may not see it.`);
  return id;
}

async function endWorker(context: BrowserContext, id: string): Promise<void> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const { targetInfos } = (await session.send("Target.getTargets")) as {
    targetInfos: { targetId: string; type: string; url: string }[];
  };
  const target = targetInfos.find(({ type, url }) => type === "service_worker" && url.includes(id));
  if (target === undefined) throw new Error("The extension has no worker that runs.");
  await session.send("Target.closeTarget", { targetId: target.targetId });
  await page.close();
}
