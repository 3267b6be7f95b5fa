import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ClusterStatus, revisionOf, type VariantStatus } from "@perch/core";
import { parse, stringify } from "yaml";
import { until } from "../support/until.ts";
import { askUntil, servedBy } from "./support/edge.ts";
import { appendKustomization, replaceIn } from "./support/edits.ts";
import { PATIENCE } from "./support/patience.ts";
import { perch, type Run } from "./support/perch.ts";
import { perchYaml, REPOSITORIES } from "./support/perch-yaml.ts";
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

/** What a pull request does to its base, and what `perch status --cluster` is to say of it. */
interface Trouble {
  readonly what: string;
  readonly edit: Edit;
  readonly code: string;
  readonly message: RegExp;
}

const TROUBLES: readonly Trouble[] = [
  {
    what: "that breaks Pod Security",
    edit: replaceIn(
      "api",
      "deployment.yaml",
      "allowPrivilegeEscalation: false",
      "allowPrivilegeEscalation: true",
    ),
    // The admission policy says it of the Deployment, before there are pods to be refused.
    code: "SYNC_FAILED",
    message: /denied request: containers of a canary set allowPrivilegeEscalation: false/,
  },
  {
    what: "whose kustomization does not build",
    edit: appendKustomization("api", "- broken: [\n"),
    code: "MANIFESTS_INVALID",
    message: /manifests of api-canary-pr-\d+: .*yaml/,
  },
  {
    what: "whose process ends",
    edit: replaceIn(
      "api",
      "deployment.yaml",
      "        imagePullPolicy: IfNotPresent",
      '        imagePullPolicy: IfNotPresent\n        command: ["node", "--eval", "process.exit(3)"]',
    ),
    code: "EXITED",
    message: /Container api .* exit code 3/,
  },
  {
    what: "that asks for more than its quota",
    edit: replaceIn("api", "deployment.yaml", "memory: 256Mi", "memory: 8Gi"),
    code: "PODS_REFUSED",
    message: /exceeded quota: canary/,
  },
  {
    what: "with an object that its AppProject does not allow",
    edit: replaceIn("api", "deployment.yaml", "kind: Deployment", "kind: StatefulSet"),
    code: "SYNC_FAILED",
    message: /StatefulSet is not permitted/,
  },
];

