import assert from "node:assert/strict";
import { posix } from "node:path";
import { describe, it } from "node:test";
import { type Config, type KubernetesObject, PerchError } from "@perch/core";
import fc from "fast-check";
import { configJsonSchema } from "../../src/config/index.ts";
import { GENERATED, type ManifestFile } from "../../src/manifests/file.ts";
import { projectOf } from "../../src/manifests/project.ts";
import { renderManifests } from "../../src/manifests/render.ts";
import { anyConfig, configOf, objectsOf, shopProject } from "./support.ts";

const NO_TAGS = new Map<string, string>();
const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function everyConfig(check: (files: ManifestFile[], config: Config) => void): void {
  const property = fc.property(anyConfig, (config) => check(renderManifests(config, NO_TAGS), config));
  // Each reads some hundred objects as YAML.
  fc.assert(property, { numRuns: 20 });
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;
}

/** What is applied together: a kustomization's folder, or several of those. */
function inFolder(files: readonly ManifestFile[], ...folders: string[]): KubernetesObject[] {
  return files
    .filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .flatMap(objectsOf)
    .filter(({ kind }) => kind !== "Kustomization");
}

describe("rendering a whole project", () => {
  it("depends on no key of canary that is said to be of one machine only", () => {
    const { properties } = configJsonSchema() as {
      properties: { canary: { properties: Record<string, { description: string }> } };
    };
    const keys = Object.entries(properties.canary.properties)
      .filter(([, { description }]) => description.includes("One machine only."))
      .map(([key]) => key);
    assert.deepEqual(keys, ["idle", "maxRunning", "maxBuilds"]);
    const shop = { registry: "ghcr.io/acme", services: { api: { repo: "acme/shop", protocol: "http" } } };
    const files = (canary: object) => renderManifests(configOf({ ...shop, canary }), NO_TAGS);
    assert.deepEqual(files({ idle: "3m", maxRunning: 3, maxBuilds: 3 }), files({}));
  });

  it("names every key that a cluster needs and perch.yaml lacks", () => {
    const service = { repo: "acme/a", protocol: "http" };
    const config = configOf({ services: { a: service, b: { ...service, repo: "acme/b" } } });
    assert.throws(
      () => renderManifests(config, NO_TAGS),
      (error) =>
        error instanceof PerchError &&
        error.code === "CONFIG_INVALID" &&
        /registry.*cluster\.environmentRepo/s.test(error.message),
    );
  });

  it("gives the same files for the same config, each once, each with the line by which it may be replaced", () => {
    everyConfig((files, config) => {
      assert.deepEqual(renderManifests(config, NO_TAGS), files);
      assert.equal(new Set(files.map(({ path }) => path)).size, files.length);
      for (const { text } of files) assert.ok(text.startsWith(`# ${GENERATED}\n`));
    });
  });

  it("gives objects whose names Kubernetes takes", () => {
    everyConfig((files) => {
      for (const object of files.flatMap(objectsOf)) hasValidNames(object);
    });
  });

  it("gives no object twice, in any place that is applied", () => {
    everyConfig((files, config) => {
      const canaries = [...config.services.keys()].map((name) => [`manifests/canary/${name}`]);
      const once = ["manifests/stable", "manifests/apps", "manifests/platform/perch"];
      for (const folders of [once, ...canaries]) {
        const names = inFolder(files, ...folders).map(nameOf);
        assert.deepEqual(
          names.filter((name, index) => names.indexOf(name) !== index),
          [],
        );
      }
    });
  });

  it("lists every file in the kustomization beside it, and nothing that is not there", () => {
    everyConfig((files) => {
      const paths = new Set(files.map(({ path }) => path));
      const listed = new Set<string>();
      for (const file of files.filter(({ path }) => path.endsWith("/kustomization.yaml"))) {
        const [kustomization] = objectsOf(file);
        const { resources = [], patches = [] } = (kustomization ?? {}) as {
          resources?: string[];
          patches?: { path?: string }[];
        };
        for (const one of [...resources, ...patches.flatMap(({ path }) => path ?? [])]) {
          if (one.includes("://") || one.endsWith("/deploy/base") || one.endsWith("../deploy/base")) continue;
          const path = posix.join(posix.dirname(file.path), one);
          assert.ok(paths.has(path) || paths.has(`${path}/kustomization.yaml`), `${file.path} lists ${one}`);
          listed.add(path);
        }
      }
      const unlisted = [...paths].filter(
        (path) => !path.endsWith("/kustomization.yaml") && !listed.has(path),
      );
      assert.deepEqual(unlisted, []);
    });
  });

  it("allows each Application what its folder has, by its AppProject", () => {
    everyConfig((files, config) => {
      const rights = projectRights(files);
      const project = projectOf(config);
      const folders: [string, string][] = [
        ["manifests/stable/common", `${project.project}-common`],
        ["manifests/apps", `${project.project}-root`],
        ["manifests/platform/perch", `${project.project}-root`],
        ...[...config.services.keys()].flatMap((name): [string, string][] => [
          [`manifests/stable/${name}`, `${project.project}-stable`],
          [`manifests/canary/${name}`, `${project.project}-canary-platform`],
        ]),
      ];
      for (const [folder, name] of folders) {
        for (const object of inFolder(files, folder)) {
          assert.ok(rights.get(name)?.has(`${group(object)}/${object.kind}`), `${name}: ${nameOf(object)}`);
        }
      }
    });
  });

  it("keeps the tags of stable that promotion bumped", () => {
    const files = renderManifests(shopProject(), new Map([["store", "v1.4.0"]]));
    const overlay = (name: string) =>
      files.find(({ path }) => path === `manifests/stable/${name}/kustomization.yaml`);
    assert.match(overlay("store")?.text ?? "", /newTag: v1\.4\.0\n/);
    assert.match(overlay("api")?.text ?? "", /newTag: main\n/);
  });
});

function hasValidNames({ apiVersion, kind, metadata }: KubernetesObject): void {
  assert.match(apiVersion, /^([a-z0-9.-]+\/)?v[0-9][a-z0-9]*$/);
  if (kind === "Kustomization") return;
  const isLabel = ["Service", "Namespace"].includes(kind);
  assert.match(metadata?.name ?? "", isLabel ? DNS_LABEL : DNS_SUBDOMAIN);
  assert.match(metadata?.namespace ?? "none", DNS_LABEL);
  for (const value of Object.values(metadata?.labels ?? {})) assert.match(value, LABEL_VALUE);
}

function group({ apiVersion }: KubernetesObject): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** AppProject → `group/Kind` of everything that it allows. */
function projectRights(files: readonly ManifestFile[]): Map<string, Set<string>> {
  const projects = inFolder(files, "manifests/apps").filter(({ kind }) => kind === "AppProject");
  return new Map(
    projects.map(({ metadata, spec }) => {
      const { clusterResourceWhitelist, namespaceResourceWhitelist } = spec as Record<
        string,
        { group: string; kind: string }[]
      >;
      const all = [...(clusterResourceWhitelist ?? []), ...(namespaceResourceWhitelist ?? [])];
      return [metadata?.name ?? "", new Set(all.map((one) => `${one.group}/${one.kind}`))];
    }),
  );
}
