import { useEffect, useState } from "preact/hooks";
import { Scroll } from "./scroll.tsx";

type Outcome = "idle" | "copied" | "refused";

/** Copies a text; says whether it did. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<Outcome>("idle");
  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () =>
    // Absent where the page did not come over a secure connection or from this machine.
    (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => setOutcome("copied"),
      () => setOutcome("refused"),
    );
  const word = { idle: "Copy", copied: "Copied", refused: "Select it instead" }[outcome];
  return (
    <button type="button" class="copy" onClick={copy} aria-label={`${word}: ${what}`}>
      {word}
    </button>
  );
}

/** A line to copy. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div class="copy-line">
      <Scroll label={what} class="copy-text">
        <code>{text}</code>
      </Scroll>
      <Copy text={text} what={what} />
    </div>
  );
}
