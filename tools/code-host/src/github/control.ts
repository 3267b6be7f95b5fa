import { type Answer, json, problem } from "./answer.ts";
import type { Apps } from "./apps.ts";
import type { Fault } from "./faults.ts";
import { parseOutage } from "./outage.ts";
import type { People } from "./people.ts";
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
    return fake.store.change(key, what, origin);
  },
  fault: async (fake, input) => fake.faults.add(input as Fault),
  pushPackage: async ({ records }, input) => {
    const { image, tags } = input as { image: string; tags: readonly string[] };
    records.packages = [...records.packages, { id: records.nextId(), image, tags }];
  },
  packages: async ({ records }) => records.packages,
  age: async (fake, input) => fake.records.age(Number(input)),
  records: async ({ records }) => ({ comments: records.comments, deployments: records.deployments }),
  pushElsewhere: (fake, input) => fake.store.pushElsewhere(input as PullRequestKey),
  permission: async (fake, input) => fake.people.set(input as Parameters<People["set"]>[0]),
  installations: async (fake, input) => {
    fake.apps.installations = input as Apps["installations"];
  },
  list: async (fake) => fake.store.pullRequests,
  hooks: async (fake, input) => fake.store.setHooks(input as Hook[]),
  deliveries: async (fake) => fake.store.deliveries,
  requests: async (fake) => fake.seen,
  outage: async (fake, input) => {
    fake.outage = parseOutage(input);
  },
};

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
