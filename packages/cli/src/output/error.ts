import { styleText } from "node:util";
import { type ErrorCode, PerchError } from "@perch/core";
import { withDocs } from "./docs.ts";
import { EXIT } from "./exit.ts";

export { EXIT };

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
  if (error instanceof PerchError) {
    print(`${paint("red", "error")} ${paint("dim", error.code)} ${error.message}\n  ${withDocs(error.hint)}`);
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
