import { SELECTOR_HEADER } from "@perch/header";
import type { Options } from "../options/options.ts";
import type { TabSelectors } from "../options/tabs.ts";
import { hostnameOf, portOf, type Target } from "../options/target.ts";

/** A rule of `declarativeNetRequest`, as far as one is used here. */
export interface HeaderRule {
  readonly id: number;
  readonly priority: number;
  readonly action: {
    readonly type: "modifyHeaders";
    readonly requestHeaders: readonly HeaderChange[];
  };
  readonly condition: {
    readonly urlFilter: string;
    readonly resourceTypes: readonly string[];
    readonly tabIds?: readonly number[];
  };
}

type HeaderChange =
  | { readonly header: string; readonly operation: "set"; readonly value: string }
  | { readonly header: string; readonly operation: "remove" };

/** Every kind of request. Named one by one: a rule that names none leaves out `main_frame`. */
const RESOURCE_TYPES = [
  "main_frame",
  "sub_frame",
  "stylesheet",
  "script",
  "image",
  "font",
  "object",
  "xmlhttprequest",
  "ping",
  "csp_report",
  "media",
  "websocket",
  "other",
];

/** Of rules for one header the highest decides: a tab's own before that of all. */
const OF_ALL = 1;
const OF_TAB = 2;

/** Rules for all tabs; they stay when the browser ends. */
export function rulesOfAll(options: Options): HeaderRule[] {
  if (!options.enabled || options.selector === "") return [];
  return options.targets.flatMap(filtersOf).map((urlFilter, index) => ({
    id: index + 1,
    priority: OF_ALL,
    action: { type: "modifyHeaders", requestHeaders: [change(options.selector)] },
    condition: { urlFilter, resourceTypes: RESOURCE_TYPES },
  }));
}

/** Rules for single tabs, those of one selector together; they end with the browser's session. */
export function rulesOfTabs(options: Options, tabs: TabSelectors): HeaderRule[] {
  if (!options.enabled) return [];
  const filters = options.targets.flatMap(filtersOf);
  const bySelector = Map.groupBy(tabs.keys(), (tab) => tabs.get(tab) ?? "");
  const pairs = [...bySelector].flatMap(([selector, ids]) =>
    filters.map((urlFilter) => ({ selector, ids, urlFilter })),
  );
  return pairs.map(({ selector, ids, urlFilter }, index) => ({
    id: index + 1,
    priority: OF_TAB,
    action: { type: "modifyHeaders", requestHeaders: [change(selector)] },
    condition: { urlFilter, resourceTypes: RESOURCE_TYPES, tabIds: ids },
  }));
}

function change(selector: string): HeaderChange {
  return selector === ""
    ? { header: SELECTOR_HEADER, operation: "remove" }
    : { header: SELECTOR_HEADER, operation: "set", value: selector };
}

/**
 * How addresses on exactly this host and port begin, one for each scheme: no path and no user name can look like it.
 * Not as one regular expression: browsers refuse those of long host names, and with one rule all the others.
 */
export function startsOf(target: Target): string[] {
  const host = hostnameOf(target);
  const port = portOf(target);
  return SCHEMES.map(([scheme, standard]) => {
    // In addresses that a browser compares, the standard port of a scheme is left out.
    const shown = port === undefined || port === standard ? "" : `:${port}`;
    return `${scheme}://${host}${shown}/`;
  });
}

const SCHEMES = [
  ["http", "80"],
  ["https", "443"],
  ["ws", "80"],
  ["wss", "443"],
] as const;

/** In the browser's language, where a bar stands for the beginning. */
function filtersOf(target: Target): string[] {
  return startsOf(target).map((start) => `|${start}`);
}
