export type ScopeName = "all" | "tab";

interface ScopeProps {
  readonly scope: ScopeName;
  readonly onScope: (scope: ScopeName) => void;
}

const LABELS: Readonly<Record<ScopeName, string>> = { all: "All tabs", tab: "This tab only" };

/** Where a selector holds: in this tab, two of which can then show two pull requests side by side. */
export function Scope({ scope, onScope }: ScopeProps) {
  return (
    <fieldset class="scope">
      <legend class="hidden">Where it holds</legend>
      {(Object.keys(LABELS) as ScopeName[]).map((name) => (
        <label key={name}>
          <input type="radio" name="scope" checked={scope === name} onChange={() => onScope(name)} />
          {LABELS[name]}
        </label>
      ))}
    </fieldset>
  );
}
