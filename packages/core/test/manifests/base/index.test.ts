import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@perch/core";
import { baseFiles, baseFolder } from "../../../src/manifests/base/index.ts";
import { GENERATED } from "../../../src/manifests/file.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { asOneText, matchesGolden } from "../golden.ts";
import { manyRepositories, objectsOf, shopProject } from "../support.ts";

function filesOf(project: Project, name: string) {
  const service = project.services.get(name);
  assert.ok(service !== undefined);
  return baseFiles(project, service);
}

function baseOf(project: Project, name: string, kind: string): KubernetesObject {
  const found = filesOf(project, name)
    .flatMap(objectsOf)
    .find((object) => object.kind === kind);
  assert.ok(found !== undefined);
  return found;
}

function readiness(service: object): string {
  const project = shopProject({ services: { a: { repo: "acme/shop", protocol: "http", ...service } } });
  return JSON.stringify(baseOf(project, "a", "Deployment")).match(/"readinessProbe":\{[^}]*\}/)?.[0] ?? "";
}

describe("the base of a service", () => {
  it("is as the golden file says, for an HTTP and a gRPC service", async () => {
    const project = shopProject();
    const files = [...project.services.keys()].flatMap((name) => filesOf(project, name));
    await matchesGolden("base.yaml", asOneText(files));
  });

  it("is in deploy/base below the service's folder, which may be the whole repository", () => {
    const folders = (project: Project) => [...project.services.values()].map(baseFolder);
    assert.deepEqual(folders(shopProject()), ["services/api/deploy/base", "services/store/deploy/base"]);
    assert.deepEqual(folders(manyRepositories()), ["services/api/deploy/base", "deploy/base"]);
  });

  it("is the service's own from then on: no rendering takes it for one of its files", () => {
    for (const { text } of filesOf(shopProject(), "api")) assert.doesNotMatch(text, new RegExp(GENERATED));
  });

  it("names neither registry nor namespace, so that stable and canaries share it", () => {
    const text = asOneText(filesOf(shopProject({ cluster: { namespace: "elsewhere" } }), "store"));
    assert.doesNotMatch(text, /ghcr\.io|namespace: /);
    assert.match(text, /image: store\n/);
  });

  it("is ready when the path answers that the local engine asks too", () => {
    const start = "node main.ts";
    assert.match(readiness({ local: { start, ready: "/healthz/ready" } }), /"path":"\/healthz\/ready"/);
    assert.match(readiness({ local: { start } }), /"path":"\/readyz"/);
    assert.match(readiness({}), /"path":"\/readyz"/);
  });

  it("asks for secrets where perch.yaml names some, and for none elsewhere", () => {
    const from = (name: string) =>
      JSON.stringify(baseOf(shopProject(), name, "Deployment")).includes("envFrom");
    assert.deepEqual([from("api"), from("store")], [false, true]);
  });

  it("serves the port of perch.yaml from a container port by name", () => {
    const services = { a: { repo: "acme/shop", protocol: "http", port: 8443 } };
    const { ports } = baseOf(shopProject({ services }), "a", "Service").spec as { ports: object[] };
    assert.deepEqual(ports, [
      { name: "http", port: 8443, protocol: "TCP", targetPort: "http", appProtocol: "http" },
    ]);
  });

  it("lists its files, each there", () => {
    const [kustomization, ...files] = filesOf(shopProject(), "api");
    assert.ok(kustomization !== undefined);
    const [object] = objectsOf(kustomization);
    assert.deepEqual(
      object?.resources,
      files.map(({ path }) => path.replace("services/api/deploy/base/", "")),
    );
  });
});
