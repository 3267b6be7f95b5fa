import { PerchError } from "@perch/core";
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

/** What git said, in one line: its first `fatal:` or `error:` line, which names the cause; the others follow from it. */
export function gitMessage(error: unknown): string {
  if (!(error instanceof ExecaError)) return (error as Error).message;
  if (error.timedOut) return `no answer within ${Math.round((error.durationMs ?? 0) / 1000)} s`;
  if (error.code === "ENOENT") return "git is not installed, or its working folder is gone";
  const lines = String(error.stderr ?? "").split("\n");
  const said = lines.find((line) => /^(fatal|error):/.test(line)) ?? error.shortMessage;
  // It may quote the name of a file, which is a pull request's author's.
  return said.replace(/\p{C}/gu, " ").replace(/\.$/, "");
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
