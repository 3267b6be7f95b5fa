import type { Protocol } from "../config/types.ts";

/** A process that can take requests. */
export interface Backend {
  readonly service: string;
  /** Absent: stable. */
  readonly pr?: number;
  /** `host:port`. */
  readonly address: string;
  readonly revision: string;
}

/** Whether a variant can serve now. An unready canary answers an error, never stable. */
export type Availability =
  | { readonly kind: "ready"; readonly backend: Backend }
  | {
      readonly kind: "unready";
      readonly state: string;
      readonly detail: string;
      /** It sleeps, wakes, or died and is started again: a request for it waits, and wakes it where it sleeps. */
      readonly holds?: true;
      /** It never served, and nothing says that it will not: who asks too early has met no failure of it. */
      readonly isComing?: true;
    };

export interface ServiceRoutes {
  readonly service: string;
  readonly protocol: Protocol;
  /** Path of its readiness probe; absent where that is no HTTP request. */
  readonly readyPath?: string;
  readonly stable: Availability;
  /** By PR number. */
  readonly canaries: ReadonlyMap<number, Availability>;
}

/** A path prefix of the edge hosts and the service behind it. */
export interface EdgePrefix {
  readonly prefix: string;
  readonly service: string;
}

/** An immutable snapshot: the edge and the router swap it whole, so that one request never sees two of them. */
export interface RouteTable {
  /** Hosts whose `pr-N.` and `<service>-pr-N.` subdomains are share links; lower case, without port. */
  readonly edgeHosts: readonly string[];
  /** Longest prefix first. */
  readonly edgePrefixes: readonly EdgePrefix[];
  readonly services: ReadonlyMap<string, ServiceRoutes>;
}

/** Which rule decided; a closed set that `perch explain` and the truth table name. */
export type Rule =
  | "no-selector"
  | "invalid-selector"
  /** A list that does not name this service. */
  | "not-selected"
  /** The selector asks for a PR of which this service has no canary. */
  | "no-canary"
  | "canary";

export type Decision =
  | { readonly kind: "backend"; readonly rule: Rule; readonly backend: Backend }
  | {
      readonly kind: "unavailable";
      readonly rule: Rule;
      readonly service: string;
      readonly pr?: number;
      readonly state: string;
      readonly detail: string;
      /** It sleeps, wakes, or died and is started again: a request for it waits, and wakes it where it sleeps. */
      readonly holds?: true;
      /** It never served, and nothing says that it will not. */
      readonly isComing?: true;
    };
