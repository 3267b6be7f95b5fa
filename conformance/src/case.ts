import type { World } from "./world.ts";

/** One claim about where a request goes. */
export interface Case {
  /** The claim; unique in the table. */
  readonly title: string;
  readonly world: World;
  readonly request: CaseRequest;
  readonly expect: Expectation;
  /** Where a proxy's rules cannot say what the grammar says: what that proxy does instead. */
  readonly deviates?: Readonly<Partial<Record<ForeignRouter, Deviation>>>;
}

/** A router that is not perch's own. */
export type ForeignRouter = "traefik" | "linkerd";

export interface Deviation {
  readonly why: string;
  readonly expect: Expectation;
}

export interface CaseRequest {
  /** The edge, by default; or a service's apex address, as a caller inside dials it. */
  readonly apex?: string;
  /** Host header at the edge; default: the edge host. */
  readonly host?: string;
  /** Default: `/api/items` at the edge. */
  readonly path?: string;
  /** Every `X-Canary` line, in order; none: no selector. */
  readonly lines: readonly string[];
  /** Spelling of the header's name; default `X-Canary`. */
  readonly headerName?: string;
}

export interface Expectation {
  /** HTTP status; 503 stands for UNAVAILABLE in gRPC. Default: 200. */
  readonly status?: 404 | 503;
  /**
   * Who served, in the order of the calls: `api` is stable, `api@7` the canary of PR 7, `store!` a call that got no
   * answer. Empty: the router itself answered.
   */
  readonly hops: readonly string[];
  /** `X-Canary-Echo` of the first hop: the selector acted on, as it was sent. Absent: none, as always in gRPC. */
  readonly echo?: string;
  /** The first hop says that the selector was invalid. */
  readonly invalid?: true;
}
