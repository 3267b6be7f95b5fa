import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { patchedNote } from "../src/parts/build.ts";
import { PARTS_FOLDER, type PartName, VERSIONS } from "../src/parts/parts.ts";

/** Where a pinned version stands in the files that builds read. */
const PINS: readonly [PartName, string, string, string][] = [
  ["kube", "kubernetes", "go.mod", "k8s.io/kubernetes v"],
  ["kube", "etcd", "go.mod", "go.etcd.io/etcd/server/v3 v"],
  ["kube", "coredns", "go.mod", "github.com/coredns/coredns v"],
  ["metrics-server", "metrics-server", "go.mod", "sigs.k8s.io/metrics-server v"],
  ["traefik", "traefik", "go.mod", "github.com/traefik/traefik/v3 v"],
  ["argocd", "argocd", "go.mod", "github.com/argoproj/argo-cd/v3 v"],
  ["kustomize", "kustomize", "go.mod", "sigs.k8s.io/kustomize/kustomize/v5 v"],
  ["dynamodb", "dynamodb-local", "pom.xml", "<version>"],
  ["crds", "gateway-api", "go.mod", "sigs.k8s.io/gateway-api v"],
  ["crds", "external-secrets", "go.mod", "github.com/external-secrets/external-secrets v"],
  ["crds", "traefik", "go.mod", "github.com/traefik/traefik/v3 v"],
  ["crds", "argocd", "go.mod", "github.com/argoproj/argo-cd/v3 v"],
];

describe("versions.json", () => {
  it("names every version once more than the build files do, and the same", async () => {
    for (const [part, tool, file, prefix] of PINS) {
      const text = await readFile(join(PARTS_FOLDER, part, file), "utf8");
      const version = VERSIONS[part][tool];
      assert.ok(version !== undefined && text.includes(`${prefix}${version}`), `${part}: ${tool} ${version}`);
    }
  });

  it("has no version that no build file is checked for", () => {
    const pinned = PINS.map(([part, tool]) => `${part} ${tool}`).sort();
    const named = Object.entries(VERSIONS).flatMap(([part, tools]) =>
      Object.keys(tools).map((tool) => `${part} ${tool}`),
    );
    assert.deepEqual(named.sort(), pinned);
  });

  it("is the version that Traefik's manifest and image name", async () => {
    const manifest = await readFile(join(PARTS_FOLDER, "..", "manifests", "traefik.yaml"), "utf8");
    assert.ok(manifest.includes(`image: traefik:v${VERSIONS.traefik.traefik}\n`));
  });
});

describe("patchedNote", () => {
  it("is the comment that says so, to its end, as one line", () => {
    const script = "#!/bin/sh\n# Builds.\n# PATCHED: one thing\n# and another.\nset -e\n# more\n";
    assert.equal(patchedNote(script), "one thing and another.");
  });

  it("is nothing where the original is built", () => {
    assert.equal(patchedNote("#!/bin/sh\n# Builds it unchanged.\n"), undefined);
  });
});
