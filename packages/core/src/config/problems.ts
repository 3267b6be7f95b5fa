import { PerchError } from "../errors.ts";
import type { Config } from "./types.ts";

/** One thing wrong in a configuration file, with its place. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Keys from the root: `services.api.paths[1]`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and what was expected. Printable: nothing in it can steer a terminal. */
  readonly message: string;
  /** What to write instead, where perch can tell. */
  readonly hint?: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  /** In the order of the file; never empty. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** One line for a terminal: `perch.yaml:12:5 services.api.edgee: unknown key; did you mean "edge"?` */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, path, message, hint } = problem;
  const place = `${file}:${line}:${column}${path === "" ? "" : ` ${path}`}`;
  return `${place}: ${message}${hint === undefined ? "" : `; ${hint}`}`;
}

/** The problems as the one error that a command fails with; its message has a line for each. */
export function configError(problems: readonly ConfigProblem[]): PerchError {
  const files = [...new Set(problems.map((problem) => problem.file))].join(", ");
  return new PerchError({
    code: "CONFIG_INVALID",
    message: problems.map(formatProblem).join("\n"),
    hint: `Correct ${files}; docs/config.md describes every key.`,
    fault: "user",
  });
}

/** Something wrong at a path of the document. Only the document knows its line. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  /** Which side of the pair to point at. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
}
