import { browser } from "wxt/browser";
import {
  NO_POLICY,
  type Options,
  type Policy,
  readOptions,
  readOrigin,
  readPolicy,
  withoutPolicy,
} from "../options/options.ts";
import { readTabs, storedTabs, type TabSelectors } from "../options/tabs.ts";
import { EMPTY, type PageRecord, readRecord } from "../served/record.ts";

const OPTIONS = "options";
const TABS = "tabs";
const ASKED = "asked";

/** What a company's policy sets; nothing where there is none. */
export async function loadPolicy(): Promise<Policy> {
  // Without any policy the browser may refuse to read it.
  const stored = await browser.storage.managed.get(null).catch(() => undefined);
  return stored === undefined ? NO_POLICY : readPolicy(stored);
}

export async function loadOptions(): Promise<Options> {
  const [{ [OPTIONS]: stored }, policy] = await Promise.all([
    browser.storage.local.get(OPTIONS),
    loadPolicy(),
  ]);
  return readOptions(stored, policy);
}

/** Keeps options. They hold once `applyAll` is done. */
export async function saveOptions(options: Options): Promise<void> {
  await browser.storage.local.set({ [OPTIONS]: withoutPolicy(options, await loadPolicy()) });
}

/** What single tabs send; it ends with the browser's session. */
export async function loadTabs(): Promise<TabSelectors> {
  const { [TABS]: stored } = await browser.storage.session.get(TABS);
  return readTabs(stored);
}

/** Sets what one tab sends; undefined: what all send. */
export function saveTab(tab: number, selector: string | undefined): Promise<void> {
  // A tab closes, which the worker notes, while a popup sets another one's.
  return navigator.locks.request(TABS, async () => {
    const tabs = new Map(await loadTabs());
    if (selector !== undefined) tabs.set(tab, selector);
    else if (!tabs.delete(tab)) return;
    await browser.storage.session.set({ [TABS]: storedTabs(tabs) });
  });
}

/** Keeps which page is asked for; undefined: none is. */
export async function saveAsked(page: string | undefined): Promise<void> {
  if (page === undefined) await browser.storage.session.remove(ASKED);
  else await browser.storage.session.set({ [ASKED]: page });
}

export async function loadAsked(): Promise<string | undefined> {
  const { [ASKED]: stored } = await browser.storage.session.get(ASKED);
  return readOrigin(stored);
}

export async function loadRecord(tab: number): Promise<PageRecord> {
  const key = recordKey(tab);
  const { [key]: stored } = await browser.storage.session.get(key);
  return readRecord(stored);
}

export async function saveRecord(tab: number, record: PageRecord): Promise<void> {
  if (record === EMPTY) await browser.storage.session.remove(recordKey(tab));
  else await browser.storage.session.set({ [recordKey(tab)]: record });
}

/** Calls back after every change of anything that is kept; returns how to stop. */
export function onStored(listener: () => void): () => void {
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

function recordKey(tab: number): string {
  return `served-${tab}`;
}
