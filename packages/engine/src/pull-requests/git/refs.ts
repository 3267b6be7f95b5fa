/** Refs of a mirror that keep the heads of pull requests: `refs/perch/pull/<number>`. */
export const PULL_REFS = "refs/perch/pull/";

/** Refs that say for which head a label's event was found to hold: `refs/perch/vouched/<number>/<event>`. */
export const VOUCHED_REFS = "refs/perch/vouched/";

/** The pull request that a ref of a mirror is kept for; `undefined` for other refs. */
export function pullRequestOf(ref: string): number | undefined {
  const folder = [PULL_REFS, VOUCHED_REFS].find((one) => ref.startsWith(one));
  const [number = ""] = folder === undefined ? [] : ref.slice(folder.length).split("/");
  return /^[1-9][0-9]{0,9}$/.test(number) ? Number(number) : undefined;
}
