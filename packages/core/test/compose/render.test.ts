import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryIdentity, canaryObjects, composeProject, fileRoutes, renderCompose } from "@perch/core";
import { parse } from "yaml";
import { asOneText, matchesGolden } from "../manifests/golden.ts";
import { configOf, manyRepositories, shopProject } from "../manifests/support.ts";

interface Compose {
  readonly services: Readonly<Record<string, Container>>;
}

interface Container {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly string[];
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
}

const CANARIES = [
  { service: "store", pr: 1 },
  { service: "api", pr: 2 },
];

function composeOf(project = shopProject(), canaries = CANARIES): Compose {
  const [file] = renderCompose(project, canaries);
  return parse(file?.text ?? "") as Compose;
}

describe("renderCompose", () => {
  it("writes the compose file and Traefik's routes", async () => {
    await matchesGolden("compose.yaml", asOneText(renderCompose(shopProject(), CANARIES)));
  });

  it("leads a called service's name to the internal routes, and no other's", () => {
    const { services } = composeOf();
    assert.deepEqual(services["perch-edge"]?.networks?.default.aliases, ["store"]);
    assert.ok("store-stable" in services && !("store" in services) && "api" in services);
  });

  it("publishes the edge on loopback, and nothing else", () => {
    const published = Object.entries(composeOf().services).filter(([, { ports }]) => ports !== undefined);
    assert.deepEqual(
      published.map(([name, { ports }]) => [name, ports]),
      [["perch-edge", [`127.0.0.1:\${EDGE_PORT:-8080}:8080`]]],
    );
  });

  it("tells each container who it is, and gives all of them the same addresses", () => {
    const { services } = composeOf();
    assert.deepEqual(services["api-canary-pr-2"]?.environment, {
      ...services.api?.environment,
      CANARY_PR: "2",
      CANARY_REVISION: `\${API_PR_2_REVISION:-compose}`,
    });
    assert.equal(services.api?.environment?.STORE_ADDR, "store:8000");
  });

  it("takes secrets from the shell and keeps them out of the file", () => {
    assert.equal(composeOf().services["store-stable"]?.environment?.STORE_KEY, null);
  });

  it("builds several repositories side by side", () => {
    const { services } = composeOf(manyRepositories());
    assert.deepEqual(services["store-stable"]?.build, {
      context: `\${STORE_CONTEXT:-../store}`,
      dockerfile: "Dockerfile",
    });
    assert.equal(services["store-canary-pr-1"]?.build?.context, `\${STORE_PR_1_CONTEXT:-../store}`);
  });

  it("needs neither a registry nor an environment repository, and has no use for TLS and middlewares", () => {
    const { services } = shopProject();
    const project = configOf({
      mesh: "linkerd",
      edge: { host: "shop.example.com", tls: true, middlewares: ["sso"] },
      services: { api: { repo: "acme/shop", path: "api", protocol: "http", edge: "/" } },
    });
    const text = asOneText(renderCompose(project, [{ service: "api", pr: 7 }]));
    assert.doesNotMatch(text, /sso|websecure|linkerd|nativeLB/);
    assert.equal(services.size, 2);
  });

  it("keeps a dollar of local.env as it is", () => {
    const service = {
      repo: "acme/shop",
      path: ".",
      protocol: "http",
      edge: "/",
      local: { start: "true", env: { PRICE: `5$ or \${HOME}` } },
    };
    const { services } = composeOf(shopProject({ services: { api: service } }), []);
    assert.equal(services.api?.environment?.PRICE, `5$$ or $\${HOME}`);
  });

  it("refuses names that two containers would have", () => {
    const one = { repo: "acme/shop", path: ".", protocol: "http" };
    const services = {
      api: { ...one, edge: "/", calls: { STORE_ADDR: "store" } },
      store: one,
      "store-stable": one,
    };
    assert.throws(
      () => renderCompose(shopProject({ services }), []),
      /Two containers would be called store-stable/,
    );
    const edge = { "perch-edge": { ...one, edge: "/" } };
    assert.throws(() => renderCompose(shopProject({ services: edge }), []), /be called perch-edge/);
  });
});

describe("fileRoutes", () => {
  it("has every rule and priority of a cluster's canary, and no other", () => {
    const project = composeProject(shopProject());
    const identity = canaryIdentity("store", 45);
    const service = project.services.get("store");
    assert.ok(service !== undefined);
    const expected = canaryObjects(project, service, identity).flatMap(({ object }) =>
      object.kind === "IngressRoute"
        ? (object.spec as { routes: { match: string; priority: number }[] }).routes
        : [],
    );
    const without = fileRoutes(project, [], () => "x:1").http.routers;
    const { routers } = fileRoutes(project, [{ service: "store", pr: 45 }], () => "x:1").http;
    const added = Object.entries(routers).filter(([name]) => !(name in without) && name !== "edge-link");
    assert.deepEqual(
      added.map(([, { rule, priority }]) => `${priority} ${rule}`).sort(),
      expected.map(({ match, priority }) => `${priority} ${match}`).sort(),
    );
  });

  it("refers only to what is there", () => {
    for (const canaries of [[], CANARIES, [...CANARIES, { service: "api", pr: 9 }]]) {
      const { http } = fileRoutes(composeProject(shopProject()), canaries, () => "x:1");
      for (const { service, parentRefs = [], middlewares = [] } of Object.values(http.routers)) {
        if (service !== undefined) assert.ok(service === "ping@internal" || service in http.services);
        for (const parent of parentRefs) assert.ok(parent in http.routers, parent);
        for (const middleware of middlewares) assert.ok(middleware in (http.middlewares ?? {}), middleware);
      }
    }
  });
});
