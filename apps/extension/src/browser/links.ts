import { browser } from "wxt/browser";
import { readOrigin } from "../options/options.ts";
import { isOnTarget } from "../options/target.ts";
import { sharedSelector } from "../share/share.ts";
import { applyAll } from "./apply.ts";
import { loadOptions, saveTab } from "./store.ts";

/**
 * Opens addresses such as `https://shop.example.com/#x-canary=123` with that selector, in their tab alone. Only on hosts
 * and pages that were listed: of others the browser does not even tell the address.
 */
export function followLinks(): void {
  browser.tabs.onUpdated.addListener((tab, { url }) => {
    if (url !== undefined) void follow(tab, url).catch(() => undefined);
  });
}

async function follow(tab: number, address: string): Promise<void> {
  const shared = sharedSelector(address);
  const url = URL.parse(address);
  if (shared === undefined || url === null) return;
  const { targets, pages } = await loadOptions();
  const isListed =
    targets.some((target) => isOnTarget(url, target)) || pages.includes(readOrigin(address) ?? "");
  if (!isListed) return;
  await saveTab(tab, shared.selector);
  await applyAll();
  // The page is there already, without the selector: once more, at an address that does not set it again on a reload.
  await browser.tabs.update(tab, { url: shared.url });
}
