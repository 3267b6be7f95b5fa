import { browser } from "wxt/browser";
import { accessOfPage } from "../rules/access.ts";
import { loadAsked, loadOptions, saveAsked, saveOptions } from "./store.ts";

/**
 * Asks the person for access to hosts; browsers take that only as the direct answer to a click or a key.
 * @returns why there is none, for a person; undefined: it was given, or was there already.
 */
export async function askFor(origins: string[]): Promise<string | undefined> {
  try {
    return (await browser.permissions.request({ origins })) ? undefined : DENIED;
  } catch (error) {
    return `${DENIED} ${String(error)}`;
  }
}

const DENIED = "Nothing was changed: the browser was not allowed to reach this.";

/**
 * Asks for access to a page, and lists it. The browser's question closes the popup that led to it: what is to be done
 * after the answer is kept, and `listAsked` does it.
 */
export async function askForPage(page: string): Promise<void> {
  void saveAsked(page);
  if ((await askFor(accessOfPage(page))) === undefined) await listAsked();
}

/** Lists the page that was asked for, if there is access to it by now. */
export async function listAsked(): Promise<void> {
  const page = await loadAsked();
  if (page === undefined || !(await browser.permissions.contains({ origins: accessOfPage(page) }))) return;
  await saveAsked(undefined);
  const options = await loadOptions();
  await saveOptions({ ...options, pages: [...options.pages, page] });
}
