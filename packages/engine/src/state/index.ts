/** How commands find a running engine, without loading one. */
export { type EngineRecord, readEngineRecord } from "./lock.ts";
export { isAlive, type ProcessIdentity } from "./process-identity.ts";
