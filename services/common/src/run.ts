import type { Identity } from "@perch/context";
import { ConfigError, type Env, readEnv } from "./env.ts";
import { ownIdentity } from "./identity.ts";
import { createLogger, type Logger } from "./logger.ts";

/** A service that takes requests. */
export interface RunningService {
  /** Takes no new request, finishes those in flight, gives back what it holds. */
  stop(): Promise<void>;
}

/** What a service needs to start. */
export interface StartContext {
  readonly env: Env;
  readonly identity: Identity;
  readonly log: Logger;
  /** Milliseconds that calls in flight have to finish once the service stops. */
  readonly grace: number;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const REHEARSE = "--rehearse";

/**
 * Runs a service until SIGTERM or SIGINT, then stops it. `SHUTDOWN_GRACE_MS` (default 8000) is what calls in flight
 * have to finish; `stop` gets a second more. With the argument `--rehearse` it stops as soon as it has started: what an
 * image's build does, so that the code of a start is in V8's compile cache (https://nodejs.org/api/module.html#module-compile-cache).
 * Exit code 0: stopped as asked. 1: it did not start, did not stop in time, or failed; the last log line says why.
 */
export async function runService(
  name: string,
  start: (context: StartContext) => Promise<RunningService>,
): Promise<void> {
  const { env } = process;
  // Nobody reads the log any more: no reason to fail.
  process.stdout.on("error", () => {});
  let log = createLogger({ service: name }, {});
  try {
    const identity = ownIdentity(env, name);
    log = createLogger(identity, env);
    const grace = readEnv(env, (read) => read.milliseconds("SHUTDOWN_GRACE_MS", 8_000));
    exitOnCrash(log);
    const signalled = process.argv.includes(REHEARSE) ? REHEARSE : untilSignal();
    const service = await start({ env, identity, log, grace });
    log.info({ signal: await signalled }, "stopping");
    await within(grace + 1_000, service.stop());
    log.info("stopped");
    process.exit(0);
  } catch (error) {
    log.fatal(error instanceof ConfigError ? { problems: error.problems } : { err: error }, message(error));
    process.exit(1);
  }
}

/** The first signal; a second one ends the process at once, as its default is. */
function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(signal));
  });
}

/** After an error that nobody caught, state is unknown: say it in a log line like all others, and leave. */
function exitOnCrash(log: Logger): void {
  process.on("uncaughtException", (error, origin) => {
    log.fatal({ err: error, origin }, "an error that nobody caught");
    process.exit(1);
  });
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`It did not stop within ${milliseconds} ms; what was in flight is lost.`)),
    milliseconds,
  );
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
