import { setTimeout as sleep } from "node:timers/promises";
import { canaryName, parseConfig, renderManifests, revisionOf } from "@perch/core";
import { openCluster, type TestCluster } from "../cluster/support/cluster/index.ts";
import { askUntil, servedBy } from "../cluster/support/edge.ts";
import { REPOSITORIES } from "../cluster/support/perch-yaml.ts";
import { livingPods } from "../cluster/support/pods.ts";
import {
  lookAgain,
  type OpenPullRequest,
  open,
  publishImage,
  push,
} from "../cluster/support/pull-requests.ts";
import { allGone } from "../cluster/support/residue.ts";
import { openEnvironment } from "../cluster/support/suite.ts";
import { print, spread } from "./figures.ts";

// Figures of the real cluster, for docs/benchmarks.md: `npm run bench:cluster`. Seconds, each as minimum, median, maximum.

const RUNS = Number(process.env.RUNS ?? 5);
/** Each takes minutes: the generator looks once a minute. */
const POLLING_RUNS = Number(process.env.POLLING_RUNS ?? 2);
const { shop } = REPOSITORIES;
const SERVICES = ["api", "store"] as const;

/** The first right answer counts. */
const FIRST = 1;

async function main(): Promise<void> {
  const cluster = await openCluster((line) => process.stderr.write(`# ${line}\n`));
  const environment = await openEnvironment(cluster);
  try {
    await onePullRequest(cluster, "webhook");
    if (POLLING_RUNS > 0) {
      await cluster.github.setHooks([]);
      await onePullRequest(cluster, "polling", POLLING_RUNS);
      await cluster.connectWebhook();
    }
    await manyAtOnce(cluster, 20);
  } finally {
    await environment.close();
    await cluster.close();
  }
  renderMany(200);
}

/** The life of one, again and again. */
async function onePullRequest(cluster: TestCluster, how: string, runs = RUNS): Promise<void> {
  const figures = { objects: [], ready: [], served: [], rolled: [], gone: [] } as Record<string, number[]>;
  const since = async (name: string, work: () => Promise<unknown>, start = performance.now()) => {
    await work();
    figures[name]?.push((performance.now() - start) / 1000);
  };
  for (let run = 0; run < runs; run += 1) {
    const pullRequest = await open(cluster, shop);
    await publishImage(cluster, pullRequest, "api");
    const namespace = canaryName("api", pullRequest.number);
    const selector = String(pullRequest.number);
    const start = performance.now();
    await cluster.github.label(shop, pullRequest.number, "canary/api");
    await since("objects", () => exists(cluster, namespace), start);
    await since("ready", () => ready(cluster, namespace), start);
    await since(
      "served",
      () => askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"), FIRST),
      start,
    );
    const pushStart = performance.now();
    const next = await push(cluster, pullRequest, ["api"]);
    const isNew = ({ revisions }: { revisions: readonly unknown[] }) =>
      revisions[0] === revisionOf(next.head);
    await since("rolled", () => askUntil(cluster, { selector }, isNew, FIRST), pushStart);
    // What rolls out at its close has one more round of the namespace controller to wait for.
    while ((await livingPods(cluster, namespace)) > 1) await sleep(LOOK);
    const closeStart = performance.now();
    await cluster.github.close(shop, pullRequest.number);
    await since("gone", () => allGone(cluster, [namespace]), closeStart);
  }
  print(`${how}: label → objects`, spread(figures.objects ?? []), "s");
  print(`${how}: label → pod ready`, spread(figures.ready ?? []), "s");
  print(`${how}: label → first request served`, spread(figures.served ?? []), "s");
  print(`${how}: push → new code serves`, spread(figures.rolled ?? []), "s");
  print(`${how}: close → nothing left`, spread(figures.gone ?? []), "s");
}

/** So many pull requests, each of two services, labelled at once. */
async function manyAtOnce(cluster: TestCluster, count: number): Promise<void> {
  const pullRequests: OpenPullRequest[] = [];
  for (let n = 0; n < count; n += 1) pullRequests.push(await open(cluster, shop));
  for (const one of pullRequests) {
    for (const service of SERVICES) await publishImage(cluster, one, service);
  }
  const start = performance.now();
  for (const { number } of pullRequests) {
    for (const service of SERVICES) await cluster.github.label(shop, number, `canary/${service}`);
  }
  await lookAgain(cluster);
  for (const { number } of pullRequests) {
    await askUntil(
      cluster,
      { selector: String(number) },
      servedBy(`api@${number}`, `store@${number}`),
      FIRST,
    );
  }
  print(
    `${count} pull requests × 2 services at once: all serve`,
    spread([(performance.now() - start) / 1000]),
    "s",
  );
  const closeStart = performance.now();
  for (const { number } of pullRequests) await cluster.github.close(shop, number);
  await lookAgain(cluster);
  const names = pullRequests.flatMap(({ number }) => SERVICES.map((service) => canaryName(service, number)));
  await allGone(cluster, names);
  print(
    `${count} pull requests × 2 services closed: nothing left`,
    spread([(performance.now() - closeStart) / 1000]),
    "s",
  );
}

function renderMany(count: number): void {
  const services = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `service-${index}`,
      {
        repo: `acme/repo-${index % 20}`,
        path: `services/service-${index}`,
        protocol: "http",
        edge: `/service-${index}`,
        calls: { OTHER_ADDR: `service-${(index + 1) % count}` },
      },
    ]),
  );
  const document = {
    apiVersion: "perch.dev/v1",
    project: "many",
    registry: "ghcr.io/acme",
    services,
    cluster: { environmentRepo: "acme/env" },
  };
  const result = parseConfig(JSON.stringify(document));
  if (!result.ok) throw new Error("The config of the benchmark is not valid.");
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const start = performance.now();
    renderManifests(result.config, new Map());
    times.push((performance.now() - start) / 1000);
  }
  print(`perch render decides ${count} services`, spread(times), "s");
}

interface Deployment {
  readonly status?: { readonly readyReplicas?: number };
}

/** Milliseconds: looks that never pause would be what is measured. */
const LOOK = 20;

async function deployment(cluster: TestCluster, namespace: string): Promise<Deployment | undefined> {
  return (await cluster.read(`/apis/apps/v1/namespaces/${namespace}/deployments/api`)) as
    | Deployment
    | undefined;
}

async function exists(cluster: TestCluster, namespace: string): Promise<void> {
  while ((await deployment(cluster, namespace)) === undefined) await sleep(LOOK);
}

async function ready(cluster: TestCluster, namespace: string): Promise<void> {
  while ((await deployment(cluster, namespace))?.status?.readyReplicas !== 1) await sleep(LOOK);
}

await main();
