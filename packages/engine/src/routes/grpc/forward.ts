import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { type RouteTable, resolve } from "@perch/core";
import { parseSelector } from "@perch/header";
import { answerUnavailable, answerUnreachable, refuseContentType } from "./answers.ts";
import { exchange, newReplay } from "./exchange.ts";
import { isGrpc, type RawHeaders, selectorLines } from "./headers.ts";
import type { Lease, Sessions } from "./sessions.ts";

/** What forwarding needs to know beside the call. */
export interface ForwardContext {
  readonly service: string;
  readonly table: () => RouteTable;
  readonly sessions: Sessions;
}

/** A call that no backend has looked at may be sent once more, by then perhaps to the next revision. */
const ATTEMPTS = 2;

/** Routes one call and passes it on. It always ends the call; it never rejects. */
export async function forward(
  call: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: RawHeaders,
  context: ForwardContext,
): Promise<void> {
  if (!isGrpc(headers["content-type"])) return refuseContentType(call);
  const selection = parseSelector(selectorLines(raw));
  const replay = newReplay();
  let reason = "it refuses calls";
  for (let attempt = 0; attempt < ATTEMPTS && !call.destroyed; attempt += 1) {
    const routes = context.table().services.get(context.service);
    if (routes === undefined) break;
    const decision = resolve(routes, selection);
    if (decision.kind === "unavailable") return answerUnavailable(call, decision);
    const lease = await acquire(context.sessions, decision.backend.address);
    if (lease instanceof Error) {
      reason = lease.message;
      continue;
    }
    if (call.destroyed) return lease.done();
    if ((await exchange(call, raw, replay, lease, context.service)) === "answered") return;
  }
  answerUnreachable(call, context.service, reason);
}

async function acquire(sessions: Sessions, address: string): Promise<Lease | Error> {
  try {
    return await sessions.acquire(address);
  } catch (error) {
    return error as Error;
  }
}
