/** The routing truth table: data, and what a router must offer to be held to it. */

export type { Case, CaseRequest, Deviation, Expectation, ForeignRouter } from "./case.ts";
export { expectationFor, runTable } from "./run.ts";
export { CASES, TABLE } from "./table.ts";
export type { Observed, Target, TargetKind } from "./target.ts";
export { EDGE_HOST, WORLDS, type World, type WorldCanary, type WorldService } from "./world.ts";
