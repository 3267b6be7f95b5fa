/** What a remote advertises, as far as perch cares. */
export interface RemoteHeads {
  /** Commit of the default branch. */
  readonly defaultHead: string;
  /** Head commit by PR number. */
  readonly pullRequests: ReadonlyMap<number, string>;
}

/** Only these refs are asked for: a busy remote advertises tens of thousands of others. */
export const LS_REMOTE_PATTERNS = ["HEAD", "refs/pull/*/head"] as const;

const LINE = /^([0-9a-f]{40})\t(HEAD|refs\/pull\/([1-9][0-9]{0,9})\/head)$/;

/** Reads the output of `git ls-remote`. Lines of any other form are somebody else's; `undefined` without a HEAD. */
export function parseLsRemote(output: string): RemoteHeads | undefined {
  let defaultHead: string | undefined;
  const pullRequests = new Map<number, string>();
  for (const line of output.split("\n")) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, commit = "", ref, number] = match;
    if (ref === "HEAD") defaultHead = commit;
    else pullRequests.set(Number(number), commit);
  }
  return defaultHead === undefined ? undefined : { defaultHead, pullRequests };
}
