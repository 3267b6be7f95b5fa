import { formatSelector, parseSelector } from "@perch/header";
import { parseTarget, type Target } from "./target.ts";

/** Everything that a person, or a policy of their company, sets. */
export interface Options {
  /** Off: no request is changed, whatever else is set. */
  readonly enabled: boolean;
  /** What all tabs send, in canonical form; empty: nothing. */
  readonly selector: string;
  /** The only hosts that get it. */
  readonly targets: readonly Target[];
  /** Origins of pages that call targets: `https://shop.example.com`. Browsers ask for the right to both. */
  readonly pages: readonly string[];
  /** Base address of a status API, with the live canaries; empty: none. */
  readonly statusUrl: string;
  /** Newest first. */
  readonly recents: readonly string[];
}

/** What a company's policy sets: it is there in addition, and cannot be removed. */
export type Policy = Pick<Options, "targets" | "pages" | "statusUrl">;

export const NO_POLICY: Policy = { targets: [], pages: [], statusUrl: "" };

const MOST_TARGETS = 100;
const MOST_RECENTS = 8;

/**
 * Reads what is stored. Whatever is not as it should be counts as absent: a damaged or older store must not keep the
 * extension from starting. Of the selector nothing is kept that is not one.
 */
export function readOptions(stored: unknown, policy: Policy = NO_POLICY): Options {
  const { enabled, selector, targets, pages, statusUrl, recents } = asRecord(stored);
  return {
    enabled: enabled !== false,
    selector: canonical(selector) ?? "",
    targets: unique([...policy.targets, ...listOf(targets, readTarget)]).slice(0, MOST_TARGETS),
    pages: unique([...policy.pages, ...listOf(pages, readOrigin)]).slice(0, MOST_TARGETS),
    statusUrl: readStatusUrl(statusUrl) ?? policy.statusUrl,
    recents: unique(listOf(recents, canonical)).slice(0, MOST_RECENTS),
  };
}

/** Reads managed storage; its keys are those of `managed-schema.json`. */
export function readPolicy(stored: unknown): Policy {
  const { targets, pages, statusUrl } = asRecord(stored);
  return {
    targets: unique(listOf(targets, readTarget)),
    pages: unique(listOf(pages, readOrigin)),
    statusUrl: readStatusUrl(statusUrl) ?? "",
  };
}

/** What is a person's own: what a policy sets is not kept, and so ends with the policy. */
export function withoutPolicy(options: Options, policy: Policy): Options {
  return {
    ...options,
    targets: options.targets.filter((target) => !policy.targets.includes(target)),
    pages: options.pages.filter((page) => !policy.pages.includes(page)),
    statusUrl: options.statusUrl === policy.statusUrl ? "" : options.statusUrl,
  };
}

/** The options with another selector for all tabs, which is also the newest of the recent ones. */
export function withSelector(options: Options, selector: string): Options {
  return { ...options, selector, recents: withRecent(options.recents, selector) };
}

export function withRecent(recents: readonly string[], selector: string): string[] {
  if (selector === "") return [...recents];
  return unique([selector, ...recents]).slice(0, MOST_RECENTS);
}

/** The one form of a selector's text; undefined where it is none. */
export function canonical(text: unknown): string | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const parsed = parseSelector(text);
  return parsed.kind === "valid" ? formatSelector(parsed.selector) : undefined;
}

/** The origin of an address of http or https; undefined where it is none. */
export function readOrigin(text: unknown): string | undefined {
  const url = typeof text === "string" ? URL.parse(text) : null;
  return url !== null && ["http:", "https:"].includes(url.protocol) ? url.origin : undefined;
}

/** Base address without a slash at its end. */
export function readStatusUrl(text: unknown): string | undefined {
  if (readOrigin(text) === undefined) return undefined;
  const { origin, pathname } = new URL(String(text));
  return `${origin}${pathname}`.replace(/\/+$/, "");
}

function readTarget(text: unknown): Target | undefined {
  if (typeof text !== "string") return undefined;
  const parsed = parseTarget(text);
  return parsed.ok ? parsed.target : undefined;
}

function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== undefined) : [];
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
