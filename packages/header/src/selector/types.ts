/** PR 123 of every service that has a canary of it. */
export interface PrSelector {
  readonly kind: "pr";
  readonly pr: number;
}

/** One PR for each named service; every other service is stable. */
export interface ListSelector {
  readonly kind: "list";
  readonly entries: ReadonlyMap<string, number>;
}

/** Which canaries a request asks for. Made by `parseSelector`, `prSelector` or `listSelector`, which check it. */
export type Selector = PrSelector | ListSelector;

/** Why a value is not a selector; a closed set, safe to use as a metrics label. */
export type InvalidReason =
  | "malformed"
  | "too-long"
  | "too-many-entries"
  | "duplicate-service"
  | "differing-lines";

/** What the header lines of one request mean. */
export type SelectorResult =
  | { readonly kind: "absent" }
  | { readonly kind: "valid"; readonly selector: Selector }
  | { readonly kind: "invalid"; readonly reason: InvalidReason };
