import { explainInvalid, parseSelector } from "@perch/header";
import { useEffect, useRef } from "preact/hooks";

interface SelectorFieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** Where a selector is typed, at once when it appears; it says at once what is wrong with it. */
export function SelectorField({ value, onInput }: SelectorFieldProps) {
  const problem = problemOf(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  return (
    <>
      <label for="selector">Pull request, or a list of services</label>
      <input
        ref={input}
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
