import type { Protocol } from "../config/types.ts";
import type { PerchErrorData } from "../errors.ts";
import type { InstanceFailure, InstanceState } from "../instances.ts";

/** What serves and what does not, on one machine or in a cluster. Times are epoch milliseconds. */
export interface StatusDocument {
  readonly project: string;
  readonly edge: EdgeStatus;
  readonly sources: readonly SourceStatus[];
  /** In the order of `perch.yaml`. */
  readonly services: readonly ServiceStatus[];
  readonly pullRequests: readonly PullRequestStatus[];
  /** What is wrong now, worst first; empty when all is well. */
  readonly problems: readonly Problem[];
  /** True once every wanted variant is either ready or failed at its wanted revision. */
  readonly settled: boolean;
}

/** Everything the engine knows, as one JSON document: `GET /api/status`. */
export interface Status extends StatusDocument {
  readonly engine: EngineStatus;
}

/** What a cluster's own objects say, as one JSON document: `perch status --cluster --json`. */
export interface ClusterStatus extends StatusDocument {
  readonly cluster: ClusterPlace;
}

export interface ClusterPlace {
  /** Namespace of stable. */
  readonly namespace: string;
  /** What could not be read, so that the rest of this document is silent about it. */
  readonly unread: readonly Unread[];
}

/** A kind of object that whoever asked may not list. */
export interface Unread {
  /** As in `kubectl get`: `pods`. */
  readonly resource: string;
  /** Absent: in no namespace, or not in every one. */
  readonly namespace?: string;
  /** What the cluster said. */
  readonly reason: string;
}

export interface EngineStatus {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly stateDir: string;
  /** Base URL of the status API; absent for the moment before it listens. */
  readonly statusUrl?: string;
  /** Where webhooks are taken; absent: nowhere. */
  readonly webhookUrl?: string;
}

export interface EdgeStatus {
  /** Where stable answers, `http://localhost:8080`. */
  readonly url: string;
  /** `host:port` of every listener. */
  readonly listening: readonly string[];
  /** Whether the listeners speak TLS; `url` may be a proxy's in front of them. */
  readonly secure: boolean;
  /** Path that example requests ask for. */
  readonly tryPath: string;
}

export interface SourceStatus {
  readonly repo: string;
  readonly remote: string;
  /** Last time the source answered; absent: never. */
  readonly lastSeen?: number;
  /** Present while the source does not answer; what was last seen stays in force. */
  readonly error?: PerchErrorData;
  /** What GitHub's API was asked; absent: a git remote, which has none. */
  readonly api?: ApiUse;
}

/** Requests of the last hour to an API that counts them. */
export interface ApiUse {
  readonly requests: number;
  /** Those answered "not modified", which GitHub does not count. */
  readonly unmodified: number;
  /** How many more the API takes until its hour is over, and of how many, as it said last. */
  readonly remaining?: number;
  readonly limit?: number;
}

export interface ServiceStatus {
  readonly service: string;
  readonly protocol: Protocol;
  /** Path prefix at the edge. */
  readonly edge?: string;
  /** `host:port` that callers use, for services that others call. */
  readonly apex?: string;
  readonly stable: VariantStatus;
  /** By PR number, ascending. */
  readonly canaries: readonly VariantStatus[];
}

export interface VariantStatus {
  readonly service: string;
  readonly pr?: number;
  /** State of what serves; `failed` or a state before `ready` when nothing serves. */
  readonly state: InstanceState;
  readonly since: number;
  /** Revision that serves, or that is on its way when nothing serves. */
  readonly revision: string;
  readonly address?: string;
  readonly pid?: number;
  /** It was asleep and is started again for requests that wait for it. */
  readonly waking?: true;
  readonly restarts: number;
  /** A newer revision that does not serve yet. */
  readonly next?: { readonly revision: string; readonly state: InstanceState; readonly since: number };
  /** Why the wanted revision does not serve. */
  readonly failure?: InstanceFailure;
  /** Canaries only: the value for `X-Canary`, and a URL that needs no header. */
  readonly selector?: string;
  readonly shareLink?: string;
}

export interface PullRequestStatus {
  readonly repo: string;
  readonly number: number;
  readonly head: string;
  readonly title: string;
  /** Services with a canary of it. */
  readonly services: readonly string[];
  /** Why it has none. */
  readonly skipped?: string;
}

export interface Problem extends PerchErrorData {
  /** The variant it concerns, `api` or `api-canary-pr-7`; absent: the engine itself. */
  readonly variant?: string;
}
