import { type Answer, json, problem } from "./answer.ts";
import type { Fault } from "./faults.ts";
import { parseOutage } from "./outage.ts";
import type { Change, PullRequestKey } from "./pull-requests.ts";
import type { Fake } from "./server.ts";
import type { NewPullRequest } from "./store.ts";
import type { Hook } from "./webhooks.ts";

/** Paths under this one steer the fake; GitHub has nothing there. */
export const CONTROL = "/-/control/";

type Operation = (fake: Fake, input: unknown, origin: string) => Promise<unknown>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  open: (fake, input, origin) => fake.store.openPullRequest(input as NewPullRequest, origin),
  change: (fake, input, origin) => {
    const { key, what } = input as { key: PullRequestKey; what: Change };
    if (what.action === "labeled" || what.action === "unlabeled") recordByHand(fake, key, what);
    return fake.store.change(key, what, origin);
  },
  fault: async (fake, input) => fake.faults.add(input as Fault),
  age: async (fake, input) => fake.records.age(Number(input)),
  records: async ({ records }) => ({ comments: records.comments, deployments: records.deployments }),
  list: async (fake) => fake.store.pullRequests,
  hooks: async (fake, input) => fake.store.setHooks(input as Hook[]),
  deliveries: async (fake) => fake.store.deliveries,
  requests: async (fake) => fake.seen,
  outage: async (fake, input) => {
    fake.outage = parseOutage(input);
  },
};

/** What the bed's owner does to labels is done by a person. */
function recordByHand(
  { records }: Fake,
  key: PullRequestKey,
  { action, label }: Extract<Change, { label: string }>,
): void {
  const event = { id: records.nextId(), ...key, event: action, label, actor: "person" };
  records.labelEvents = [...records.labelEvents, event];
}

/** Does what the bed's owner asks for; wrong requests are answered 422 with the reason. */
export async function control(fake: Fake, target: string, body: string, origin: string): Promise<Answer> {
  const operation = OPERATIONS[target.slice(CONTROL.length)];
  if (operation === undefined) return problem(404, `One of ${Object.keys(OPERATIONS).join(", ")}`);
  try {
    const result = await operation(fake, JSON.parse(body === "" ? "null" : body), origin);
    return json(200, result ?? null);
  } catch (error) {
    return problem(422, error instanceof Error ? error.message : String(error));
  }
}
