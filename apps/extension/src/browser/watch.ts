import { TRAIL_HEADER } from "@perch/header";
import { type Browser, browser } from "wxt/browser";
import { selectorOf } from "../options/in-force.ts";
import { isOnTarget } from "../options/target.ts";
import { EMPTY, type Served, withServed } from "../served/record.ts";
import { showBadge } from "./apply.ts";
import { loadOptions, loadRecord, loadTabs, saveRecord } from "./store.ts";

type Answered = Browser.webRequest.OnResponseStartedDetails;

/** Events of all tabs in the order in which they came: each reads what the one before has written. */
let last: Promise<unknown> = Promise.resolve();

/** Writes down who served, for every answer of a target to a tab. */
export function watchAnswers(): void {
  const filter: Browser.webRequest.RequestFilter = { urls: ["<all_urls>"] };
  browser.webRequest.onBeforeRequest.addListener(({ tabId, type }) => {
    if (type === "main_frame") inTurn(() => begin(tabId));
    return undefined;
  }, filter);
  browser.webRequest.onResponseStarted.addListener(
    (details) => {
      if (details.tabId >= 0) inTurn(() => note(details));
    },
    filter,
    ["responseHeaders"],
  );
  // Of a host to which there is no access, nothing but the change of page is told.
  browser.tabs.onUpdated.addListener((tab, { status }, { url }) => {
    if (status === "loading" && url === undefined) inTurn(() => begin(tab));
  });
  browser.tabs.onRemoved.addListener((tab) => inTurn(() => saveRecord(tab, EMPTY)));
}

function inTurn(work: () => Promise<void>): void {
  last = last.then(work).catch(() => undefined);
}

/** A page that is being left must not speak for the next one. */
async function begin(tab: number): Promise<void> {
  if (tab < 0) return;
  await saveRecord(tab, EMPTY);
  await showBadge(tab, await loadOptions(), await loadTabs());
}

async function note(details: Answered): Promise<void> {
  const [options, tabs] = await Promise.all([loadOptions(), loadTabs()]);
  const url = URL.parse(details.url);
  if (url === null || !options.targets.some((target) => isOnTarget(url, target))) return;
  const { tabId } = details;
  const meant = selectorOf(options, tabs, tabId, details.url);
  await saveRecord(tabId, withServed(await loadRecord(tabId), servedOf(details, meant)));
  await showBadge(tabId, options, tabs);
}

function servedOf(details: Answered, meant: string): Served {
  const { url, type, method, statusCode, timeStamp, fromCache, responseHeaders = [] } = details;
  const lines = responseHeaders
    .filter(({ name }) => name.toLowerCase() === TRAIL_HEADER)
    .flatMap(({ value }) => value ?? []);
  return {
    // What is behind the path may be private, and says nothing about who served.
    url: url.split(/[?#]/, 1)[0] ?? url,
    type,
    method,
    status: statusCode,
    at: timeStamp,
    meant,
    ...(lines.length > 0 && { trail: lines.join(", ") }),
    isCached: fromCache,
  };
}
