/** The engine as a service of the machine. */
export { longestStop } from "./stop.ts";
export { secretsFile, systemdUnit, type UnitFacts, type UnitScope, unitName } from "./systemd.ts";
