import { browser } from "wxt/browser";
import { isListed } from "../options/in-force.ts";
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
  if (shared === undefined || !isListed(await loadOptions(), address)) return;
  await saveTab(tab, shared.selector);
  await applyAll();
  // The page is there already, without the selector: once more, at an address that does not set it again on a reload.
  await browser.tabs.update(tab, { url: shared.url });
}
