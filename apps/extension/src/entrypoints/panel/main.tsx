import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { browser } from "wxt/browser";
import { selectorInForce } from "../../options/in-force.ts";
import { ServedList } from "../../ui/served.tsx";
import "../../ui/style.css";
import { currentTab, useKept } from "../../ui/use-state.ts";

/** The panel in the developer tools: who served the inspected page and its requests. */
function Panel() {
  const [tab, setTab] = useState(-1);
  useEffect(() => {
    // Outside of the developer tools, as when it is opened by its address, there is no inspected window.
    void currentTab(browser.devtools?.inspectedWindow?.tabId).then(({ id }) => setTab(id));
  }, []);
  const kept = useKept(tab);
  if (kept === undefined) return null;
  const selector = selectorInForce(kept.options, kept.tabs, tab);
  return (
    <>
      <h1>Who served this</h1>
      <p class="dim">
        {selector === "" ? "This tab sends no selector." : `This tab sends X-Canary: ${selector}`}
      </p>
      <ServedList record={kept.record} />
      <p class="dim">
        A trail is each service’s own claim. What a service worker or the browser’s cache answers never
        reached the network: disable the cache, or bypass the service worker, to test a canary.
      </p>
    </>
  );
}

// The developer tools have a theme of their own, which need not be the browser's.
const theme = browser.devtools?.panels?.themeName;
if (theme !== undefined) document.documentElement.style.colorScheme = theme === "dark" ? "dark" : "light";

const root = document.getElementById("root");
if (root !== null) render(<Panel />, root);
