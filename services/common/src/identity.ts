import { type Identity, identityFromEnv } from "@perch/context";
import type { Env } from "./env.ts";

/**
 * Who this process is. Both engines say so by `CANARY_SERVICE`, `CANARY_PR` and `CANARY_REVISION`; a process that somebody
 * started by hand is stable and has the name of its own code.
 */
export function ownIdentity(env: Env, service: string): Identity {
  return identityFromEnv({ ...env, CANARY_SERVICE: env.CANARY_SERVICE || service });
}

/** What log lines and metrics say of the process. Strings, so that `7` and `stable` index alike. */
export interface IdentityLabels {
  /** The pull request's number, or `stable`. */
  readonly canary_pr: string;
  /** 12 hex digits of the commit, stable's image tag, or `unknown`. */
  readonly revision: string;
}

/** Labels from the process's own identity, never from a request: a client must not be able to make up series. */
export function identityLabels(identity: Identity): IdentityLabels {
  return {
    canary_pr: identity.pr === undefined ? "stable" : String(identity.pr),
    revision: identity.revision ?? "unknown",
  };
}
