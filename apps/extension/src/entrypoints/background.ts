import { browser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";
import { applyAll } from "../browser/apply.ts";
import { listAsked } from "../browser/ask.ts";
import { followLinks } from "../browser/links.ts";
import { onStored, saveTab } from "../browser/store.ts";
import { watchAnswers } from "../browser/watch.ts";

/** The worker that makes the browser do what is stored. It may be stopped and started again at any time. */
export default defineBackground(() => {
  watchAnswers();
  followLinks();
  browser.tabs.onRemoved.addListener((tab) => void saveTab(tab, undefined));
  browser.permissions.onAdded.addListener(() => {
    void listAsked();
    apply();
  });
  browser.permissions.onRemoved.addListener(apply);
  onStored(apply);
  apply();
});

let running: Promise<void> = Promise.resolve();
let again = false;

/** One at a time; changes that come meanwhile are one more. */
function apply(): void {
  if (again) return;
  again = true;
  running = running
    .then(() => {
      again = false;
      return applyAll();
    })
    // biome-ignore lint/suspicious/noConsole: the worker's console is where its failures are looked for.
    .catch((error: unknown) => console.error("perch could not set its rules:", error));
}
