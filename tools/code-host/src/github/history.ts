import type { Change, PullRequest } from "./pull-requests.ts";

/** That a label was set or taken away, as the history of a pull request keeps it. */
export interface LabelHistory {
  readonly id: number;
  readonly event: "labeled" | "unlabeled";
  readonly label: string;
  readonly by: string;
  /** ISO 8601, whole seconds. */
  readonly at: string;
}

/** What GitHub remembers of a change beside its result. `at`: epoch milliseconds. */
export function remembered(after: PullRequest, what: Change, at: number): PullRequest {
  const time = new Date(at).toISOString().replace(".000", "");
  const updated = { ...after, updatedAt: time };
  switch (what.action) {
    case "opened": {
      const history = after.labels.map((label, i) => entry("labeled", label, after.author, time, at + i));
      return { ...updated, pushedAt: time, history };
    }
    case "synchronize":
      return { ...updated, pushedAt: time };
    case "labeled":
    case "unlabeled": {
      const by = what.by ?? "maintainer";
      return {
        ...updated,
        history: [...(after.history ?? []), entry(what.action, what.label, by, time, at)],
      };
    }
    case "closed":
      return { ...updated, closedAt: time };
    default:
      return updated;
  }
}

function entry(
  event: LabelHistory["event"],
  label: string,
  by: string,
  at: string,
  id: number,
): LabelHistory {
  return { id, event, label, by, at };
}

/** An event as in https://docs.github.com/rest/issues/events */
export function eventJson({ id, event, label, by, at }: LabelHistory): object {
  return { id, event, actor: accountJson(by), created_at: at, label: { name: label, color: "ededed" } };
}

/** Accounts whose name ends in `[bot]` are Apps'. */
export function accountJson(login: string): object {
  return { login, type: login.endsWith("[bot]") ? "Bot" : "User" };
}

/** Whole seconds, as GitHub's times are, and never the same twice: tests need not wait for the next second. */
export function startClock(): () => number {
  let last = 0;
  return () => {
    last = Math.max(Math.floor(Date.now() / 1000) * 1000, last + 1000);
    return last;
  };
}
