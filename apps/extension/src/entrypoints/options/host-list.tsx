import { useId, useState } from "preact/hooks";

/** What was typed, read; or what is wrong with it. */
export type Read =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly why: string };

interface HostListProps {
  readonly title: string;
  readonly hint: string;
  readonly placeholder: string;
  readonly items: readonly string[];
  /** Those that a policy sets: they cannot be removed. */
  readonly fixed: readonly string[];
  readonly read: (typed: string) => Read;
  /** Answers why it could not be added; undefined: it was. */
  readonly onAdd: (value: string) => Promise<string | undefined>;
  readonly onRemove: (value: string) => Promise<void>;
}

/** A list of hosts or pages, to add to and to remove from. */
export function HostList({ title, hint, placeholder, items, fixed, read, onAdd, onRemove }: HostListProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [why, setWhy] = useState<string>();
  const submit = (event: Event) => {
    event.preventDefault();
    const result = read(typed);
    if (!result.ok) return setWhy(result.why);
    setWhy(undefined);
    if (items.includes(result.value)) return setTyped("");
    void onAdd(result.value).then((refusal) => {
      setWhy(refusal);
      if (refusal === undefined) setTyped("");
    });
  };
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p class="dim">{hint}</p>
      <ul class="hosts">
        {items.map((item) => (
          <li key={item}>
            <code>{item}</code>
            {fixed.includes(item) ? (
              <span class="dim">set by your organisation</span>
            ) : (
              <button type="button" aria-label={`Remove ${item}`} onClick={() => void onRemove(item)}>
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
      <form class="add" onSubmit={submit}>
        <label class="hidden" for={`${id}-input`}>
          {title}
        </label>
        <input
          id={`${id}-input`}
          value={typed}
          placeholder={placeholder}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={why !== undefined}
          aria-describedby={`${id}-why`}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit">Add</button>
      </form>
      <p id={`${id}-why`} class="warning" aria-live="polite">
        {why}
      </p>
    </section>
  );
}
