import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "../../ui/style.css";
import { currentTab, useKept } from "../../ui/use-state.ts";
import { Popup } from "./popup.tsx";

function Root() {
  const [tab, setTab] = useState<{ id: number; url?: string }>();
  useEffect(() => void currentTab().then(setTab), []);
  const kept = useKept(tab?.id ?? -1);
  if (kept === undefined || tab === undefined) return null;
  return <Popup kept={kept} {...(tab.url !== undefined && { address: tab.url })} />;
}

const root = document.getElementById("root");
if (root !== null) render(<Root />, root);
