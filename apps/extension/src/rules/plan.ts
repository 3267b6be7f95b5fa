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
    readonly regexFilter: string;
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
  return options.targets.map((target, index) => ({
    id: index + 1,
    priority: OF_ALL,
    action: { type: "modifyHeaders", requestHeaders: [change(options.selector)] },
    condition: { regexFilter: targetFilter(target), resourceTypes: RESOURCE_TYPES },
  }));
}

/** Rules for single tabs, one for each selector and target; they end with the browser's session. */
export function rulesOfTabs(options: Options, tabs: TabSelectors): HeaderRule[] {
  if (!options.enabled) return [];
  const bySelector = Map.groupBy(tabs.keys(), (tab) => tabs.get(tab) ?? "");
  const pairs = [...bySelector].flatMap(([selector, ids]) =>
    options.targets.map((target) => ({ selector, ids, target })),
  );
  return pairs.map(({ selector, ids, target }, index) => ({
    id: index + 1,
    priority: OF_TAB,
    action: { type: "modifyHeaders", requestHeaders: [change(selector)] },
    condition: { regexFilter: targetFilter(target), resourceTypes: RESOURCE_TYPES, tabIds: ids },
  }));
}

function change(selector: string): HeaderChange {
  return selector === ""
    ? { header: SELECTOR_HEADER, operation: "remove" }
    : { header: SELECTOR_HEADER, operation: "set", value: selector };
}

/** Exactly this host and port, from the address's first character on: no path or user name can look like it. */
export function targetFilter(target: Target): string {
  const host = hostnameOf(target).replaceAll(/[.[\]]/g, "\\$&");
  const port = portOf(target);
  // In addresses that a browser compares, the standard port of a scheme is left out.
  if (port === undefined) return `^(https?|wss?)://${host}/`;
  if (port === "80") return `^((http|ws)://${host}|(https|wss)://${host}:80)/`;
  if (port === "443") return `^((https|wss)://${host}|(http|ws)://${host}:443)/`;
  return `^(https?|wss?)://${host}:${port}/`;
}
