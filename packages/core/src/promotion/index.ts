export { isTag, previousTag, stableTag, withStableTag } from "./overlay.ts";
export { imageRetention, type Retention } from "./retention.ts";
