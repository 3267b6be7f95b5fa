import type { Identity } from "../identity.ts";
import type { OnInvalid } from "../received.ts";

/** What every HTTP adapter needs to know. */
export interface CanaryHttpOptions {
  /** Who this service is, from `identityFromEnv()`. */
  readonly identity: Identity;
  /** Called for each invalid selector; `invalidSelectorCount()` has the totals. */
  readonly onInvalid?: OnInvalid;
}
