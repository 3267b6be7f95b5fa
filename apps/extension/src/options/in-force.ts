import { type Options, readOrigin } from "./options.ts";
import type { TabSelectors } from "./tabs.ts";
import { isOnTarget } from "./target.ts";

/** The selector that a tab's requests to targets carry; empty: none. The tab's own wins. */
export function selectorInForce(options: Options, tabs: TabSelectors, tab: number): string {
  if (!options.enabled) return "";
  return tabs.get(tab) ?? options.selector;
}

/** The selector that one request was given; empty: none. */
export function selectorOf(options: Options, tabs: TabSelectors, tab: number, address: string): string {
  const url = URL.parse(address);
  if (url === null || !options.targets.some((target) => isOnTarget(url, target))) return "";
  return selectorInForce(options, tabs, tab);
}

/** Whether an address is on a host or a page that is listed. */
export function isListed({ targets, pages }: Pick<Options, "targets" | "pages">, address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  return targets.some((target) => isOnTarget(url, target)) || pages.includes(readOrigin(address) ?? "");
}
