import { type Browser, browser } from "wxt/browser";
import { badgeOf } from "../badge/badge.ts";
import { selectorInForce } from "../options/in-force.ts";
import type { Options } from "../options/options.ts";
import type { TabSelectors } from "../options/tabs.ts";
import { type HeaderRule, rulesOfAll, rulesOfTabs } from "../rules/plan.ts";
import { verdictOfPage } from "../served/verdict.ts";
import { loadOptions, loadRecord, loadTabs } from "./store.ts";

/**
 * Makes the browser's rules and every tab's badge what is stored. Doing it twice changes nothing, also at the same time:
 * the worker does it after every change, and whoever changes something in order to know when it holds.
 */
export async function applyAll(): Promise<void> {
  const [options, tabs] = await Promise.all([loadOptions(), loadTabs()]);
  await Promise.all([setDynamicRules(rulesOfAll(options)), setSessionRules(rulesOfTabs(options, tabs))]);
  const open = await browser.tabs.query({});
  await Promise.all(open.map(({ id }) => (id === undefined ? undefined : showBadge(id, options, tabs))));
}

/** Shows what one tab's requests carry, and whether they got where they were meant to go. */
export async function showBadge(tab: number, options: Options, tabs: TabSelectors): Promise<void> {
  const badge = badgeOf(selectorInForce(options, tabs, tab), verdictOfPage(await loadRecord(tab)));
  // The tab may be gone by now.
  await Promise.all([
    browser.action.setBadgeText({ tabId: tab, text: badge.text }),
    browser.action.setBadgeBackgroundColor({ tabId: tab, color: badge.colour }),
    browser.action.setTitle({ tabId: tab, title: badge.title }),
  ]).catch(() => undefined);
}

async function setDynamicRules(rules: readonly HeaderRule[]): Promise<void> {
  const old = await browser.declarativeNetRequest.getDynamicRules();
  await browser.declarativeNetRequest.updateDynamicRules(change(old, rules));
}

async function setSessionRules(rules: readonly HeaderRule[]): Promise<void> {
  const old = await browser.declarativeNetRequest.getSessionRules();
  await browser.declarativeNetRequest.updateSessionRules(change(old, rules));
}

function change(
  old: readonly Browser.declarativeNetRequest.Rule[],
  rules: readonly HeaderRule[],
): Browser.declarativeNetRequest.UpdateRuleOptions {
  return {
    // The new ones too: somebody may add them at this moment.
    removeRuleIds: [...old, ...rules].map(({ id }) => id),
    addRules: rules as unknown as Browser.declarativeNetRequest.Rule[],
  };
}
