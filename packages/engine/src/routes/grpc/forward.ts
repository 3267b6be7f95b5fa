import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { type Backend, type Decision, type RouteTable, resolve } from "@perch/core";
import { parseSelector, type SelectorResult } from "@perch/header";
import type { Logger } from "pino";
import type { CanaryUse } from "../canary-use.ts";
import type { Observe } from "../observe.ts";
import { answerLost, answerNoRoute, answerUnavailable, answerUnreachable, refuse } from "./answers.ts";
import type { Backends } from "./backends.ts";
import { CallUse } from "./call-use.ts";
import { CallWatch } from "./call-watch.ts";
import type { Connection } from "./connection.ts";
import { type Ending, exchange } from "./exchange.ts";
import { isGrpc, passOn, type RawHeaders, selectorLines } from "./headers.ts";
import { Upload } from "./upload.ts";

/** What forwarding needs to know beside the call. */
export interface ForwardContext {
  readonly service: string;
  readonly table: () => RouteTable;
  readonly backends: Backends;
  readonly logger: Logger;
  /** Told how each call of a known variant went. */
  readonly observe?: Observe;
  /** Absent: no call waits. */
  readonly use?: CanaryUse;
}

/** How often a call is sent that no backend has looked at: the second time perhaps to the next revision. */
const SENDS = 2;
/** Milliseconds before a call is tried again that got no connection: a process that died takes none a moment before the table says so. */
const PAUSES = [0, 20, 60, 150, 400];

/** Routes one call and passes it on. It always ends the call, and never rejects. */
export async function forward(
  call: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: RawHeaders,
  context: ForwardContext,
): Promise<void> {
  const refusal = refusalOf(headers);
  if (refusal !== undefined) return refuse(call, refusal);
  const selection = parseSelector(selectorLines(raw));
  const probes = isProbe(headers);
  const watch = new CallWatch(call, probes ? undefined : context.observe);
  const request = { call, headers: passOn(raw, headers), upload: new Upload(call), watch };
  const use = probes ? undefined : new CallUse(call, headers, context.use);
  const attempts = new Attempts();
  for (;;) {
    const decision = await decide(context, selection, use);
    if (decision === undefined) return answerNoRoute(call, context.service);
    if (call.closed) return;
    watch.asks(decision.kind === "unavailable" ? decision : decision.backend);
    if (decision.kind === "unavailable") return answerUnavailable(call, decision);
    const { backend } = decision;
    use?.begins(backend);
    const ending = await attemptOnce(request, backend, context.backends);
    if (ending === "ended") return;
    const again = attempts.countFailed(ending);
    const pause = request.upload.repeatable ? again : undefined;
    logFailure(context.logger, backend, ending, pause !== undefined);
    if (pause === undefined) return giveUp(request, backend, ending);
    if (pause > 0) await sleep(pause);
  }
}

/** How often one call was tried. */
class Attempts {
  #all = 0;
  #unseen = 0;

  /** @returns milliseconds until the next one; undefined: that was all */
  countFailed(ending: Exclude<Ending, "ended"> | Error): number | undefined {
    this.#all += 1;
    if (ending === "lost") return undefined;
    if (ending !== "unseen") return PAUSES[this.#all - 1];
    this.#unseen += 1;
    return this.#unseen < SENDS ? 0 : undefined;
  }
}

/** By the newest table; for what is worth waiting for, by the one that there is afterwards. */
async function decide(
  { table, service }: ForwardContext,
  selection: SelectorResult,
  use: CallUse | undefined,
): Promise<Decision | undefined> {
  const now = () => {
    const routes = table().services.get(service);
    return routes === undefined ? undefined : resolve(routes, selection);
  };
  const decision = now();
  if (decision?.kind !== "unavailable" || (await use?.hold(decision)) !== true) return decision;
  return now();
}

interface Request {
  readonly call: ServerHttp2Stream;
  readonly headers: RawHeaders;
  readonly upload: Upload;
  readonly watch: CallWatch;
}

/** Asks whether the service is up (gRPC Health Checking Protocol): no use of it, and no sign of how it does. */
function isProbe({ ":path": path }: IncomingHttpHeaders): boolean {
  return path?.startsWith("/grpc.health.v1.Health/") === true;
}

/** Every gRPC call is a POST with a content type of gRPC. */
function refusalOf(headers: IncomingHttpHeaders): 405 | 415 | undefined {
  if (headers[":method"] !== "POST") return 405;
  return isGrpc(headers["content-type"]) ? undefined : 415;
}

/** @returns how it ended, or why there is no connection */
async function attemptOnce(
  { call, headers, upload, watch }: Request,
  backend: Backend,
  backends: Backends,
): Promise<Ending | Error> {
  let connection: Connection;
  try {
    connection = await backends.reserve(backend.address);
  } catch (error) {
    return call.closed ? "ended" : (error as Error);
  }
  if (call.closed || !upload.repeatable) {
    connection.giveBack();
    return call.closed ? "ended" : "unseen";
  }
  try {
    return await exchange({ call, headers, upload, connection, backend, onAnswer: () => watch.answered() });
  } catch {
    refuse(call, 400);
    return "ended";
  }
}

function giveUp({ call, upload }: Request, backend: Backend, ending: Exclude<Ending, "ended"> | Error): void {
  if (ending === "lost") answerLost(call, backend);
  else if (ending !== "unseen") answerUnreachable(call, backend, ending.message);
  else if (upload.repeatable) answerUnreachable(call, backend, "it refuses calls");
  // The client still has all of a request that was too large to keep, and may send it again.
  else call.close(constants.NGHTTP2_REFUSED_STREAM);
}

function logFailure(logger: Logger, backend: Backend, ending: string | Error, retry: boolean): void {
  const { service, pr, address, revision } = backend;
  const reason = typeof ending === "string" ? ending : ending.message;
  logger.warn({ service, pr, address, revision, reason, retry }, "a backend failed a call");
}
