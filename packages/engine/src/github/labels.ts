import type { LabelChange, LabelPlan } from "@perch/core";
import { ask, isMissing } from "./failure.ts";
import type { GithubRepository } from "./repository.ts";

/** Which labels came and went, and whether by a bot; oldest first. */
export async function readLabelChanges(
  { octokit, place, fullName }: GithubRepository,
  number: number,
): Promise<LabelChange[]> {
  const events = await ask(`list events of ${fullName}#${number}`, () =>
    octokit.paginate(octokit.rest.issues.listEvents, { ...place, issue_number: number, per_page: 100 }),
  );
  return events.flatMap((event): LabelChange[] => {
    if (!("label" in event) || (event.event !== "labeled" && event.event !== "unlabeled")) return [];
    return [
      {
        label: event.label.name,
        isSet: event.event === "labeled",
        isByBot: event.actor?.type !== "User",
      },
    ];
  });
}

/** Does what was planned. A label that is gone already is as good as removed. */
export async function applyLabels(
  { octokit, place, fullName }: GithubRepository,
  number: number,
  { add, remove }: LabelPlan,
): Promise<void> {
  const issue = { ...place, issue_number: number };
  const what = `set labels of ${fullName}#${number}`;
  if (add.length > 0) await ask(what, () => octokit.rest.issues.addLabels({ ...issue, labels: [...add] }));
  for (const name of remove) {
    await ask(what, () =>
      octokit.rest.issues.removeLabel({ ...issue, name }).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      }),
    );
  }
}
