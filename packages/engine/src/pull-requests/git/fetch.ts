import { gitMessage } from "./git.ts";
import type { RemoteHeads } from "./ls-remote.ts";
import type { Mirror } from "./mirror.ts";

/**
 * Fetches what is new, with one command; each ref keeps its commit from being collected while a canary runs it. Afterwards a head may still
 * be missing: it was pushed over since it was listed.
 * @throws ExecaError when the default branch cannot be fetched.
 */
export async function fetchNew(
  mirror: Mirror,
  heads: RemoteHeads,
  last: RemoteHeads | undefined,
  signal: AbortSignal,
): Promise<void> {
  const refspecs: string[] = [];
  const isNew = async (commit: string, before: string | undefined) =>
    commit !== before && !(await mirror.has(commit));
  if (await isNew(heads.defaultHead, last?.defaultHead)) refspecs.push("+HEAD:refs/perch/stable");
  for (const [number, commit] of heads.pullRequests) {
    if (await isNew(commit, last?.pullRequests.get(number))) {
      refspecs.push(`+refs/pull/${number}/head:refs/perch/pull/${number}`);
    }
  }
  if (refspecs.length === 0) return;
  await mirror.fetch(refspecs, signal).catch(async (error: unknown) => {
    unlessMissing(error);
    // One that is gone by now must not hold up all others.
    for (const refspec of refspecs) await mirror.fetch([refspec], signal).catch(unlessMissing);
  });
}

function unlessMissing(error: unknown): void {
  if (!/couldn't find remote ref/.test(gitMessage(error))) throw error;
}
