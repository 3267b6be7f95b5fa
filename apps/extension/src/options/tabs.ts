import { canonical } from "./options.ts";

/** What single tabs send in place of what all send: a selector, or "" for none. By tab id. */
export type TabSelectors = ReadonlyMap<number, string>;

/** Reads what the browser's session keeps. */
export function readTabs(stored: unknown): TabSelectors {
  if (typeof stored !== "object" || stored === null) return new Map();
  const tabs = new Map<number, string>();
  for (const [key, value] of Object.entries(stored)) {
    const selector = value === "" ? "" : canonical(value);
    if (/^\d{1,10}$/.test(key) && selector !== undefined) tabs.set(Number(key), selector);
  }
  return tabs;
}

/** In the form that is stored. */
export function storedTabs(tabs: TabSelectors): Record<string, string> {
  return Object.fromEntries([...tabs].map(([tab, selector]) => [String(tab), selector]));
}
