/** The wire contract of perch: what is in `X-Canary` and `X-Canary-Trail`, parsed and formatted. */

export { ECHO_HEADER, SELECTOR_HEADER, TRAIL_HEADER } from "./names.ts";
export { explainInvalid } from "./selector/explain.ts";
export { formatSelector, selectedPr } from "./selector/format.ts";
export {
  isPrNumber,
  isServiceName,
  MAX_PR_NUMBER,
  MAX_SELECTOR_BYTES,
  MAX_SELECTOR_ENTRIES,
  MAX_SERVICE_NAME_BYTES,
} from "./selector/grammar.ts";
export { listSelector, prSelector } from "./selector/make.ts";
export { MAX_JOINED_BYTES, parseJoinedSelector, parseSelector } from "./selector/parse.ts";
export type { InvalidReason, ListSelector, PrSelector, Selector, SelectorResult } from "./selector/types.ts";
export { formatTrail } from "./trail/format.ts";
export { MAX_TRAIL_BYTES, MAX_TRAIL_ENTRIES, MAX_TRAIL_INPUT_BYTES, MAX_TRAIL_TEXT } from "./trail/limits.ts";
export { mergeTrails } from "./trail/merge.ts";
export { parseTrail } from "./trail/parse.ts";
export type { Hop, HopNote, Trail } from "./trail/types.ts";
