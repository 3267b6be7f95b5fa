import { variantName } from "../naming.ts";
import type { StatusDocument, VariantStatus } from "./types.ts";

/** What happened to a variant. */
export type TimelineEvent =
  | { readonly kind: "opened" | "built" | "ready" | "slept" | "woke"; readonly revision: string }
  /** A newer revision is wanted. */
  | { readonly kind: "pushed"; readonly revision: string }
  /** It serves from now on, in place of another. */
  | { readonly kind: "rolled"; readonly revision: string; readonly from: string }
  | { readonly kind: "failed"; readonly revision: string; readonly message: string };

/** One line of a variant's timeline: `GET /api/timeline?service=&pr=`. `at`: epoch milliseconds. */
export type TimelineEntry = TimelineEvent & { readonly at: number };

/** What happened between two statuses, by variant name. Variants that are gone have nothing in it. */
export function timelineEvents(
  before: StatusDocument | undefined,
  after: StatusDocument,
): Map<string, TimelineEvent[]> {
  const earlier = new Map(
    (before === undefined ? [] : variantsOf(before)).map((one) => [variantName(one), one]),
  );
  const events = new Map<string, TimelineEvent[]>();
  for (const variant of variantsOf(after)) {
    const name = variantName(variant);
    const happened = between(earlier.get(name), variant);
    if (happened.length > 0) events.set(name, happened);
  }
  return events;
}

function variantsOf({ services }: StatusDocument): VariantStatus[] {
  // Stable of a repository that was never read has no revision yet.
  return services
    .flatMap(({ stable, canaries }) => [stable, ...canaries])
    .filter(({ revision }) => revision !== "");
}

function between(before: VariantStatus | undefined, after: VariantStatus): TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const revision = newest(after).revision;
  if (before === undefined) events.push({ kind: "opened", revision });
  else if (newest(before).revision !== revision) events.push({ kind: "pushed", revision });
  if (wasBuilt(before, after)) events.push({ kind: "built", revision });
  const served = serves(before, after);
  if (served !== undefined) events.push(served);
  const { failure } = after;
  if (failure !== undefined && failure.at !== before?.failure?.at)
    events.push({ kind: "failed", revision, message: failure.message });
  return events;
}

/** The revision that is wanted, and how far it is. */
function newest(variant: VariantStatus): Pick<VariantStatus, "revision" | "state"> {
  return variant.next ?? variant;
}

const BUILDING: ReadonlySet<string> = new Set(["preparing", "installing", "building"]);
const BEFORE_START: ReadonlySet<string> = new Set(["queued", ...BUILDING]);

function wasBuilt(before: VariantStatus | undefined, after: VariantStatus): boolean {
  if (before === undefined) return false;
  const now = newest(after);
  const earlier = newest(before);
  const isStarted = now.state === "starting" || now.state === "ready";
  if (!isStarted) return false;
  if (earlier.revision !== now.revision) return before.revision !== now.revision;
  // What failed is started again, mostly with what was built before.
  return (before.failure === undefined ? BEFORE_START : BUILDING).has(earlier.state);
}

function serves(
  before: VariantStatus | undefined,
  { state, revision }: VariantStatus,
): TimelineEvent | undefined {
  const isAsleep = state === "sleeping";
  const wasAsleep = before?.state === "sleeping";
  if (isAsleep) return wasAsleep ? undefined : { kind: "slept", revision };
  if (state !== "ready") return undefined;
  if (before?.state !== "ready")
    return { kind: wasAsleep || before?.waking === true ? "woke" : "ready", revision };
  return before.revision === revision ? undefined : { kind: "rolled", revision, from: before.revision };
}
