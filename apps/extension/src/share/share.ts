import { canonical, type Options, readOptions } from "../options/options.ts";

const KEY = "x-canary";

/** The selector in an address such as `https://shop.example.com/#x-canary=123`, and the address without it. */
export interface SharedSelector {
  readonly selector: string;
  readonly url: string;
}

/** Undefined where an address has none, or one that is no selector. */
export function sharedSelector(address: string): SharedSelector | undefined {
  const url = URL.parse(address);
  if (url === null) return undefined;
  const parts = url.hash.slice(1).split("&");
  const shared = parts.find((part) => part.startsWith(`${KEY}=`));
  if (shared === undefined) return undefined;
  const selector = canonical(decoded(shared.slice(KEY.length + 1)));
  if (selector === undefined) return undefined;
  url.hash = parts.filter((part) => part !== shared).join("&");
  return { selector, url: url.href };
}

/** The address that opens a page with this selector, for somebody who has the extension. */
export function shareAddress(address: string, selector: string): string {
  const url = new URL(sharedSelector(address)?.url ?? address);
  const rest = url.hash.slice(1);
  url.hash = [...(rest === "" ? [] : [rest]), `${KEY}=${selector}`].join("&");
  return url.href;
}

/** What somebody gives a colleague: hosts, pages, status API and selector, as text. */
export function exportOptions({ targets, pages, statusUrl, selector }: Options): string {
  return `${JSON.stringify({ perch: 1, targets, pages, statusUrl, selector }, null, 2)}\n`;
}

/** What was imported, or what is wrong with it. */
export type ImportResult =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly why: string };

/** The options with what the text has; what is there already stays. */
export function importOptions(text: string, before: Options): ImportResult {
  const data = parsedJson(text);
  if (typeof data !== "object" || data === null || !("perch" in data) || data.perch !== 1) {
    return { ok: false, why: "This is no export of perch: it must be the whole text that Export gave." };
  }
  const read = readOptions(data);
  return {
    ok: true,
    options: readOptions({
      ...before,
      targets: [...before.targets, ...read.targets],
      pages: [...before.pages, ...read.pages],
      statusUrl: read.statusUrl === "" ? before.statusUrl : read.statusUrl,
      selector: read.selector === "" ? before.selector : read.selector,
    }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
