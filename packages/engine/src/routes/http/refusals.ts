import type { Backend, Decision } from "@perch/core";
import type { Selector } from "@perch/header";

/** Why a router answers by itself; a closed set that clients may rely on (`code` of the problem document). */
export type RefusalCode =
  | "BAD_REQUEST"
  | "CONNECT_REFUSED"
  | "NO_ROUTE"
  | "CLOSED_LINK"
  | "NOT_READY"
  | "BACKEND_FAILED"
  | "BACKEND_TIMEOUT"
  | "HEADERS_TOO_LARGE"
  | "REQUEST_TIMEOUT";

/** An answer of the router's own, as data. */
export interface Refusal {
  readonly status: number;
  readonly code: RefusalCode;
  /** What failed and what to do. */
  readonly detail: string;
  readonly service?: string;
  readonly pr?: number;
  /** Why the variant cannot serve: its instance's state. */
  readonly state?: string;
  /** The valid selector that was acted on; echoed. */
  readonly selector?: Selector;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Seconds after which it is worth to ask for an unready variant again. */
const RETRY_AFTER = 2;

export function badRequest(detail: string): Refusal {
  return { status: 400, code: "BAD_REQUEST", detail };
}

/** A router is not a proxy to anywhere. */
export function connectRefused(): Refusal {
  return {
    status: 405,
    code: "CONNECT_REFUSED",
    detail: "CONNECT is not served here: ask for a path instead.",
  };
}

export function noRoute(service?: string): Refusal {
  if (service !== undefined) {
    const detail = `The service ${service} is not part of this environment any more. Check perch.yaml.`;
    return { status: 404, code: "NO_ROUTE", detail, service };
  }
  const detail =
    "No service answers under this path. Check the path, or give a service this prefix with `edge:` in perch.yaml.";
  return { status: 404, code: "NO_ROUTE", detail };
}

export function closedLink(selector: Selector): Refusal {
  const what =
    selector.kind === "pr"
      ? `Pull request ${selector.pr} has no canary`
      : [...selector.entries]
          .map(([service, pr]) => `${service} has no canary of pull request ${pr}`)
          .join(", ");
  const detail = `${what}: it was closed, or it never had one. For stable, use the host without the part before the first dot.`;
  return { status: 404, code: "CLOSED_LINK", detail, selector };
}

export function notReady(decision: Extract<Decision, { kind: "unavailable" }>): Refusal {
  const { service, pr, state } = decision;
  const logs = pr === undefined ? `perch logs ${service}` : `perch logs ${service} --pr ${pr}`;
  const never = pr === undefined ? "" : " Stable never answers in a canary's place.";
  const detail = `${variantText(decision)} is ${state}: ${decision.detail} Ask again in a moment; \`perch status\` and \`${logs}\` show more.${never}`;
  return {
    status: 503,
    code: "NOT_READY",
    detail,
    service,
    ...(pr === undefined ? {} : { pr }),
    state,
    retryAfter: RETRY_AFTER,
  };
}

/** Code of the error for a status that the client's version of HTTP does not have. */
export const NO_SUCH_STATUS = "NO_SUCH_STATUS";

/** A backend that the table calls ready did not do its part. */
export function backendFailed(backend: Backend, error: Error, selector: Selector | undefined): Refusal {
  const { service, pr } = backend;
  const timeout = isTimeout(error);
  const logs = pr === undefined ? `perch logs ${service}` : `perch logs ${service} --pr ${pr}`;
  return {
    status: timeout ? 504 : 502,
    code: timeout ? "BACKEND_TIMEOUT" : "BACKEND_FAILED",
    detail: `${variantText(backend)} ${failureText(error)} See \`${logs}\`.`,
    service,
    ...(pr === undefined ? {} : { pr }),
    ...(selector === undefined ? {} : { selector }),
  };
}

function variantText({ service, pr }: { service: string; pr?: number }): string {
  return pr === undefined ? `Stable ${service}` : `The canary of PR ${pr} of ${service}`;
}

/** Whether a backend took too long: nothing is gained by asking it once more. */
export function isTimeout(error: Error): boolean {
  const code = errorCode(error);
  return code === "UND_ERR_CONNECT_TIMEOUT" || code === "UND_ERR_HEADERS_TIMEOUT";
}

/** The `code` of a system or client error, e.g. ECONNREFUSED. */
export function errorCode(error: Error): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : undefined;
}

function failureText(error: Error): string {
  const code = errorCode(error);
  switch (code) {
    case "UND_ERR_CONNECT_TIMEOUT":
      return "did not accept the connection in time.";
    case "UND_ERR_HEADERS_TIMEOUT":
      return "did not answer the WebSocket's handshake in time.";
    case "ECONNREFUSED":
      return "refused the connection.";
    case "UND_ERR_SOCKET":
    case "ECONNRESET":
    case "EPIPE":
      return "closed the connection before it answered.";
    case "UND_ERR_HEADERS_OVERFLOW":
      return "sent more response headers than are accepted.";
    case NO_SUCH_STATUS:
      return `answered with ${error.message}, which is none: they go from 100 to 599.`;
    default:
      return `could not be asked, or its answer was not HTTP/1.1 (${code ?? error.name}).`;
  }
}
