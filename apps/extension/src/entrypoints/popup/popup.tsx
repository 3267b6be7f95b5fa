import { useState } from "preact/hooks";
import { browser } from "wxt/browser";
import { applyAll } from "../../browser/apply.ts";
import { saveOptions, saveTab } from "../../browser/store.ts";
import { isListed, selectorInForce } from "../../options/in-force.ts";
import { canonical, withRecent, withSelector } from "../../options/options.ts";
import { shareAddress } from "../../share/share.ts";
import { problemOf, SelectorField } from "../../ui/selector-field.tsx";
import { ServedList } from "../../ui/served.tsx";
import { useCanaries } from "../../ui/use-canaries.ts";
import type { State } from "../../ui/use-state.ts";
import { Access } from "./access.tsx";
import { CopyLink } from "./copy-link.tsx";
import { EachService } from "./each-service.tsx";
import { Picker } from "./picker.tsx";
import { Scope, type ScopeName } from "./scope.tsx";

interface PopupProps {
  readonly kept: State;
  /** Of the page in front, where the browser tells it. */
  readonly address?: string;
}

function nowText(selector: string): string {
  return selector === "" ? "This tab sends no selector." : `This tab sends X-Canary: ${selector}`;
}

/** Choose a canary, and see who served. */
export function Popup({ kept, address }: PopupProps) {
  const { options, tabs, tab, record } = kept;
  const inForce = selectorInForce(options, tabs, tab);
  const [scope, setScope] = useState<ScopeName>(tabs.has(tab) ? "tab" : "all");
  const [typed, setTyped] = useState(inForce);
  const list = useCanaries(options.statusUrl);
  const [isBusy, setBusy] = useState(false);

  /** What the popup says of now is true: it says so when the browser does it. */
  const change = async (save: () => Promise<void>) => {
    setBusy(true);
    await save();
    await applyAll();
    setBusy(false);
  };
  const save = async (selector: string) => {
    if (scope === "tab") {
      await saveTab(tab, selector);
      await saveOptions({ ...options, enabled: true, recents: withRecent(options.recents, selector) });
    } else {
      await saveTab(tab, undefined);
      await saveOptions({ ...withSelector(options, selector), enabled: true });
    }
  };
  const send = (selector: string) => {
    setTyped(selector);
    void change(() => save(selector));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const selector = typed.trim() === "" ? "" : canonical(typed.trim());
    if (selector !== undefined) send(selector);
  };

  return (
    <>
      <header class="bar">
        <h1>perch</h1>
        <label class="switch">
          <input
            type="checkbox"
            checked={options.enabled}
            onChange={({ currentTarget: { checked } }) =>
              void change(() => saveOptions({ ...options, enabled: checked }))
            }
          />
          {options.enabled ? "On" : "Off"}
        </label>
      </header>
      <p class="now" role="status">
        {isBusy ? "One moment…" : nowText(inForce)}
      </p>
      <Access options={options} {...(address !== undefined && { address })} />
      <form onSubmit={submit}>
        <SelectorField value={typed} onInput={setTyped} />
        <Scope scope={scope} onScope={setScope} />
        <div class="buttons">
          <button type="submit" disabled={problemOf(typed) !== undefined}>
            {typed.trim() === "" ? "Send none" : "Send it"}
          </button>
          <button type="button" disabled={inForce === ""} onClick={() => send("")}>
            Stable
          </button>
          <button type="button" onClick={() => void browser.tabs.reload(tab)}>
            Reload
          </button>
          {address !== undefined && inForce !== "" && isListed(options, address) && (
            <CopyLink link={shareAddress(address, inForce)} />
          )}
        </div>
      </form>
      <EachService typed={typed} canaries={list.kind === "there" ? list.canaries : []} onInput={setTyped} />
      <Picker list={list} options={options} chosen={inForce} onPick={send} />
      <section aria-labelledby="served">
        <h2 id="served">Who served this</h2>
        <ServedList record={record} />
      </section>
      <footer>
        <button type="button" class="link" onClick={() => void browser.runtime.openOptionsPage()}>
          Hosts and options
        </button>
      </footer>
    </>
  );
}
