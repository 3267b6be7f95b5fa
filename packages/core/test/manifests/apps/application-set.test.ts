import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { applicationSetNames } from "../../../src/manifests/apps/application-set.ts";
import { applicationFiles } from "../../../src/manifests/apps/index.ts";
import { canaryFiles, canaryFolder, canaryObjects } from "../../../src/manifests/canary/index.ts";
import { canaryIdentity } from "../../../src/manifests/canary-identity.ts";
import { type Project, projectOf } from "../../../src/manifests/project.ts";
import { stableFiles } from "../../../src/manifests/stable/index.ts";
import { applyPatches } from "../canary/kustomize-model.ts";
import { matchesGolden } from "../golden.ts";
import { anyConfig, manyRepositories, objectsOf, shopProject, specOf } from "../support.ts";
import { platformPatchesOf } from "./template-model.ts";

/** Actions of Go templates that cannot fail and hold nothing that an author chooses but number and head. */
const HARMLESS = [
  /^(?:\$?\.(?:number|service|part|repo|revision|path|head_sha)|\$\.number|\$ns|\$rev|else|end)$/,
  /^if has "canary\/[a-z][-a-z0-9]*" \$\.labels$/,
  /^(?:else )?if eq \.(?:part|service) "[a-z][-a-z0-9]*"$/,
  /^(?:else )?if has \.service \(list(?: "[a-z][-a-z0-9]*")+\)$/,
  /^\$ns := printf "%s-canary-pr-%s" \.service \.number$/,
  /^\$rev := trunc 12 \.head_sha$/,
  /^add \d+ \(mul 2 \(int64 \.number\)\)$/,
];

function setsOf(project: ReturnType<typeof shopProject>) {
  return applicationFiles(project)
    .flatMap(objectsOf)
    .filter(({ kind }) => kind === "ApplicationSet");
}

function generatorOf(project: ReturnType<typeof shopProject>): Record<string, unknown> {
  const [set] = setsOf(project);
  const { generators } = specOf<{
    generators: { matrix: { generators: { pullRequest: Record<string, unknown> }[] } }[];
  }>(set);
  return generators[0]?.matrix.generators[0]?.pullRequest ?? {};
}

