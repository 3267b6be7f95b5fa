import { useState } from "preact/hooks";

interface StatusFieldProps {
  readonly statusUrl: string;
  /** The address in the form that is kept; undefined: it is none. */
  readonly read: (typed: string) => string | undefined;
  /** Answers why it could not be saved; undefined: it was. */
  readonly onSave: (statusUrl: string) => Promise<string | undefined>;
}

/** Where live canaries are listed. */
export function StatusField({ statusUrl, read, onSave }: StatusFieldProps) {
  const [typed, setTyped] = useState(statusUrl);
  const [refusal, setRefusal] = useState<string>();
  const value = read(typed.trim());
  const submit = (event: Event) => {
    event.preventDefault();
    if (value !== undefined) void onSave(value).then(setRefusal);
  };
  return (
    <section aria-labelledby="status-title">
      <h2 id="status-title">Status API</h2>
      <p class="dim">
        The popup lists its live canaries. The only address that this extension ever asks by itself; empty:
        none.
      </p>
      <form class="add" onSubmit={submit}>
        <label class="hidden" for="status-input">
          Base address of the status API
        </label>
        <input
          id="status-input"
          value={typed}
          placeholder="http://localhost:8090"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={value === undefined}
          aria-describedby="status-why"
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" disabled={value === undefined || value === statusUrl}>
          Save
        </button>
      </form>
      <p id="status-why" class="warning" aria-live="polite">
        {value === undefined ? "Write an address of http or https, like http://localhost:8090." : refusal}
      </p>
    </section>
  );
}
