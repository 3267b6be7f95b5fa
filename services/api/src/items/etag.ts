import { LIMITS } from "@shop/proto";
import { ProblemError, problem } from "../problems/problem.ts";

/** The entity tag of a version, RFC 9110 section 8.8.3. */
export function etag(version: number): string {
  return `"${version}"`;
}

/**
 * The version that `If-Match` asks for (RFC 9110 section 13.1.1); undefined for `*`, which any version matches, and when
 * the header is absent.
 * @throws {ProblemError} 400 when it is not one entity tag of this API.
 */
export function expectedVersion(ifMatch: string | undefined): number | undefined {
  const value = ifMatch?.trim();
  if (value === undefined || value === "*") return undefined;
  const [, digits] = /^"([1-9]\d{0,9})"$/.exec(value) ?? [];
  const version = Number(digits);
  if (version <= LIMITS.version.maximum) return version;
  const detail = 'has to be * or one ETag that this API gave, such as "3"';
  throw new ProblemError(problem(400, `If-Match ${detail}.`, [{ detail, parameter: "If-Match" }]));
}

/** @throws {ProblemError} 428 (RFC 6585) when there is no `If-Match`: without it, one change would silently undo another. */
export function requireIfMatch(ifMatch: string | undefined): void {
  if (ifMatch !== undefined) return;
  const detail = "Send If-Match with the ETag of the item that you read, or * to replace any version.";
  throw new ProblemError(problem(428, detail, [{ detail: "is missing", parameter: "If-Match" }]));
}
