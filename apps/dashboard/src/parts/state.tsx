import { stateWords } from "../words.ts";
import { Icon } from "./icon.tsx";

/** A state as icon and word. */
export function State({ state }: { state: string }) {
  const { icon, word } = stateWords(state);
  return (
    <span class={`state state-${icon}`}>
      <Icon name={icon} />
      {word}
    </span>
  );
}

/** Stable or canary, by shape and word. */
export function VariantMark({ pr }: { pr: number | undefined }) {
  const kind = pr === undefined ? "stable" : "canary";
  return (
    <span class={`variant variant-${kind}`}>
      <svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {pr === undefined ? (
          <rect x="2.5" y="2.5" width="11" height="11" rx="2" />
        ) : (
          <path d="M8 1.5l5.8 3.2v6.6L8 14.5l-5.8-3.2V4.7z" />
        )}
      </svg>
      {pr === undefined ? "stable" : `canary of PR ${pr}`}
    </span>
  );
}
