import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type KubernetesObject, PerchError } from "@perch/core";
import fc from "fast-check";
import type { Project } from "../../../src/manifests/project.ts";
import { projectOf } from "../../../src/manifests/project.ts";
import { stableFiles, stableFolder } from "../../../src/manifests/stable/index.ts";
import { asOneText, matchesGolden } from "../golden.ts";
import { anyConfig, manyRepositories, objectsOf, shopProject } from "../support.ts";

const NO_TAGS = new Map<string, string>();
const edge = {
  host: "api.dev.example.com",
  entryPoints: ["websecure"],
  tls: true,
  middlewares: ["edge-guard"],
};

function objectsIn(project: Project, folder: string, tags = NO_TAGS): KubernetesObject[] {
  return stableFiles(project, tags)
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .flatMap(objectsOf);
}

function overlayOf(project: Project, service: string, tags = NO_TAGS): KubernetesObject {
  const [kustomization] = objectsIn(project, stableFolder(service), tags);
  assert.ok(kustomization?.kind === "Kustomization");
  return kustomization;
}

function http(more: object = {}): object {
  return { repo: "acme/shop", protocol: "http", ...more };
}

describe("stable", () => {
  for (const mesh of ["linkerd", "none"]) {
    it(`is as the golden file says, for two services, mesh ${mesh}`, async () => {
      const tags = new Map([["store", "v1.4.0"]]);
      await matchesGolden(`stable-${mesh}.yaml`, asOneText(stableFiles(shopProject({ mesh, edge }), tags)));
    });
  }

  it("takes a base from the folder beside it in the environment's repository, else from the service's at the branch", () => {
    assert.equal(
      (overlayOf(shopProject(), "api").resources as string[])[0],
      "../../../services/api/deploy/base",
    );
    const cluster = { environmentRepo: "acme/env", branch: "release/1.x" };
    const bases = ["api", "store"].map(
      (name) => (overlayOf(manyRepositories({ cluster }), name).resources as string[])[0],
    );
    assert.deepEqual(bases, [
      "https://github.com/acme/api.git//services/api/deploy/base?ref=release/1.x",
      "https://github.com/acme/store.git//deploy/base?ref=release/1.x",
    ]);
  });

  it("runs the tag that promotion bumped, or main before the first", () => {
    const images = (name: string) => overlayOf(shopProject(), name, new Map([["store", "v1.4.0"]])).images;
    assert.deepEqual(images("store"), [{ name: "store", newName: "ghcr.io/acme/store", newTag: "v1.4.0" }]);
    assert.deepEqual(images("api"), [{ name: "api", newName: "ghcr.io/acme/api", newTag: "main" }]);
  });

  it("says the tag as its revision, also where the registry has a port", () => {
    const property = fc.property(anyConfig, (config) => {
      const project = projectOf(config);
      for (const name of config.services.keys()) {
        const { images, replacements } = overlayOf(project, name) as unknown as {
          images: { newName: string; newTag: string }[];
          replacements: { source: { options: { delimiter: string; index: number } } }[];
        };
        const [image] = images;
        const options = replacements[0]?.source.options;
        const parts = `${image?.newName}:${image?.newTag}`.split(options?.delimiter ?? "");
        assert.equal(parts[options?.index ?? -1], image?.newTag);
        assert.equal(parts.length, (options?.index ?? -1) + 1);
      }
    });
    fc.assert(property, { numRuns: 20 });
  });

  it("has the registry's credentials in one Application: two that have one object fight over it", () => {
    const project = shopProject({ cluster: { imagePullSecret: "registry-pull" } });
    const made = objectsIn(project, "manifests/stable").filter(
      ({ kind, metadata }) => kind === "ExternalSecret" && metadata?.name === "registry-pull",
    );
    assert.equal(made.length, 1);
  });

  it("has a parent of share links where a service is behind the edge, a router where one calls another, else neither", () => {
    const kinds = (services: object) =>
      objectsIn(shopProject({ mesh: "none", services }), "manifests/stable/common")
        .map(({ kind }) => kind)
        .join(" ");
    const least = "Kustomization Namespace Service";
    assert.equal(kinds({ a: http(), b: http() }), least);
    assert.equal(kinds({ a: http({ edge: "/" }), b: http() }), `${least} IngressRoute`);
    assert.match(kinds({ a: http({ calls: { B: "b" } }), b: http() }), /ClusterRoleBinding Deployment/);
  });

  it("has routes between services for those that others call", () => {
    const services = { a: http({ calls: { B: "b" } }), b: http(), c: http() };
    const routed = objectsIn(shopProject({ services, mesh: "linkerd" }), "manifests/stable")
      .filter(({ kind }) => kind === "HTTPRoute")
      .map(({ metadata }) => metadata?.name);
    assert.deepEqual(routed, ["b-default"]);
  });
});

describe("names of services that make one name of an object", () => {
  const refused = (mesh: string, services: object, message: RegExp) =>
    assert.throws(
      () => stableFiles(shopProject({ mesh, services }), NO_TAGS),
      (error) =>
        error instanceof PerchError && error.code === "CONFIG_INVALID" && message.test(error.message),
    );
  const caller = http({ calls: { API: "api" } });

  it("are refused: a Service of stable's pods is no apex Service", () => {
    refused(
      "none",
      { caller, api: http(), "api-stable": http() },
      /services\.(api|api-stable) and services\.(api|api-stable) would both have the Service api-stable in namespace apps/,
    );
  });

  it("are refused: routes between services are no routes at the edge", () => {
    refused(
      "none",
      { caller, api: http(), "api-inside": http({ edge: "/inside" }) },
      /would both have the IngressRoute api-inside-(stable|canary-pr-0-exact) in namespace apps/,
    );
  });

  it("are refused: what stable has once is no service", () => {
    refused(
      "none",
      { "perch-router": http(), caller, api: http() },
      /what stable has once.*perch-router in namespace apps/,
    );
    refused("linkerd", { "perch-unavailable": http() }, /what stable has once.*Service perch-unavailable/);
    refused("linkerd", { common: http() }, /folder manifests\/stable\/common/);
  });

  it("are refused: the registry's credentials are no service's variables", () => {
    const project = shopProject({
      cluster: { imagePullSecret: "api-secrets" },
      services: { api: http({ secrets: { KEY: "api/key" } }) },
    });
    assert.throws(
      () => stableFiles(project, NO_TAGS),
      /services\.api would have the ExternalSecret api-secrets in namespace apps twice/,
    );
  });

  it("are taken where they make none", () => {
    const services = { caller, api: http(), "api-stable": http() };
    assert.ok(stableFiles(shopProject({ mesh: "linkerd", services }), NO_TAGS).length > 0);
  });
});
