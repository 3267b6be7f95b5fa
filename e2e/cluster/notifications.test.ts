import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { canaryUrl, revisionOf } from "@perch/core";
import { perch } from "../support/perch.ts";
import { until } from "../support/until.ts";
import { NO_FAULTS } from "./support/cluster/index.ts";
import { askUntil } from "./support/edge.ts";
import { add, appendKustomization, asOnMain, replaceIn } from "./support/edits.ts";
import { appConfig, subscribe, unsubscribe } from "./support/notifications.ts";
import { PATIENCE } from "./support/patience.ts";
import { perchYaml, REPOSITORIES } from "./support/perch-yaml.ts";
import { namespaceOf, type OpenPullRequest, open, publishAndLabel, push } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const { shop } = REPOSITORIES;
const BOT = "github-actions[bot]";
/** The workflow's own statuses are another login's. */
const APP = /^ghs_42_/;

/** A Deployment, as far as it tells whether its roll is over. */
interface Rollout {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly template: { readonly spec: { readonly containers: { image: string }[] } } };
  readonly status: Readonly<
    Record<"observedGeneration" | "replicas" | "updatedReplicas" | "availableReplicas", number | undefined>
  >;
}

const NEVER_READY = replaceIn("api", "deployment.yaml", "path: /readyz", "path: /never");
const HOSTILE = readFileSync(join(import.meta.dirname, "hostile", "cluster-role.yaml"), "utf8");

