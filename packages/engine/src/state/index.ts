/** How commands find a running engine, without loading one. */
export { type EngineRecord, readEngineRecord } from "./lock.ts";
export { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";
