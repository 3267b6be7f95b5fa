import { type Config, diff, type Instance, parseConfig, plan, type RepositoryObservation } from "@perch/core";
import { print, spread } from "./figures.ts";

// What a decision takes when there is a lot to decide: `npm run bench:plan`.

const RUNS = Number(process.env.RUNS ?? 7);
const PULL_REQUESTS = 10_000;
const SERVICES = 200;
/** Files that one pull request changes. */
const CHANGED = 20;

const config = configOf(SERVICES);
const observations = observationsOf(PULL_REQUESTS);
const desired = plan(config, observations);
const running = desired.variants.map(instanceOf);

const times = { first: [] as number[], settled: [] as number[] };
for (let run = 0; run < RUNS; run += 1) {
  times.first.push(seconds(() => diff(plan(config, observations), [], 0)));
  times.settled.push(seconds(() => diff(plan(config, observations), running, 0)));
}
const what = `${PULL_REQUESTS} PRs × ${SERVICES} services`;
print(`plan and diff, ${what}: nothing runs yet`, spread(times.first), "s");
print(`plan and diff, ${what}: all runs`, spread(times.settled), "s");

function seconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** One repository with all of them: every pull request is held against every service. */
function configOf(count: number): Config {
  const services = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `service-${index}`,
      {
        repo: "acme/shop",
        path: `services/service-${index}`,
        paths: [`services/service-${index}`, "packages/shared"],
        protocol: "http",
        edge: `/service-${index}`,
        local: { start: "node main.js", ready: "/readyz" },
      },
    ]),
  );
  const document = { apiVersion: "perch.dev/v1", project: "many", services };
  const result = parseConfig(JSON.stringify(document));
  if (!result.ok)
    throw new Error(`The config of the benchmark is not valid: ${JSON.stringify(result.problems)}`);
  // More than perch.yaml allows: what is measured is the decision alone.
  return { ...result.config, canary: { ...result.config.canary, maxOpen: PULL_REQUESTS } };
}

function observationsOf(count: number): RepositoryObservation[] {
  const pullRequests = Array.from({ length: count }, (_, index) => ({
    repo: "acme/shop",
    number: index + 1,
    head: sha(index),
    title: `Change ${index}`,
    changedPaths: Array.from(
      { length: CHANGED },
      (_, file) => `services/service-${index % SERVICES}/src/folder/file-${file}.ts`,
    ),
  }));
  return [{ repo: "acme/shop", stableHead: sha(0), pullRequests }];
}

function sha(index: number): string {
  return (index + 1).toString(16).padStart(40, "0");
}

function instanceOf(one: (typeof desired.variants)[number], index: number): Instance {
  return { ...one, id: String(index), state: "ready", address: `127.0.0.1:${index}`, since: 0, restarts: 0 };
}
