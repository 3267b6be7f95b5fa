import { type Hop, parseSelector, parseTrail, selectedPr, type Trail } from "@perch/header";
import type { PageRecord, Served } from "./record.ts";

/** Who served a request, by its hop trail. */
export type Verdict =
  /** The canary that it was meant for, on at least one hop. */
  | "canary"
  /** It was meant for a canary, and stable served everywhere. */
  | "stable"
  /** It was meant for a canary, and a service on the way gave no answer. */
  | "unreachable"
  /** It was meant for a canary, and no trail came. */
  | "unknown"
  /** It carried no selector. */
  | "untagged";

export function verdictOf({ meant, trail, status }: Served): Verdict {
  if (meant === "") return "untagged";
  const parsed = parseTrail(trail);
  if (parsed === undefined) return status === 503 ? "unreachable" : "unknown";
  if (parsed.hops.some((hop) => isMeant(hop, meant))) return "canary";
  return parsed.hops.some(({ note }) => note === "unreachable") ? "unreachable" : "stable";
}

/** Whether a hop is the canary that the selector asks for. */
function isMeant({ service, pr, note }: Hop, meant: string): boolean {
  const parsed = parseSelector(meant);
  if (parsed.kind !== "valid" || pr === undefined || note === "unreachable") return false;
  return selectedPr(parsed.selector, service) === pr;
}

/** The most telling of a page's requests: one that reached its canary is what people look for. */
export function verdictOfPage({ served }: PageRecord): Verdict {
  const verdicts = new Set(served.map(verdictOf));
  const order: readonly Verdict[] = ["canary", "unreachable", "stable", "unknown"];
  return order.find((verdict) => verdicts.has(verdict)) ?? "untagged";
}

/** Whether a person should look: something was meant for a canary and did not get there. */
export function isWarning(verdict: Verdict): boolean {
  return verdict === "stable" || verdict === "unreachable";
}

const SENTENCES: Readonly<Record<Verdict, string>> = {
  canary: "Served by the canary.",
  stable: "Meant for a canary, and served by stable everywhere: no service on this way has that canary.",
  unreachable: "Meant for a canary that gave no answer. Stable never answers in its place.",
  unknown: "No hop trail came: the service does not use perch’s library, or a cache answered.",
  untagged: "No selector was sent: stable serves.",
};

export function verdictText(verdict: Verdict): string {
  return SENTENCES[verdict];
}

const WORDS: Readonly<Record<Verdict, string>> = {
  canary: "canary",
  stable: "stable everywhere",
  unreachable: "no answer",
  unknown: "no hop trail",
  untagged: "no selector",
};

/** The same in two words, for one request among many. */
export function verdictWords(verdict: Verdict): string {
  return WORDS[verdict];
}

/** A trail for a person, hop by hop. */
export function trailLines(trail: Trail): string[] {
  const lines = trail.hops.map((hop) => {
    const who = hop.pr === undefined ? "stable" : `canary of PR ${hop.pr}`;
    const what = hop.note === "unreachable" ? "gave no answer" : who;
    const more = [hop.rev, hop.n === undefined ? undefined : `${hop.n}×`, remark(hop)];
    return [`${hop.service}: ${what}`, ...more.filter((part) => part !== undefined)].join(", ");
  });
  return trail.cut === undefined ? lines : [...lines, `${trail.cut} more left out`];
}

function remark({ note }: Hop): string | undefined {
  if (note === "invalid-selector") return "invalid selector";
  return note === "partial" ? "partial" : undefined;
}
