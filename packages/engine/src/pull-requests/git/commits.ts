import { isTooLong, type Run } from "./git.ts";

/** Bytes: some 200 000 paths. One author must not fill the memory, nor hold up all others by an error. */
const LONGEST_DIFF = 2 ** 24;

/**
 * Paths that differ between the merge base of two commits and the second; `.`, everything, where there are too many to list.
 * Without renames: a file that moved out of a service's folder has changed it too.
 */
export async function changedPaths(run: Run, base: string, head: string): Promise<string[]> {
  const diff = (...commits: readonly string[]) =>
    run(["diff", "--name-only", "-z", "--no-renames", ...commits], { maxBuffer: LONGEST_DIFF });
  try {
    const output = await diff(`${base}...${head}`).catch((error: unknown) => {
      if (isTooLong(error)) throw error;
      // Histories that have nothing in common have no merge base.
      return diff(base, head);
    });
    return output.split("\0").filter((path) => path !== "");
  } catch (error) {
    if (isTooLong(error)) return ["."];
    throw error;
  }
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
