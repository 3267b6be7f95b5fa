import { styleText } from "node:util";
import { type ErrorCode, PerchError } from "@perch/core";
import { CommanderError } from "commander";

/** Exit codes, a public contract: scripts rely on them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notRunning: 3, superseded: 4 } as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  it failed, or (perch status) something wanted does not serve
  2  wrong usage, or a perch.yaml that is missing or not valid
  3  no engine runs on the state folder
  4  (perch ci) the pull request has moved on, so that nothing was changed

Documentation: docs/ in the repository; every key of perch.yaml is in docs/config.md.`;

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  "USAGE",
  "CONFIG_INVALID",
  "CONFIG_NOT_FOUND",
  "UNKNOWN_SERVICE",
  "INVALID_SELECTOR",
  "EVENT_INVALID",
  "NOT_ALLOWED",
]);

/** Prints an error for a person, on standard error, and returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof PerchError) {
    print(`${paint("red", "error")} ${paint("dim", error.code)} ${error.message}\n  ${error.hint}`);
    if (error.code === "ENGINE_NOT_RUNNING") return EXIT.notRunning;
    if (error.code === "SUPERSEDED") return EXIT.superseded;
    return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  print(
    `${paint("red", "error")} ${paint("dim", "INTERNAL")} perch itself failed; please report this:\n${detail}`,
  );
  return EXIT.failed;
}

function paint(style: "red" | "dim", text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}
