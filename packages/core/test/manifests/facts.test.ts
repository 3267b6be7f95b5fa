import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@perch/core";
import fc from "fast-check";
import { type Project, projectOf } from "../../src/manifests/project.ts";
import type { Fact } from "./facts/fact.ts";
import { clusterObjects, FACTS } from "./facts/index.ts";
import { anyConfig, manyRepositories, shopProject } from "./support.ts";

const edge = {
  host: "api.dev.example.com",
  entryPoints: ["websecure"],
  tls: true,
  middlewares: ["edge-guard", "team/sso"],
};
const cluster = { imagePullSecret: "registry-pull", egress: ["10.0.0.0/8"] };

/** Two services behind the edge, two that others call, one with more gRPC services than a rule has matches. */
const SERVICES = {
  web: { repo: "acme/shop", path: "services/web", protocol: "http", edge: "/" },
  api: {
    repo: "acme/shop",
    path: "services/api",
    protocol: "http",
    edge: "/api",
    calls: { STORE_ADDR: "store", PRICE_ADDR: "price" },
    secrets: { KEY: "shop/api/key" },
  },
  price: { repo: "acme/shop", path: "services/price", protocol: "http" },
  store: {
    repo: "acme/shop",
    path: "services/store",
    protocol: "grpc",
    grpcServices: [
      "store.v1.StoreService",
      ...Array.from({ length: 11 }, (_, index) => `store.v${index + 2}.StoreService`),
    ],
  },
};

const PROJECTS: Readonly<Record<string, Project>> = Object.fromEntries(
  (["linkerd", "none"] as const).flatMap((mesh) => [
    [`one repository at /, ${mesh}`, shopProject({ mesh })],
    [`one repository at / and /api, ${mesh}`, shopProject({ mesh, services: SERVICES, edge, cluster })],
    [
      `several repositories, ${mesh}`,
      manyRepositories({
        mesh,
        edge: { ...edge, certificate: "dev-example-com" },
        cluster: { ...cluster, environmentRepo: "acme/env" },
      }),
    ],
  ]),
);

const OBJECTS = new Map(Object.values(PROJECTS).map((project) => [project, clusterObjects(project)]));

/** The violations after a mistake; `undefined` where the objects have nothing that it changes. */
function afterMistake(
  fact: Fact,
  project: Project,
  [pattern, by]: Fact["mistakes"][number],
): string[] | undefined {
  const json = JSON.stringify(OBJECTS.get(project));
  const changed = json.replace(pattern, by);
  return changed === json ? undefined : fact.violations(JSON.parse(changed) as KubernetesObject[], project);
}

for (const [about, facts] of Object.entries(FACTS)) {
  describe(`facts about ${about}`, () => {
    for (const fact of facts) {
      it(fact.claim, () => {
        for (const [name, project] of Object.entries(PROJECTS)) {
          assert.deepEqual(fact.violations(OBJECTS.get(project) ?? [], project), [], name);
        }
      });

      it(`(and it is noticed when that breaks) ${fact.claim}`, () => {
        for (const mistake of fact.mistakes) {
          const seen = Object.values(PROJECTS).flatMap((project) =>
            [afterMistake(fact, project, mistake)].filter((one) => one !== undefined),
          );
          assert.ok(seen.length > 0, `nothing has ${mistake[0]}`);
          assert.ok(
            seen.every((violations) => violations.length > 0),
            `not noticed: ${mistake[0]} → ${mistake[1]}`,
          );
        }
      });
    }
  });
}

describe("any project", () => {
  it("keeps to all of them", () => {
    const property = fc.property(anyConfig, (config) => {
      const project = projectOf(config);
      const objects = clusterObjects(project);
      for (const { claim, violations } of Object.values(FACTS).flat()) {
        assert.deepEqual(violations(objects, project), [], claim);
      }
    });
    // Each reads some dozen files as YAML.
    fc.assert(property, { numRuns: 20 });
  });
});
