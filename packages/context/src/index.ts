/** Carries the canary selector of a request through one process, and builds the hop trail. */
export { type Identity, identityFromEnv } from "./identity.ts";
export { invalidSelectorCount, type OnInvalid, runWithSelector } from "./received.ts";
export { currentSelector, outgoingSelector } from "./storage.ts";
