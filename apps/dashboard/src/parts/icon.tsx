import type { StateWords } from "../words.ts";

const PATHS: Readonly<Record<StateWords["icon"] | "warning", string>> = {
  ready: "M3 8.5l3.2 3.2L13 4.8",
  failed: "M4 4l8 8M12 4l-8 8",
  working: "M8 2.5a5.5 5.5 0 1 0 5.5 5.5M8 5v3l2 2",
  asleep: "M12.5 10.2A5.2 5.2 0 0 1 5.8 3.5 5.2 5.2 0 1 0 12.5 10.2z",
  leaving: "M3 8h8M8 5l3 3-3 3M13 3v10",
  warning: "M8 2.2l6.3 11H1.7zM8 6.5v3M8 11.2v.6",
};

/** Beside a word that says the same. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
