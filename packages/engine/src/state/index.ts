/** How commands find a running engine, and what is left of one, without loading one. */
export { localInventory } from "./inventory.ts";
export { type EngineRecord, readEngineRecord } from "./lock.ts";
export { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";
