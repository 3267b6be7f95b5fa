import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@perch/core";
import { platformFiles } from "../../../src/manifests/platform/index.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { manyRepositories, objectsOf, shopProject, specOf } from "../support.ts";

function install(project: Project, name: string): KubernetesObject[] {
  return platformFiles(project)
    .filter(({ path }) => path.startsWith(`manifests/platform/install/${name}/`))
    .flatMap(objectsOf);
}

function traefikArgs(project: Project): string[] {
  const deployment = install(project, "traefik").find(({ kind }) => kind === "Deployment");
  const { template } = specOf<{ template: { spec: { containers: { args: string[] }[] } } }>(deployment);
  return template.spec.containers[0]?.args ?? [];
}

describe("what is installed", () => {
  it("has one version each: no branch, no latest", () => {
    for (const mesh of ["none", "linkerd"]) {
      const files = platformFiles(shopProject({ mesh }));
      for (const [address] of files
        .map(({ text }) => text)
        .join("\n")
        .matchAll(/https:\/\/raw\S+/g)) {
        assert.match(address, /\/v\d+\.\d+\.\d+\//);
      }
      for (const object of files.flatMap(objectsOf).filter(({ kind }) => kind === "Application")) {
        const { source } = specOf<{ source: { targetRevision: string } }>(object);
        assert.match(source.targetRevision, /^\d+\.\d+\.\d+$/);
      }
    }
  });

  it("has Linkerd only where it is the mesh, with what restricted namespaces need", () => {
    assert.deepEqual(install(shopProject(), "linkerd"), []);
    const text = JSON.stringify(install(shopProject({ mesh: "linkerd" }), "linkerd"));
    assert.match(text, /linkerd2-cni/);
    assert.match(text, /"cniEnabled":true/);
  });
});

describe("Argo CD's credentials", () => {
  it("are references to stable's store, among them the webhook's secret", () => {
    const secrets = install(
      shopProject({ cluster: { secretStores: { stable: "vault" } } }),
      "argocd-credentials",
    );
    const external = secrets.filter(({ kind }) => kind === "ExternalSecret");
    assert.deepEqual(
      external.map(({ metadata }) => metadata?.name),
      ["argocd-webhook", "github-token", "github-repositories"],
    );
    for (const one of external) {
      assert.equal(specOf<{ secretStoreRef: { name: string } }>(one).secretStoreRef.name, "vault");
    }
    assert.match(
      JSON.stringify(external[0]?.spec),
      /"name":"argocd-secret","creationPolicy":"Merge".*"webhook\.github\.secret"/,
    );
  });

  it("are those of the app where an app reads pull requests", () => {
    const secrets = install(shopProject({ cluster: { githubAuth: "app" } }), "argocd-credentials");
    assert.match(JSON.stringify(secrets), /"github-app".*githubAppPrivateKey/);
    assert.doesNotMatch(JSON.stringify(secrets), /github-token|EnterpriseBaseUrl/);
    const server = { githubAuth: "app", github: "https://ghe.example.com" };
    const elsewhere = install(shopProject({ cluster: server }), "argocd-credentials");
    assert.match(
      JSON.stringify(elsewhere),
      /"githubAppEnterpriseBaseUrl":"https:\/\/ghe\.example\.com\/api\/v3"/,
    );
  });

  it("are for the owner's repositories only, where all have one owner", () => {
    const url = (project: Project) =>
      /"url":"([^"]*)"/.exec(JSON.stringify(install(project, "argocd-credentials")))?.[1];
    assert.equal(url(manyRepositories()), "https://github.com/acme");
    assert.equal(url(manyRepositories({ cluster: { environmentRepo: "ops/env" } })), "https://github.com");
  });
});

describe("the edge's Traefik", () => {
  it("answers 503 and not stable for an unready canary, reaches canaries' namespaces, and drops aliases of the header", () => {
    const project = shopProject({ edge: { entryPoints: ["web", "websecure"], tls: true } });
    const args = traefikArgs(project);
    for (const wanted of [
      "--providers.kubernetescrd.allowemptyservices=true",
      "--providers.kubernetescrd.allowcrossnamespace=true",
      "--entrypoints.web.http.aliasheadersstrategy=delete",
      "--entrypoints.websecure.http.aliasheadersstrategy=delete",
    ]) {
      assert.ok(args.includes(wanted), wanted);
    }
  });

  it("is ready once it has routes, and may read ConfigMaps, without which it has none", () => {
    const objects = install(shopProject(), "traefik");
    const find = (kind: string) => JSON.stringify(objects.find((one) => one.kind === kind));
    assert.match(
      find("Deployment"),
      /"readinessProbe":\{"httpGet":\{"path":"\/perch-ready","port":"perch-ping"\}/,
    );
    assert.match(
      find("IngressRoute"),
      /"entryPoints":\["perch-ping"\].*Path\(`\/perch-ready`\).*"ping@internal"/,
    );
    assert.match(find("ClusterRole"), /"configmaps"/);
  });

  it("names ports as Kubernetes takes them, whatever entry points are called", () => {
    const project = shopProject({
      edge: { entryPoints: ["web", "WebSecure", "a--b", "443", "x".repeat(40)] },
    });
    const service = install(project, "traefik").find(({ kind }) => kind === "Service");
    const { ports } = specOf<{ ports: { name: string; targetPort: string }[] }>(service);
    assert.deepEqual(
      ports.map(({ name }) => name),
      ["web", "entry-2", "entry-3", "entry-4", "entry-5"],
    );
    assert.ok(traefikArgs(project).includes("--entrypoints.WebSecure.address=:8001"));
  });
});
