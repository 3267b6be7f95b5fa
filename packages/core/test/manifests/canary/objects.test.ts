import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@perch/core";
import { canaryFiles, canaryObjects } from "../../../src/manifests/canary/index.ts";
import { canaryIdentity } from "../../../src/manifests/canary-identity.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { yamlText } from "../../../src/manifests/yaml.ts";
import { matchesGolden } from "../golden.ts";
import { manyRepositories, objectsOf, shopProject } from "../support.ts";

const edge = {
  host: "api.dev.example.com",
  entryPoints: ["websecure"],
  tls: true,
  middlewares: ["edge-guard"],
};

function describedOf(project: Project, name: string, pr: number) {
  const service = project.services.get(name);
  assert.ok(service !== undefined);
  return canaryObjects(project, service, canaryIdentity(name, pr));
}

function objectsFor(project: Project, name: string, pr: number): KubernetesObject[] {
  return describedOf(project, name, pr).map(({ object }) => object);
}

describe("the platform part of a canary", () => {
  for (const mesh of ["linkerd", "none"]) {
    it(`is as the golden file says, for an API and a backend, mesh ${mesh}`, async () => {
      const project = shopProject({
        mesh,
        edge,
        cluster: { imagePullSecret: "registry-pull", egress: ["10.0.0.0/8"] },
      });
      const objects = [...describedOf(project, "api", 7), ...describedOf(project, "store", 45)];
      await matchesGolden(`canary-${mesh}.yaml`, yamlText(objects));
    });
  }

  it("lets nobody at its pods, or one account list and delete them, in its own namespace", () => {
    const rights = (cluster: object) =>
      objectsFor(shopProject({ cluster }), "api", 7).filter(({ apiVersion }) =>
        apiVersion.startsWith("rbac"),
      );
    assert.deepEqual(rights({}), []);
    const metadata = { name: "restart", namespace: "api-canary-pr-7" };
    const [role, binding, ...more] = rights({ restartAccount: "ci/perch-restart" });
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(role, { kind: "Role", metadata });
    const { rules } = role as unknown as { rules: object[] };
    assert.deepEqual(rules, [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] }]);
    assert.partialDeepStrictEqual(binding, {
      kind: "RoleBinding",
      metadata,
      roleRef: { kind: "Role", name: "restart" },
      subjects: [{ kind: "ServiceAccount", name: "perch-restart", namespace: "ci" }],
    });
  });

  it("has nothing that depends on another canary: two differ in number and namespace alone", () => {
    const project = shopProject();
    const text = (pr: number) => JSON.stringify(objectsFor(project, "api", pr));
    const priorities = (json: string) => json.replaceAll(/"priority":[0-9]+/g, "");
    assert.equal(
      priorities(text(7)).replaceAll(/\b7\b/g, "8"),
      priorities(text(8)).replaceAll(/\b7\b/g, "8"),
    );
  });

  it("has no routes between services where nobody calls it", () => {
    for (const mesh of ["linkerd", "none"]) {
      const kinds = objectsFor(shopProject({ mesh }), "api", 7).filter(
        ({ kind, metadata }) => kind.endsWith("Route") && !/-(exact|list|link)$/.test(metadata?.name ?? ""),
      );
      assert.deepEqual(kinds, []);
      assert.doesNotMatch(JSON.stringify(objectsFor(shopProject({ mesh }), "api", 7)), /-inside-/);
    }
  });

  it("has a share link by number in one repository, by service and number where there are several", () => {
    const links = (project: Project) => {
      const text = JSON.stringify(objectsFor(project, "store", 45));
      return [/Host\(`([^`]+)`\)/.exec(text)?.[1], /"X-Canary":"([^"]+)"/.exec(text)?.[1]];
    };
    assert.deepEqual(links(shopProject({ edge })), ["pr-45.api.dev.example.com", "45"]);
    assert.deepEqual(links(manyRepositories({ edge })), ["store-pr-45.api.dev.example.com", "store=45"]);
  });

  it("begins with its Namespace, so that whoever applies it in order can", () => {
    assert.equal(objectsFor(shopProject(), "api", 7)[0]?.kind, "Namespace");
  });
});

describe("its files", () => {
  it("set no namespace for all: it would move the routes too", () => {
    const kustomizations = canaryFiles(shopProject())
      .flatMap(objectsOf)
      .filter(({ kind }) => kind === "Kustomization");
    assert.equal(kustomizations.length, 2);
    for (const kustomization of kustomizations) assert.equal(kustomization.namespace, undefined);
  });
});
