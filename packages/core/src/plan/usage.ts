import type { Config } from "../config/types.ts";
import type { PerchErrorData } from "../errors.ts";
import { type Instance, runningByVariant } from "../instances.ts";
import { variantName } from "../naming.ts";

/** What is known of the use of canaries. Keys are names of variants. */
export interface Usage {
  /** Milliseconds without a request after which a canary sleeps (`canary.idle`). */
  readonly idle: number;
  /** How many canaries may run at once (`canary.maxRunning`). */
  readonly most: number;
  /** Epoch milliseconds of the end of the last request. */
  readonly lastUsed: ReadonlyMap<string, number>;
  /** Those with a request or an open stream under way. */
  readonly busy: ReadonlySet<string>;
  /** Those that requests wait for. */
  readonly awaited: ReadonlySet<string>;
}

/** Whether a canary goes to sleep now. Stable never does. @param now epoch milliseconds. */
export function isIdle(instance: Instance, now: number, usage: Usage): boolean {
  const due = idleAt(instance, usage, now);
  return due !== undefined && due <= now;
}

/**
 * When a canary goes to sleep unless it is used before, epoch milliseconds; `undefined`: it does not. What seems to be still to
 * come was noted before the clock went back, and says nothing: to sleep too early costs one wait, and never to sleep costs memory.
 * @param now epoch milliseconds.
 */
export function idleAt({ variant, state, since }: Instance, usage: Usage, now: number): number | undefined {
  const name = variantName(variant);
  if (variant.pr === undefined || state !== "ready") return undefined;
  if (usage.busy.has(name) || usage.awaited.has(name)) return undefined;
  const past = [since, usage.lastUsed.get(name) ?? 0].filter((at) => at <= now);
  return Math.max(0, ...past) + usage.idle;
}

/**
 * Canaries that sleep before their time, because more run, or wait for a place, than may run: those that nobody used for longest. One
 * that is in use, or of which another revision only starts, is left alone; others then wait.
 * @param running those that have a process, or want one.
 */
export function crowdedOut(running: readonly Instance[], usage: Usage): Instance[] {
  const canaries = canariesOf(running);
  const isFree = ({ state, variant }: Instance) =>
    state === "ready" && !usage.busy.has(variantName(variant)) && !usage.awaited.has(variantName(variant));
  const lastUsed = ({ since, variant }: Instance) =>
    Math.max(since, usage.lastUsed.get(variantName(variant)) ?? 0);
  return [...canaries.values()]
    .flatMap((ofCanary) => (ofCanary.length === 1 ? ofCanary.filter(isFree) : []))
    .sort((a, b) => lastUsed(a) - lastUsed(b))
    .slice(0, Math.max(0, canaries.size - usage.most));
}

/** Those that are no stable, by the names of their variants: a roll has two instances of one. */
function canariesOf(running: readonly Instance[]): Map<string, Instance[]> {
  return runningByVariant(running.filter(({ variant }) => variant.pr !== undefined));
}

/** That canaries wait for a place, and nobody makes room for them; `undefined`: none does. */
export function crowdProblem(instances: readonly Instance[], usage: Usage): PerchErrorData | undefined {
  const running = instances.filter(({ state }) => state === "starting" || state === "ready");
  const canaries = canariesOf(running);
  const waiting = canaries.size - usage.most;
  if (waiting <= 0 || crowdedOut(running, usage).length > 0) return undefined;
  return {
    code: "CANARIES_WAIT",
    message: `${waiting === 1 ? "1 canary waits" : `${waiting} canaries wait`} for a place: \`canary.maxRunning\` is ${usage.most}, and those that run are in use or only start.`,
    hint: "Raise it if the machine has room. An open stream or WebSocket keeps its canary awake.",
    fault: "environment",
  };
}

/** When a canary was last pushed to or asked for: what `canary.ttl` counts from. */
export interface Activity {
  readonly commit: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Whether nobody has pushed to a canary, or asked for it, for `canary.ttl`. A new commit begins anew. */
export function isExpired(
  { canary }: Config,
  commit: string,
  activity: Activity | undefined,
  now: number,
): boolean {
  return activity !== undefined && activity.commit === commit && now - activity.at >= canary.ttl;
}

/** Paths by which monitors look at a service, whatever it is. */
const PROBES: ReadonlySet<string> = new Set([
  "/metrics",
  "/healthz",
  "/livez",
  "/readyz",
  "/health",
  "/health/live",
  "/health/ready",
]);

/**
 * Whether an HTTP request only looks at how a service does: a probe or a scrape. It neither keeps a canary awake nor wakes it.
 * @param path without query.
 */
export function isProbe(method: string, path: string, readyPath: string | undefined): boolean {
  return (method === "GET" || method === "HEAD") && (path === readyPath || PROBES.has(path));
}
