import { render } from "preact";
import "../../ui/style.css";
import { useKept } from "../../ui/use-state.ts";
import { OptionsPage } from "./options-page.tsx";

function Root() {
  const kept = useKept(-1);
  return kept === undefined ? null : <OptionsPage options={kept.options} policy={kept.policy} />;
}

const root = document.getElementById("root");
if (root !== null) render(<Root />, root);
