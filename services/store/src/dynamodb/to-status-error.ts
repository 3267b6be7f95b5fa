import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";

/** Too much is asked of the table; the same call may succeed later. */
const OVERLOADED = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "ThrottledException",
]);

/** The database is there and cannot serve this table. */
const NO_TABLE = new Set(["ResourceNotFoundException", "ResourceInUseException"]);

/** A failure of the database as an answer to the client; undefined for what is none. What the SDK says stays in the log. */
export function toStatusError(error: unknown): StatusError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (OVERLOADED.has(error.name)) {
    return new StatusError(
      status.RESOURCE_EXHAUSTED,
      "The database takes no more requests now: try again in a moment.",
    );
  }
  if (NO_TABLE.has(error.name) || isOutage(error)) {
    return new StatusError(status.UNAVAILABLE, "The database does not answer: try again in a moment.");
  }
  return undefined;
}

/** No connection, no answer in time, or an answer of 500 and above. */
function isOutage(error: Error): boolean {
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  if (error.name === "TimeoutError" || error.name === "InternalServerError") return true;
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return true;
  return ($metadata?.httpStatusCode ?? 0) >= 500;
}
