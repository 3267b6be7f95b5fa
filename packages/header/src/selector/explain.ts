import { MAX_SELECTOR_BYTES, MAX_SELECTOR_ENTRIES } from "./grammar.ts";
import type { InvalidReason } from "./types.ts";

const EXPLANATIONS: Readonly<Record<InvalidReason, string>> = {
  malformed:
    "A selector is a pull request number, like 123, or a list without spaces, like api=7,store=45; this is neither.",
  "too-long": `A selector has at most ${MAX_SELECTOR_BYTES} characters; this one is longer.`,
  "too-many-entries": `A selector names at most ${MAX_SELECTOR_ENTRIES} services; this one names more.`,
  "duplicate-service": "A selector names each service once; this one names a service twice.",
  "differing-lines": "The request carries several X-Canary headers that differ; send one.",
};

/** One plain sentence that tells a person what is wrong with a selector. It never repeats the value itself. */
export function explainInvalid(reason: InvalidReason): string {
  return EXPLANATIONS[reason];
}
