import type { Case, CaseRequest, Expectation, ForeignRouter } from "./case.ts";
import type { World } from "./world.ts";

/** What one request showed, in the words of an expectation; `hops` are what answered, not what claims to have. */
export interface Observed extends Omit<Expectation, "status"> {
  readonly status: number;
}

/** A world that runs, behind the router that is tried. */
export interface Target {
  /** @throws when an answer contradicts itself, such as a trail that is not what served */
  request(request: CaseRequest): Promise<Observed>;
  close(): Promise<void>;
}

/** A router, and how to put a world behind it. */
export interface TargetKind {
  /** For test titles. */
  readonly name: string;
  /** Whose deviations hold; absent: none do. */
  readonly proxy?: ForeignRouter;
  open(world: World): Promise<Target>;
  /** Why it cannot show this case; shown in the output. Absent, or undefined: it can. */
  cannot?(one: Case): string | undefined;
}
