/** The engine as a service of the machine. */
export { secretsFile, systemdUnit, type UnitFacts, type UnitScope, unitName } from "./systemd.ts";
