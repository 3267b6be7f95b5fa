import { type InvalidReason, parseJoinedSelector, parseSelector, type SelectorResult } from "@perch/header";
import { CallRecorder } from "./calls.ts";
import { remembering } from "./memory.ts";
import { type CanaryContext, runInContext } from "./storage.ts";

/** Told of every invalid selector that arrives. It gets the reason and never the value, which is a stranger's. */
export type OnInvalid = (reason: InvalidReason) => void;

const invalidCounts: Record<InvalidReason, number> = {
  malformed: 0,
  "too-long": 0,
  "too-many-entries": 0,
  "duplicate-service": 0,
  "differing-lines": 0,
};

/**
 * How many invalid selectors this process has received since it started, by reason: one sample of a counter for
 * each, to be read when metrics are collected.
 */
export function invalidSelectorCount(): Readonly<Record<InvalidReason, number>> {
  return { ...invalidCounts };
}

const meaningOf = remembering(parseSelector);

/** The context of a request with these header lines; `undefined` if it has none, so that it costs nothing. */
export function contextOfLines(lines: readonly string[], onInvalid?: OnInvalid): CanaryContext | undefined {
  const [line] = lines;
  if (line === undefined) return undefined;
  return counted(contextOf(lines.length === 1 ? meaningOf(line) : parseSelector(lines), line), onInvalid);
}

/** The same where an HTTP/2 stack has joined the lines with ", " before anybody could look. */
export function contextOfJoined(value: string, onInvalid?: OnInvalid): CanaryContext | undefined {
  return counted(readJoined(value), onInvalid);
}

/** The same for a look that does not count, because another part of the process may be the one that serves. */
export function readJoined(value: string): CanaryContext {
  // Lines that are all equal count once, and a valid selector has no white space: the first one ends at the join.
  const line = value.includes(", ") ? value.trim().split(", ", 1)[0] : value;
  return contextOf(line === value ? meaningOf(value) : parseJoinedSelector(value), line);
}

function contextOf(selector: SelectorResult, line = ""): CanaryContext {
  const calls = new CallRecorder();
  return selector.kind === "valid" ? { selector, value: line.trim(), calls } : { selector, calls };
}

function counted(context: CanaryContext, onInvalid?: OnInvalid): CanaryContext {
  if (context.selector.kind === "invalid") {
    invalidCounts[context.selector.reason] += 1;
    notifyInvalid(context.selector.reason, onInvalid);
  }
  return context;
}

/** What a client sends must not be able to fail its request by way of a fault in a metrics callback. */
export function notifyInvalid(reason: InvalidReason, onInvalid?: OnInvalid): void {
  try {
    onInvalid?.(reason);
  } catch (error) {
    process.emitWarning(`onInvalid threw: ${String(error)}`, { type: "PerchWarning" });
  }
}

/**
 * Runs `body` as if it served a request with this selector: for jobs, queues and scripts. `undefined` means without
 * one, also inside a request that has one. An invalid value is treated as absent and counted, as everywhere.
 *
 * @returns what `body` returns; a promise carries the selector until it settles.
 */
export function runWithSelector<T>(value: string | readonly string[] | undefined, body: () => T): T {
  const lines = value === undefined ? [] : typeof value === "string" ? [value] : value;
  return runInContext(contextOfLines(lines) ?? withoutSelector(), body);
}

function withoutSelector(): CanaryContext {
  return { selector: { kind: "absent" }, calls: new CallRecorder() };
}
