import { useEffect, useState } from "preact/hooks";
import { browser } from "wxt/browser";
import { loadOptions, loadPolicy, loadRecord, loadTabs, onStored } from "../browser/store.ts";
import type { Options, Policy } from "../options/options.ts";
import type { TabSelectors } from "../options/tabs.ts";
import type { PageRecord } from "../served/record.ts";

/** Everything that is kept, as one tab is concerned. */
export interface State {
  readonly options: Options;
  readonly policy: Policy;
  readonly tabs: TabSelectors;
  readonly tab: number;
  readonly record: PageRecord;
}

/** What is kept, always as it is now; undefined until it is read. */
export function useKept(tab: number): State | undefined {
  const [state, setState] = useState<State>();
  useEffect(() => {
    let live = true;
    const load = async () => {
      const [options, policy, tabs, record] = await Promise.all([
        loadOptions(),
        loadPolicy(),
        loadTabs(),
        loadRecord(tab),
      ]);
      if (live) setState({ options, policy, tabs, tab, record });
    };
    void load();
    const stop = onStored(() => void load());
    return () => {
      live = false;
      stop();
    };
  }, [tab]);
  return state;
}

/** The tab that a popup or panel is about: the one that its address names, or the one in front. */
export async function currentTab(inspected?: number): Promise<{ id: number; url?: string }> {
  const named = inspected ?? Number(new URLSearchParams(location.search).get("tab") ?? Number.NaN);
  if (Number.isInteger(named)) {
    const { url } = await browser.tabs.get(named);
    return url === undefined ? { id: named } : { id: named, url };
  }
  const [front] = await browser.tabs.query({ active: true, currentWindow: true });
  return { id: front?.id ?? -1, ...(front?.url !== undefined && { url: front.url }) };
}
