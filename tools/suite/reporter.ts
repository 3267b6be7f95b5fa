import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect, styleText } from "node:util";

/** Of what an error says, where it is said again. */
const LINES_AGAIN = 8;

/**
 * Failures as they happen, a line per file, all failures again in short for who reads only the end, and one plain line that a
 * script can read.
 */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Fail[] = [];
  for await (const event of source) {
    if (event.type === "test:fail" && !isParentOfFailure(event.data)) {
      failures.push(event.data);
      yield failureText(event.data);
    } else if (event.type === "test:pass" && event.data.skip !== undefined) yield skipText(event.data);
    else if (event.type === "test:stderr") yield styleText("dim", event.data.message);
    else if (event.type === "test:summary") {
      if (event.data.file === undefined) yield failuresAgain(failures);
      yield summaryText(event.data);
    }
  }
}

export type Fail = Extract<TestEvent, { type: "test:fail" }>["data"];
type Pass = Extract<TestEvent, { type: "test:pass" }>["data"];
type Summary = Extract<TestEvent, { type: "test:summary" }>["data"];

/** A suite fails because of its tests, which have been reported already. */
export function isParentOfFailure({ details }: Fail): boolean {
  return (details.error as { failureType?: string }).failureType === "subtestsFailed";
}

/** What failed in all files, each with the beginning of what its error says. */
export function failuresAgain(failures: readonly Fail[]): string {
  if (failures.length === 0) return "";
  return `\nFailed:\n${failures.map((fail) => `${title(fail)}\n${indent(inShort(fail))}\n`).join("")}`;
}

function inShort({ details }: Fail): string {
  const cause = details.error.cause ?? details.error;
  const said = cause instanceof Error ? cause.message : inspect(cause);
  return said.split("\n").slice(0, LINES_AGAIN).join("\n");
}

function title({ name, file, line }: Fail): string {
  const where = file === undefined ? "" : ` ${styleText("dim", `${relative("", file)}:${line ?? 1}`)}`;
  return `${styleText("red", "✗")} ${name}${where}`;
}

function failureText(fail: Fail): string {
  const { details } = fail;
  const cause = details.error.cause ?? details.error;
  const { exitCode, signal } = details.error as { exitCode?: number; signal?: string };
  // A file whose process ended before its tests.
  const end = exitCode === undefined ? "" : `\n    exit code ${exitCode}, signal ${signal ?? "none"}`;
  return `${title(fail)}\n${indent(inspect(cause, { depth: 6, colors: false }))}${end}\n`;
}

function skipText({ name, skip }: Pass): string {
  return `${styleText("yellow", "-")} skipped: ${name} (${typeof skip === "string" ? skip : "no reason given"})\n`;
}

function summaryText({ file, counts, duration_ms }: Summary): string {
  const failed = counts.tests - counts.passed - counts.skipped - counts.todo;
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  const line = `${counts.passed} passed, ${failed} failed${skipped}`;
  if (file === undefined) return `\n${line}\n`;
  const mark = failed === 0 ? styleText("green", "✓") : styleText("red", "✗");
  return `${mark} ${relative("", file)} ${styleText("dim", `${line}, ${(duration_ms / 1000).toFixed(1)} s`)}\n`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