describe("what Argo CD says to GitHub, and what the comment makes of it, on a real cluster", {
  concurrency: true,
  skip:
    NO_FAULTS === undefined ? false : "it changes Argo CD's settings, and that Argo CD is not the tests' own",
}, () => {
  const suite = useCluster(unsubscribe);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-notifications-"));
    await writeFile(join(folder, "perch.yaml"), perchYaml(suite.cluster.inside.github));
    await subscribe(suite.cluster);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs `perch ci …` for a pull request as its workflow does; what it prints. */
  async function ci({ number, head }: OpenPullRequest, command: string, ...args: string[]): Promise<string> {
    const subject = ["--repo", shop, "--pr", String(number), "--head", head];
    const env = { GITHUB_TOKEN: BOT, GITHUB_API_URL: suite.cluster.githubApi, GITHUB_REPOSITORY: shop };
    const run = await perch(["ci", command, ...subject, ...args], { cwd: folder, env });
    assert.equal(run.code, 0, run.stderr);
    return run.stdout;
  }

  /** Deployments of a head's canary of the api, oldest first. */
  async function deployments(pullRequest: OpenPullRequest) {
    const { deployments: every } = await suite.cluster.github.records();
    const environment = namespaceOf(pullRequest, "api");
    return every.filter((one) => one.environment === environment && one.sha === pullRequest.head);
  }

  /** Waits for what a head's canary is called in the end; in vain, it tells what was said instead. */
  async function said(pullRequest: OpenPullRequest, state: string): Promise<void> {
    const environment = namespaceOf(pullRequest, "api");
    const heard = async () => (await deployments(pullRequest)).map(({ statuses }) => statuses);
    await until(`${environment} is ${state}`, PATIENCE, async () =>
      (await heard()).some(([newest]) => newest?.state === state),
    ).catch(async (cause: unknown) => {
      const application = `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${environment}`;
      const { status } = (await suite.cluster.read(application)) as { status?: object };
      const seen = JSON.stringify({ head: pullRequest.head, statuses: await heard(), status });
      throw new Error(`${environment} was not said to be ${state}: ${seen}`, { cause });
    });
  }

  /** Kubernetes, too, says that all pods are of this head and available: now, not in a moment. */
  async function isRunning(pullRequest: OpenPullRequest): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${namespaceOf(pullRequest, "api")}/deployments/api`;
    const { metadata, spec, status } = (await suite.cluster.read(path)) as Rollout;
    const [{ image = "" } = {}] = spec.template.spec.containers;
    assert.match(image, new RegExp(`-${revisionOf(pullRequest.head)}$`));
    const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
    assert.deepEqual(
      { observedGeneration, updatedReplicas, availableReplicas },
      { observedGeneration: metadata.generation, updatedReplicas: replicas, availableReplicas: replicas },
    );
  }

  async function close(pullRequest: OpenPullRequest): Promise<void> {
    await suite.cluster.github.close(shop, pullRequest.number);
    await allGone(suite.cluster, [namespaceOf(pullRequest, "api")]);
  }

  it("a canary is announced when it serves, by the workflow's own Deployment, for each head anew", async () => {
    const { cluster } = suite;
    const first = await open(cluster, shop);
    await publishAndLabel(cluster, first, ["api"]);
    await ci(first, "deployment", "--state", "in_progress", "--services", "api");
    await ci(first, "comment");
    await said(first, "success");
    await isRunning(first);
    await askUntil(cluster, { selector: String(first.number) }, ({ status }) => status === 200);
    const [only, ...others] = await deployments(first);
    assert.deepEqual(others, []);
    assert.match(only?.statuses[0]?.creator ?? "", APP);
    assert.equal(only?.statuses[0]?.environmentUrl, canaryUrl(appConfig(cluster), "api", first.number));
    assert.match(await ci(first, "comment", "--dry-run"), /\| `api` \| `\w{12}` \| serves \| \[share link\]/);
    const second = await push(cluster, first, ["api"]);
    await ci(second, "deployment", "--state", "in_progress", "--services", "api");
    await said(second, "success");
    await isRunning(second);
    await ci(second, "comment");
    const comments = (await cluster.github.records()).comments.filter(
      ({ repo, number }) => repo === shop && number === first.number,
    );
    assert.equal(comments.length, 1);
    assert.match(comments[0]?.body ?? "", new RegExp(`\`${second.head.slice(0, 12)}\` \\| serves`));
    await close(second);
  });

  it("one that does not become healthy is an error, and a push that mends it serves", async () => {
    const { cluster } = suite;
    const broken = await open(cluster, shop, NEVER_READY);
    await publishAndLabel(cluster, broken, ["api"]);
    await said(broken, "error");
    assert.match(
      await ci(broken, "comment", "--dry-run"),
      /\*\*failed\*\*: `The canary does not become healthy/,
    );
    const mended = await push(
      cluster,
      broken,
      ["api"],
      replaceIn("api", "deployment.yaml", "path: /never", "path: /readyz"),
    );
    await said(mended, "success");
    await isRunning(mended);
    // The sickness of the head before is never told of this one.
    const states = (await deployments(mended)).flatMap(({ statuses }) => statuses.map(({ state }) => state));
    assert.deepEqual([...new Set(states)], ["success"]);
    await close(mended);
  });

  it("manifests that the cluster refuses are a failure, with the reason", async () => {
    const { cluster } = suite;
    const refused = await open(cluster, shop, add("api", "cluster-role.yaml", HOSTILE));
    await publishAndLabel(cluster, refused, ["api"]);
    await said(refused, "failure");
    const [only] = await deployments(refused);
    assert.match(only?.statuses[0]?.description ?? "", /^The cluster refuses its manifests: .*ClusterRole/);
    assert.match(await ci(refused, "comment", "--dry-run"), /\*\*failed\*\*: `The cluster refuses/);
    await close(refused);
  });

  it("a Deployment that breaks Pod Security is a failure that names the rule", async () => {
    const { cluster } = suite;
    const escalating = replaceIn(
      "api",
      "deployment.yaml",
      "allowPrivilegeEscalation: false",
      "allowPrivilegeEscalation: true",
    );
    const refused = await open(cluster, shop, escalating);
    await publishAndLabel(cluster, refused, ["api"]);
    await said(refused, "failure");
    const [only] = await deployments(refused);
    assert.match(
      only?.statuses[0]?.description ?? "",
      /^The cluster refuses its manifests: Deployment api: containers of a canary set allowPrivilegeEscalation: false;/,
    );
    await close(refused);
  });

  it("manifests that do not build are a failure of that head, with the reason, before any sync and after one", async () => {
    const { cluster } = suite;
    const unbuilt = await open(
      cluster,
      shop,
      replaceIn("api", "kustomization.yaml", "hpa.yaml", "gone.yaml"),
    );
    await publishAndLabel(cluster, unbuilt, ["api"]);
    await ci(unbuilt, "deployment", "--state", "in_progress", "--services", "api");
    await said(unbuilt, "failure");
    const [only, ...others] = await deployments(unbuilt);
    assert.deepEqual(others, []);
    const { description = "" } = only?.statuses[0] ?? {};
    assert.match(description, /^Its manifests do not build: .*gone\.yaml/);
    assert.ok(description.length <= 140, description);
    assert.match(await ci(unbuilt, "comment", "--dry-run"), /\*\*failed\*\*: `+ ?Its manifests do not build/);
    const mended = await push(cluster, unbuilt, ["api"], asOnMain("api"));
    await said(mended, "success");
    await isRunning(mended);
    const again = await push(cluster, mended, ["api"], appendKustomization("api", "nonsense: true\n"));
    await said(again, "failure");
    // Of the head that serves on, nothing else is said.
    const states = (await deployments(mended)).flatMap(({ statuses }) => statuses.map(({ state }) => state));
    assert.deepEqual([...new Set(states)], ["success"]);
    await close(again);
  });
});
