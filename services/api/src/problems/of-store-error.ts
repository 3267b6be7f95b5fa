import { status } from "@grpc/grpc-js";
import type { StoreError } from "../store/store-error.ts";
import { ProblemError, problem } from "./problem.ts";

/** Seconds after which a client may try again; the store, or its canary, is mostly back within a start's time. */
const RETRY_AFTER = 1;

/** Codes whose message the store wrote for the client, with the HTTP status that says the same. */
const FOR_CLIENTS: ReadonlyMap<status, number> = new Map([
  [status.INVALID_ARGUMENT, 400],
  [status.NOT_FOUND, 404],
  [status.ALREADY_EXISTS, 409],
  [status.ABORTED, 412],
]);

/** What a failed call to the store means for an HTTP client. */
export function ofStoreError(error: StoreError): ProblemError {
  const { code, details } = error;
  const forClients = FOR_CLIENTS.get(code);
  if (forClients !== undefined) return new ProblemError(problem(forClients, details), { cause: error });
  switch (code) {
    case status.UNAVAILABLE:
    case status.RESOURCE_EXHAUSTED:
    case status.CANCELLED: {
      const detail = hasAddress(details)
        ? "The store service cannot be reached."
        : `The store service: ${details}`;
      return new ProblemError(problem(503, detail), { cause: error, retryAfter: RETRY_AFTER });
    }
    case status.DEADLINE_EXCEEDED:
      return new ProblemError(problem(504, "The store service did not answer in time."), { cause: error });
    default:
      return new ProblemError(problem(502, `The store service failed with ${status[code]}.`), {
        cause: error,
      });
  }
}

/** grpc-js puts addresses into what it says of failed connections: not for clients. */
function hasAddress(details: string): boolean {
  return /:\d{2,5}\b|\d+\.\d+\.\d+\.\d+|[0-9a-f]*::[0-9a-f]*/i.test(details);
}
