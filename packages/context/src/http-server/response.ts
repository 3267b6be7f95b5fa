import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import { ECHO_HEADER, TRAIL_HEADER } from "@perch/header";
import type { Identity } from "../identity.ts";
import { ownTrail } from "../own-trail.ts";
import type { CanaryContext } from "../storage.ts";
import { type HeadersArgument, varyOf, withHeaders } from "./write-head.ts";

/**
 * Makes the response say at header time what caches and testers must know. Every way to send headers ends in
 * `writeHead` (Node's implicit header calls it too), so that is the one place to add them, after the handler had its say.
 */
export function announceHop(
  response: ServerResponse,
  identity: Identity,
  context: CanaryContext | undefined,
): void {
  const { writeHead } = response;
  // The reason phrase may be left out: then the headers come second.
  const announced = (status: number, first?: unknown, second?: unknown): ServerResponse => {
    const reason = typeof first === "string" ? first : undefined;
    const given = (reason === undefined ? (second ?? first) : second) as HeadersArgument;
    const headers = response.headersSent ? given : announcedHeaders(response, given, identity, context);
    const args = reason === undefined ? [status, headers] : [status, reason, headers];
    return Reflect.apply(writeHead, response, args);
  };
  response.writeHead = announced;
}

function announcedHeaders(
  response: ServerResponse,
  given: HeadersArgument,
  identity: Identity,
  context: CanaryContext | undefined,
): OutgoingHttpHeader[] {
  const added = ["Vary", varyOf(given, response.getHeader("vary"))];
  const trail = ownTrail(identity, context);
  if (context?.value !== undefined) added.push(ECHO_HEADER, context.value);
  if (trail !== undefined) added.push(TRAIL_HEADER, trail);
  return withHeaders(given, added);
}