describe("the status of a real cluster", { concurrency: true }, () => {
  const suite = useCluster();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-e2e-status-"));
    await writeFile(join(folder, "perch.yaml"), perchYaml(suite.cluster.inside.github));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const perchStatus = (kubeconfig: string, ...args: string[]): Promise<Run> =>
    perch(
      { ...suite.cluster, kubeconfig },
      "status",
      "--cluster",
      "--config",
      join(folder, "perch.yaml"),
      ...args,
    );

  async function statusBy(kubeconfig: string): Promise<ClusterStatus> {
    const { stdout, stderr } = await perchStatus(kubeconfig, "--json");
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as ClusterStatus;
  }

  let looking: Promise<ClusterStatus> | undefined;

  /** Stories side by side share a look: each takes several kubectl. */
  function statusNow(): Promise<ClusterStatus> {
    looking ??= statusBy(suite.cluster.kubeconfig).finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function canaryOf({ number }: OpenPullRequest): Promise<VariantStatus | undefined> {
    const { services } = await statusNow();
    return services
      .flatMap(({ canaries }) => canaries)
      .find(({ service, pr }) => service === "api" && pr === number);
  }

  /** Looks until what is seen is so. @throws Error with what it was last */
  async function untilSo<T>(look: () => Promise<T | undefined>, isSo: (seen: T) => boolean): Promise<T> {
    let last: T | undefined;
    await until("the status is that", PATIENCE, async () => {
      last = await look();
      return last !== undefined && isSo(last);
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(last)}`);
    });
    assert.ok(last !== undefined);
    return last;
  }

  const untilStatus = (kubeconfig: string, isSo: (status: ClusterStatus) => boolean) =>
    untilSo(() => statusBy(kubeconfig).catch(() => undefined), isSo);

  const untilCanary = (pullRequest: OpenPullRequest, isSo: (canary: VariantStatus) => boolean) =>
    untilSo(() => canaryOf(pullRequest), isSo);

  async function close({ repo, number }: OpenPullRequest): Promise<void> {
    await suite.cluster.github.close(repo, number);
    await allGone(suite.cluster, [namespaceOf({ repo, number, head: "" }, "api")]);
  }

  for (const { what, edit, code, message } of TROUBLES) {
    it(`a canary ${what}: ${code} with the cause`, async () => {
      const { cluster } = suite;
      const bad = await open(cluster, shop, edit);
      await publishAndLabel(cluster, bad, ["api"]);
      const canary = await untilCanary(
        bad,
        ({ failure }) => failure?.code === code && message.test(failure.message),
      );
      assert.ok(canary.state === "failed" || code === "EXITED", canary.state);
      assert.equal(canary.revision, revisionOf(bad.head));
      await close(bad);
    });
  }

  it("a canary that serves is ready at its head, and one whose next image is missing says so and serves on", async () => {
    const { cluster } = suite;
    const good = await open(cluster, shop);
    await publishAndLabel(cluster, good, ["api"]);
    const selector = String(good.number);
    await askUntil(cluster, { selector }, servedBy(`api@${selector}`, "store"));
    const ready = await untilCanary(good, ({ state }) => state === "ready");
    assert.deepEqual(
      [ready.revision, ready.failure, ready.next],
      [revisionOf(good.head), undefined, undefined],
    );
    const { stdout } = await perchStatus(cluster.kubeconfig);
    assert.match(stdout, new RegExp(`#${selector} +ready +${ready.revision}`));
    const late = await push(cluster, good, []);
    const waiting = await untilCanary(good, ({ failure }) => failure?.code === "IMAGE_PULL_FAILED");
    assert.deepEqual([waiting.state, waiting.revision], ["ready", ready.revision]);
    assert.equal(waiting.next?.revision, revisionOf(late.head));
    assert.match(waiting.failure?.message ?? "", new RegExp(`/api:pr-${selector}-${waiting.next?.revision}`));
    await close(good);
  });

  it("stable is ready at the tag of its image, and the sources of pull requests answer", async () => {
    const isReady = ({ services }: ClusterStatus) => services.every(({ stable }) => stable.state === "ready");
    const { services, sources, cluster } = await untilStatus(suite.cluster.kubeconfig, isReady);
    assert.deepEqual(cluster, { namespace: "apps", unread: [] });
    for (const { service, stable } of services) {
      assert.deepEqual([service, stable.state, stable.failure], [service, "ready", undefined]);
      assert.match(stable.revision, /^[\w.-]+$/);
    }
    assert.deepEqual(
      sources.map(({ repo, error }) => [repo, error]),
      [shop, REPOSITORIES.web].map((repo) => [repo, undefined]).toReversed(),
    );
  });

  it("who may read stable's namespace alone sees that, and what could not be read", async () => {
    const { cluster } = suite;
    const reader = "status-reader";
    const role = ["--namespace", "apps", "--resource=pods,deployments.apps,replicasets.apps"];
    await cluster.kubectl(["create", "role", reader, "--verb=get,list", ...role]);
    await cluster.kubectl([
      "create",
      "rolebinding",
      reader,
      `--role=${reader}`,
      `--user=${reader}`,
      "--namespace=apps",
    ]);
    try {
      // A right is known a moment after it was given.
      const status = await untilStatus(
        await kubeconfigAs(reader),
        ({ services }) => services.length === 3 && services.every(({ stable }) => stable.state === "ready"),
      );
      const unread = status.cluster.unread.map(({ resource, namespace }) => [resource, namespace]);
      assert.deepEqual(unread, [
        ["applications", undefined],
        ["applicationsets", undefined],
        ["events", "apps"],
        ["endpointslices", "apps"],
      ]);
      const { code, stdout } = await perchStatus(await kubeconfigAs(reader));
      assert.equal(code, 1);
      assert.match(stdout, /Not read: applications\..* CLUSTER_REFUSED/);
      const nobody = await perchStatus(await kubeconfigAs("nobody-at-all"));
      assert.deepEqual([nobody.code, nobody.stdout], [1, ""]);
      assert.match(nobody.stderr, /CLUSTER_REFUSED Nothing of this project may be read/);
    } finally {
      await cluster.kubectl(["delete", `role/${reader}`, `rolebinding/${reader}`, "--namespace=apps"]);
    }
  });

  /** The administrator's kubeconfig, in which kubectl is somebody else. */
  async function kubeconfigAs(user: string): Promise<string> {
    const config = parse(await readFile(suite.cluster.kubeconfig, "utf8")) as {
      readonly users: readonly { user: Record<string, unknown> }[];
    };
    for (const one of config.users) one.user.as = user;
    const file = join(folder, `${user}.kubeconfig`);
    await writeFile(file, stringify(config), { mode: 0o600 });
    return file;
  }
});
