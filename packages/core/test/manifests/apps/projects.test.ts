import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { appProjects } from "../../../src/manifests/apps/projects.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { manyRepositories, shopProject, specOf } from "../support.ts";

interface Rights {
  readonly sourceRepos: string[];
  readonly destinations: { readonly namespace: string }[];
  readonly clusterResourceWhitelist: { readonly kind: string }[];
  readonly namespaceResourceWhitelist: { readonly kind: string }[];
  readonly roles: { readonly policies: string[] }[];
}

function rightsOf(project: Project, name: string): Rights {
  const found = appProjects(project).find(({ object }) => object.metadata?.name === name);
  return specOf<Rights>(found?.object);
}

const kindsOf = (list: readonly { readonly kind: string }[]) => list.map(({ kind }) => kind).sort();

describe("what a pull request's own manifests may be", () => {
  it("five kinds, nothing of the cluster", () => {
    const rights = rightsOf(shopProject(), "shop-canary-workload");
    const kinds = ["ConfigMap", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Service"];
    assert.deepEqual(kindsOf(rights.namespaceResourceWhitelist), kinds);
    assert.deepEqual(rights.clusterResourceWhitelist, []);
  });

  it("in namespaces of canaries, from the services' repositories and not from the environment's", () => {
    const { sourceRepos, destinations } = rightsOf(manyRepositories(), "shop-canary-workload");
    assert.deepEqual(sourceRepos, ["https://github.com/acme/api.git", "https://github.com/acme/store.git"]);
    assert.deepEqual(
      destinations.map(({ namespace }) => namespace),
      ["api-canary-pr-*", "store-canary-pr-*"],
    );
  });
});

describe("what else Argo CD may do", () => {
  it("takes everything but a pull request's own manifests from the environment's repository", () => {
    for (const name of ["shop-canary-platform", "shop-stable", "shop-common", "shop-root"]) {
      assert.deepEqual(rightsOf(manyRepositories(), name).sourceRepos, ["https://github.com/acme/env.git"]);
    }
  });

  it("can withdraw the right to restart pods, as it can give it: kinds that are not allowed are not deleted either", () => {
    for (const cluster of [{}, { restartAccount: "ci/perch-restart" }]) {
      const project = manyRepositories({ cluster: { environmentRepo: "acme/env", ...cluster } });
      const allowing = appProjects(project).filter(({ object }) =>
        kindsOf(specOf<Rights>(object).namespaceResourceWhitelist).some((kind) => /^Role/.test(kind)),
      );
      // And no pull request's manifests are of this one.
      assert.deepEqual(
        allowing.map(({ object }) => object.metadata?.name),
        ["shop-canary-platform"],
      );
      const kinds = kindsOf(rightsOf(project, "shop-canary-platform").namespaceResourceWhitelist);
      for (const kind of ["Role", "RoleBinding"]) assert.ok(kinds.includes(kind), kind);
    }
  });

  it("gives stable's services, whose bases other repositories write, nothing of the cluster", () => {
    const { clusterResourceWhitelist, destinations } = rightsOf(manyRepositories(), "shop-stable");
    assert.deepEqual([clusterResourceWhitelist, destinations.length], [[], 1]);
  });

  it("has rights for the internal router without a mesh only, for a mesh's routes with one only", () => {
    const kinds = (mesh: string, name: string) => {
      const rights = rightsOf(shopProject({ mesh }), name);
      return [
        ...kindsOf(rights.clusterResourceWhitelist),
        ...kindsOf(rights.namespaceResourceWhitelist),
      ].join(" ");
    };
    assert.match(kinds("none", "shop-common"), /ClusterRoleBinding/);
    assert.doesNotMatch(kinds("linkerd", "shop-common"), /ClusterRole|Deployment/);
    assert.match(kinds("linkerd", "shop-canary-platform"), /GRPCRoute/);
    assert.doesNotMatch(kinds("none", "shop-canary-platform"), /GRPCRoute|ReferenceGrant/);
  });

  it("allows no kind that an AppProject would match by a pattern", () => {
    for (const { object } of appProjects(shopProject())) {
      assert.doesNotMatch(JSON.stringify(object.spec), /"(?:kind|group)":"\*"/);
    }
  });

  it("has roles that see, or see and sync, within their own project", () => {
    const { roles } = rightsOf(shopProject(), "shop-canary-workload");
    const policies = roles.flatMap(({ policies }) => policies);
    assert.equal(policies.length, 3);
    for (const policy of policies) {
      assert.match(
        policy,
        /^p, proj:shop-canary-workload:(viewer|operator), applications, (get|sync), shop-canary-workload\/\*, allow$/,
      );
    }
  });
});
