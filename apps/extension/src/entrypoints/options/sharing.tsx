import { useState } from "preact/hooks";
import { askFor } from "../../browser/ask.ts";
import { saveOptions } from "../../browser/store.ts";
import type { Options } from "../../options/options.ts";
import { accessOf } from "../../rules/access.ts";
import { exportOptions, importOptions } from "../../share/share.ts";

/** Options as text, for a colleague. */
export function Sharing({ options }: { readonly options: Options }) {
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const result = importOptions(typed, options);
    if (!result.ok) return setSaid(result.why);
    const refusal = await askFor(accessOf(result.options));
    if (refusal !== undefined) return setSaid(refusal);
    await saveOptions(result.options);
    setTyped("");
    setSaid("Imported.");
  };
  return (
    <section aria-labelledby="sharing-title">
      <h2 id="sharing-title">Share</h2>
      <p class="dim">
        Give this to a colleague, who pastes it below. For one page, a link does: <code>…#x-canary=123</code>{" "}
        opens it with that selector in its own tab, for everybody who lists the host.
      </p>
      <label for="export">Export</label>
      <textarea id="export" readOnly rows={8} value={exportOptions(options)} />
      <form onSubmit={(event) => void submit(event)}>
        <label for="import">Import</label>
        <textarea
          id="import"
          rows={4}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" disabled={typed.trim() === ""}>
          Import
        </button>
      </form>
      <p role="status">{said}</p>
    </section>
  );
}