describe("the ApplicationSet of a repository", () => {
  it("is as the golden file says, for a repository of two services", async () => {
    const file = applicationFiles(shopProject()).find(({ path }) => path.endsWith("canaries-acme-shop.yaml"));
    await matchesGolden("canaries-acme-shop.yaml", file?.text ?? "");
  });

  it("is one for each repository, of its own services only", () => {
    const sets = setsOf(manyRepositories());
    assert.deepEqual(
      sets.map(({ metadata }) => metadata?.name),
      ["canaries-acme-api", "canaries-acme-store"],
    );
    assert.doesNotMatch(JSON.stringify(sets[0]), /canary\/store/);
  });

  it("takes the workload from the service's repository at the pull request, the platform part from the environment's", () => {
    const text = JSON.stringify(setsOf(manyRepositories())[1]);
    assert.match(
      text,
      /acme\/store\.git\\"\\n +revision: \\"refs\/pull\/\{\{ \$\.number \}\}\/head\\"\\n +path: \\"deploy\/base/,
    );
    assert.match(text, /acme\/env\.git\\"\\n +revision: \\"main\\"\\n +path: \\"manifests\/canary\/store\\"/);
  });

  it("cannot fail on, and does not pass on, anything that an author chooses, whatever the config", () => {
    const property = fc.property(anyConfig, (config) => {
      const sets = setsOf(projectOf(config));
      for (const [, action = ""] of JSON.stringify(sets.map(({ spec }) => spec)).matchAll(
        /\{\{-? ?(.*?) ?-?\}\}/g,
      )) {
        const text = action.replaceAll('\\"', '"').replaceAll('\\\\"', '"').trim();
        assert.ok(isHarmless(text), text);
      }
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("deletes nothing when a repository is not found, and asks once a minute", () => {
    const { continueOnRepoNotFoundError, requeueAfterSeconds } = generatorOf(shopProject());
    assert.deepEqual([continueOnRepoNotFoundError, requeueAfterSeconds], [false, 60]);
  });

  it("takes pull requests to the branch that the cluster follows, whatever characters its name has", () => {
    const { filters } = generatorOf(shopProject({ cluster: { branch: "release/1.x" } }));
    assert.deepEqual(filters, [{ targetBranchMatch: "^release/1\\.x$" }]);
  });

  it("names the API of another host by its root, and that of github.com not at all", () => {
    const apiOf = (cluster: object) => (generatorOf(shopProject({ cluster })).github as { api?: string }).api;
    assert.equal(apiOf({}), undefined);
    assert.equal(apiOf({ github: "https://github.example.com" }), "https://github.example.com/");
    assert.equal(apiOf({ github: "https://acme.ghe.com" }), "https://api.acme.ghe.com/");
  });

  it("names it with its path for an App at a server, whose token would not be found without", () => {
    const apiOf = (github: string) =>
      (generatorOf(shopProject({ cluster: { githubAuth: "app", github } })).github as { api?: string }).api;
    assert.equal(apiOf("https://github.com"), undefined);
    assert.equal(apiOf("https://github.example.com"), "https://github.example.com/api/v3/");
    assert.equal(apiOf("https://acme.ghe.com"), "https://api.acme.ghe.com/");
  });

  it("reads GitHub by a token or by an app", () => {
    const auth = (githubAuth: string) =>
      generatorOf(shopProject({ cluster: { githubAuth } })).github as object;
    assert.deepEqual(
      [Object.keys(auth("token")), Object.keys(auth("app"))],
      [
        ["owner", "repo", "tokenRef"],
        ["owner", "repo", "appSecretName"],
      ],
    );
  });

  it("gives up a failed sync, so that the next push and the close are not held up", () => {
    for (const object of applicationFiles(shopProject()).flatMap(objectsOf)) {
      const retry = JSON.stringify(object).match(/"retry":\{"limit":(-?\d+),"refresh":true/);
      if (["Application", "ApplicationSet"].includes(object.kind)) assert.equal(retry?.[1], "10");
    }
  });

  it("bounds a canary's replicas as perch.yaml says, also where the base has no lower bound", () => {
    const [set] = setsOf(shopProject({ canary: { replicas: 3, maxReplicas: 4 } }));
    const { templatePatch } = specOf<{ templatePatch: string }>(set);
    assert.match(templatePatch, /\{op: add, path: \/spec\/minReplicas, value: 3\}/);
    assert.match(templatePatch, /\{op: add, path: \/spec\/maxReplicas, value: 4\}/);
  });

  it("says within minutes that a canary never gets ready, whatever the base says, and leaves stable its own deadline", () => {
    const { templatePatch } = specOf<{ templatePatch: string }>(setsOf(shopProject())[0]);
    const [workload = "", platform = ""] = templatePatch.split("{{- else }}");
    assert.match(workload, /\n {12}spec:\n {14}progressDeadlineSeconds: 120\n {14}minReadySeconds: null\n/);
    assert.doesNotMatch(platform, /progressDeadlineSeconds/);
    const stable = stableFiles(shopProject(), new Map()).map(({ text }) => text);
    assert.doesNotMatch(stable.join("\n"), /progressDeadlineSeconds/);
  });

  it("lets a node be drained of a canary that never got ready, also where the base does not say so", () => {
    const [set] = setsOf(shopProject());
    const { templatePatch } = specOf<{ templatePatch: string }>(set);
    assert.match(
      templatePatch,
      /target: \{kind: PodDisruptionBudget\}\n +patch: \|-\n +- \{op: add, path: \/spec\/unhealthyPodEvictionPolicy, value: AlwaysAllow\}/,
    );
  });
});

function isHarmless(action: string): boolean {
  return HARMLESS.some((pattern) => pattern.test(action));
}

describe("the ApplicationSet of a repository with many services", () => {
  it("stays far below what a cluster stores as one object, since services of one kind share their patches", () => {
    const one = { repo: "acme/shop", protocol: "http" };
    const inner = Array.from({ length: 195 }, (_, index) => [
      `inner-${index}`,
      { ...one, path: `s/${index}` },
    ]);
    const outer = Array.from({ length: 5 }, (_, index) => [
      `outer-${index}`,
      { ...one, edge: `/o/${index}` },
    ]);
    const calls = Object.fromEntries(inner.map(([name], index) => [`ADDR_${index}`, name]));
    const caller = ["caller", { ...one, edge: "/", calls }];
    const project = shopProject({ services: Object.fromEntries([...inner, ...outer, caller]) });
    const [set] = setsOf(project);
    assert.ok(JSON.stringify(set).length < MOST);
    const { templatePatch } = specOf<{ templatePatch: string }>(set);
    const targets = templatePatch.match(/- target: .*/g) ?? [];
    assert.equal(targets.length, new Set(targets).size);
  });

  it("does so too where all of them are at the edge, and each one's share link has a rule for every path", () => {
    const set = setsOf(allAtEdge(200))[0];
    assert.ok(JSON.stringify(set).length < MOST, String(JSON.stringify(set).length));
  });
});

/** Of the 1.5 MiB that etcd takes as one object, Argo CD's status and a second copy in its managed fields take some. */
const MOST = 300_000;

function allAtEdge(count: number): Project {
  const service = (index: number) => ({
    repo: "acme/shop",
    path: `services/service-${index}`,
    protocol: "http",
    edge: index === 0 ? "/" : `/service-${index}`,
  });
  const services = Array.from({ length: count }, (_, index) => [`service-${index}`, service(index)]);
  return shopProject({ services: Object.fromEntries(services) });
}

describe("what an ApplicationSet's template says for a service", () => {
  function isTheCanary(project: Project, pr: number): void {
    const files = canaryFiles(project);
    for (const set of setsOf(project)) {
      const text = specOf<{ templatePatch: string }>(set).templatePatch;
      const names = new Set(
        [...JSON.stringify(set).matchAll(/has \\"canary\/([-a-z0-9]+)\\"/g)].map(([, name = ""]) => name),
      );
      assert.ok(names.size > 0);
      for (const service of [...project.services.values()].filter(({ name }) => names.has(name))) {
        const own = files
          .filter(({ path }) => path.startsWith(`${canaryFolder(service.name)}/`))
          .flatMap(objectsOf)
          .filter(({ kind }) => kind !== "Kustomization");
        const patches = platformPatchesOf(text, service.name, pr);
        const built = canaryObjects(project, service, canaryIdentity(service.name, pr)).map(
          ({ object }) => object,
        );
        assert.deepEqual(
          applyPatches(own, patches, (value) => value),
          JSON.parse(JSON.stringify(built)),
        );
      }
    }
  }

  it("makes of its files what its canary is, whatever other services the repository has", () => {
    const number = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.constant(9_999_999_999));
    // Each reads some dozen files as YAML.
    fc.assert(
      fc.property(anyConfig, number, (config, pr) => isTheCanary(projectOf(config), pr)),
      { numRuns: 25 },
    );
  });

  it("does so where many are at the edge", () => {
    isTheCanary(allAtEdge(12), 45);
  });
});

describe("names of ApplicationSets", () => {
  it("are as people expect them", () => {
    assert.deepEqual(
      [...applicationSetNames(["acme/shop", "Acme/Web_App"]).values()],
      ["canaries-acme-shop", "canaries-acme-web-app"],
    );
  });

  it("differ where repositories do, end in a letter or digit, and are labels", () => {
    const repos = ["acme/a.b", "acme/a-b", "acme/a_b-", `acme/${"x".repeat(100)}`, `acme/${"x".repeat(99)}`];
    const names = [...applicationSetNames(repos).values()];
    assert.equal(new Set(names).size, repos.length);
    for (const name of names) assert.match(name, /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])$/);
  });
});

describe("the part of the text that is a template", () => {
  it("is YAML around its actions", () => {
    const { templatePatch } = specOf<{ templatePatch: string }>(setsOf(shopProject())[0]);
    const workload = templatePatch.split("{{- else }}")[0]?.replaceAll(/\{\{-? .*?\}\}/g, "x") ?? "";
    const rendered = parse(workload.replace(/^x\n/gm, "")) as { spec: { source: { kustomize: object } } };
    assert.deepEqual(Object.keys(rendered.spec.source.kustomize), [
      "namespace",
      "images",
      "commonLabels",
      "labelWithoutSelector",
      "labelIncludeTemplates",
      "patches",
    ]);
  });
});
