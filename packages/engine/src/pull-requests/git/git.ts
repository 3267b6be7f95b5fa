import { PerchError, type PerchErrorData } from "@perch/core";
import { ExecaError, execa } from "execa";
import { OWNER } from "../../processes/strays.ts";

export interface GitOptions {
  readonly cwd: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Added to the environment, for what arguments would show to everybody on the machine. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given to its standard input; absent: that is empty. */
  readonly input?: string;
  /** Bytes of output beyond which it is ended, with an error that `isTooLong` knows. Authors decide how much there is. */
  readonly maxBuffer?: number;
  /** `latin1` has a character for each byte, for output with lengths in it. */
  readonly encoding?: "utf8" | "latin1";
}

/** Runs git on one repository: what `git` is given, without the folder. */
export type Run = (args: readonly string[], more?: Omit<GitOptions, "cwd">) => Promise<string>;

/** Set by git where it runs perch, as in a hook or `git rebase --exec`: with them every command would act on that repository. */
const OUTER_REPOSITORY = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_NAMESPACE: undefined,
};

/**
 * Runs git and returns its standard output. Hooks are off: a mirror holds other people's commits. It never asks for
 * a password: nobody is there to answer.
 * @throws ExecaError, whose `shortMessage` holds the command and what git said.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const { cwd, timeout = 120_000, signal, env, input, encoding = "utf8" } = options;
  const result = await execa("git", ["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", ...args], {
    cwd,
    timeout,
    encoding,
    // It leaves the work to children, as `worktree add` does, which would go on without it.
    killDescendants: true,
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    env: {
      ...OUTER_REPOSITORY,
      [OWNER]: cwd,
      GIT_TERMINAL_PROMPT: "0",
      GIT_ASKPASS: "true",
      LC_ALL: "C",
      ...env,
    },
    maxBuffer: options.maxBuffer ?? 256 * 1024 * 1024,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  return result.stdout;
}

/** Whether git was ended since it printed more than `maxBuffer`; the error has the beginning of it. */
export function isTooLong(error: unknown): error is ExecaError & { readonly stdout: string } {
  return error instanceof ExecaError && error.isMaxBuffer;
}

/** Whether git was ended since it took longer than `timeout`. */
export function isTimeout(error: unknown): boolean {
  return error instanceof ExecaError && error.timedOut;
}

/** All that git said; empty where it is no failure of git. */
export function said(cause: unknown): string {
  return cause instanceof ExecaError ? String(cause.stderr ?? "") : "";
}

/** What git said, in one line: its first `fatal:` or `error:` line, which names the cause; the others follow from it. */
export function gitMessage(error: unknown): string {
  if (!(error instanceof ExecaError)) return (error as Error).message;
  if (error.timedOut) return `git did not end within ${Math.round((error.durationMs ?? 0) / 1000)} s`;
  if (error.code === "ENOENT") return "git is not installed, or its working folder is gone";
  const lines = said(error).split("\n");
  const named = lines.find((line) => /^(fatal|error):/.test(line)) ?? error.shortMessage;
  // It may quote the name of a file, which is a pull request's author's.
  return named.replace(/\p{C}/gu, " ").replace(/\.$/, "");
}

/** The error of a repository that could not be read. */
export function unreachable(remote: string, cause: unknown): PerchError {
  return new PerchError(
    {
      code: "SOURCE_UNREACHABLE",
      message: `The repository ${remote} cannot be read: ${gitMessage(cause)}.`,
      hint: `Try \`git ls-remote ${remote}\`. What was last seen stays in force until it answers.`,
      fault: "environment",
    },
    { cause },
  );
}

/** Numbers that a sentence shows. */
const SHOWN = 5;

/** The problem of a repository that was read, but for some pull requests. */
export function unfetched(remote: string, numbers: readonly number[], cause: unknown): PerchErrorData {
  const more = numbers.length > SHOWN ? ` and ${numbers.length - SHOWN} more` : "";
  const which = `${numbers.slice(0, SHOWN).join(", ")}${more}`;
  return {
    code: "SOURCE_UNREACHABLE",
    message: `Of ${remote} pull request ${which} cannot be fetched: ${gitMessage(cause)}.`,
    hint: "It stays as it was, and is tried again by itself; all others are up to date.",
    fault: "environment",
  };
}
