import type { Trail } from "@perch/header";

/** A request that the engine is to send to its own edge: `POST /api/try`. */
export interface TryRequest {
  readonly method: "GET" | "HEAD" | "POST";
  /** Path and query. */
  readonly path: string;
  /** A host of the edge, without port: `localhost`, or a share link's. Absent: `localhost`. */
  readonly host?: string;
  /** The value for `X-Canary`; absent: none is sent. */
  readonly selector?: string;
  /** Only with POST. */
  readonly body?: string;
  /** Of the body; absent: `application/json`. */
  readonly contentType?: string;
}

/** What the edge answered. */
export interface TryAnswer {
  readonly status: number;
  /** Names and values as they came, duplicates apart. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as text, at most its first 256 KiB. */
  readonly body: string;
  /** Whether there was more of the body. */
  readonly cut: boolean;
  /** Milliseconds until the answer's headers were there. */
  readonly milliseconds: number;
  /** Who says to have served, from `X-Canary-Trail`; absent: the answer had none, or none that is valid. */
  readonly trail?: Trail;
}
