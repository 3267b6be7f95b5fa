import { isTimeout, isTooLong, type Run } from "./git.ts";

/** Bytes: some 200 000 paths. One author must not fill the memory, nor hold up all others by an error. */
const LONGEST_DIFF = 2 ** 24;

/** Milliseconds until a diff is made again that took too long. */
const AGAIN = 600_000;

/**
 * Answers with the paths that differ between the merge base of two commits and the second; `.`, everything, where there are too many to
 * list. Without renames: a file that moved out of a service's folder has changed it too.
 * @param timeout milliseconds. Trees in trees without a file take for ever and print nothing: that is too many, too. It is found out
 * once for each second commit, and not again within some minutes: a machine that was busy then may not be so when main moves.
 */
export function startDiffs(
  run: Run,
  timeout: number,
): (base: string, head: string, signal: AbortSignal) => Promise<string[]> {
  /** Until when, by `performance.now()`. */
  const endless = new Map<string, number>();
  return async (base, head, signal) => {
    if (performance.now() < (endless.get(head) ?? 0)) return ["."];
    const diff = (...commits: readonly string[]) =>
      run(["diff", "--name-only", "-z", "--no-renames", ...commits], {
        maxBuffer: LONGEST_DIFF,
        timeout,
        signal,
      });
    try {
      const output = await diff(`${base}...${head}`).catch((error: unknown) => {
        if (isTooLong(error) || isTimeout(error)) throw error;
        signal.throwIfAborted();
        // Histories that have nothing in common have no merge base.
        return diff(base, head);
      });
      return output.split("\0").filter((path) => path !== "");
    } catch (error) {
      if (isTimeout(error)) endless.set(head, performance.now() + AGAIN);
      else if (!isTooLong(error)) throw error;
      return ["."];
    }
  };
}

/** Bytes. */
const LONGEST_SUBJECT = 2 ** 16;

/** First line of a commit's message, or its beginning: it may be as long as its author likes. */
export async function subject(run: Run, commit: string): Promise<string> {
  const output = await run(["log", "-1", "--format=%s", commit], { maxBuffer: LONGEST_SUBJECT }).catch(
    (error: unknown) => {
      if (isTooLong(error)) return error.stdout;
      throw error;
    },
  );
  return output.split("\n")[0] ?? "";
}
