import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClusterObject, clusterResidue } from "../../src/residue/index.ts";

function object(kind: string, name: string, more: Partial<ClusterObject> = {}): ClusterObject {
  return { kind, name, labels: {}, isDeleting: false, ...more };
}

function labels(service: string, pr: string): Record<string, string> {
  return { "perch.dev/service": service, "perch.dev/pr": pr };
}

function residueOf(...objects: ClusterObject[]): string[] {
  return clusterResidue(objects).map(
    ({ object: { kind, name }, canary, reason }) => `${canary} ${kind}/${name}: ${reason}`,
  );
}

const application = (part: string, more: Partial<ClusterObject> = {}) =>
  object("Application", `store-canary-pr-45${part}`, {
    namespace: "argocd",
    labels: labels("store", "45"),
    ...more,
  });
const namespace = object("Namespace", "store-canary-pr-45");
const route = object("IngressRoute", "store-pr-45-link", {
  namespace: "apps",
  labels: labels("store", "45"),
});

describe("what is left of a canary", () => {
  it("is nothing while an Application owns it", () => {
    assert.deepEqual(residueOf(application(""), application("-platform"), namespace, route), []);
  });

  it("is its Namespace, and its routes beside stable, when no Application owns them", () => {
    assert.deepEqual(residueOf(namespace, route), [
      "store-canary-pr-45 Namespace/store-canary-pr-45: no Application owns it",
      "store-canary-pr-45 IngressRoute/store-pr-45-link: no Application owns it",
    ]);
  });

  it("includes what has no labels, by the namespace that it is in", () => {
    const pod = object("Pod", "x", { namespace: "store-canary-pr-45" });
    assert.deepEqual(residueOf(pod), ["store-canary-pr-45 Pod/x: no Application owns it"]);
  });

  it("includes an Application that does not go, and what it still holds", () => {
    const stuck = application("-platform", { isDeleting: true });
    assert.deepEqual(residueOf(stuck, namespace), [
      "store-canary-pr-45 Application/store-canary-pr-45-platform: was told to go, and is still there",
      "store-canary-pr-45 Namespace/store-canary-pr-45: its Application is being removed",
    ]);
  });

  it("leaves out what is of no canary, whatever its labels say", () => {
    const foreign = [
      object("Namespace", "apps"),
      object("IngressRoute", "api-stable", { namespace: "apps" }),
      object("ConfigMap", "x", { namespace: "apps", labels: labels("store", "seven") }),
      object("ConfigMap", "x", { namespace: "apps", labels: labels("../etc", "7") }),
      object("ConfigMap", "x", { namespace: "apps", labels: { "perch.dev/pr": "7" } }),
    ];
    assert.deepEqual(residueOf(...foreign), []);
  });

  it("is told canary by canary", () => {
    const names = ["b-canary-pr-2", "a-canary-pr-3", "a-canary-pr-1"];
    const objects = names.map((name) => object("Namespace", name));
    assert.deepEqual(
      clusterResidue(objects).map(({ canary }) => canary),
      ["a-canary-pr-1", "a-canary-pr-3", "b-canary-pr-2"],
    );
  });
});
