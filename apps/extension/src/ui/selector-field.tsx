import { explainInvalid, parseSelector } from "@perch/header";

interface SelectorFieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** Where a selector is typed; it says at once what is wrong with it. */
export function SelectorField({ value, onInput }: SelectorFieldProps) {
  const problem = problemOf(value);
  return (
    <>
      <label for="selector">Pull request, or a list of services</label>
      <input
        id="selector"
        class="selector"
        value={value}
        placeholder="123 or api=7,store=45"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby="selector-problem"
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <p id="selector-problem" class="warning" aria-live="polite">
        {problem}
      </p>
    </>
  );
}

/** What is wrong with what was typed; undefined: nothing, or nothing was typed. */
export function problemOf(typed: string): string | undefined {
  if (typed.trim() === "") return undefined;
  const parsed = parseSelector(typed);
  return parsed.kind === "invalid" ? explainInvalid(parsed.reason) : undefined;
}
