import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { type Config, parseConfig } from "../../src/config/index.ts";
import { LEAST, PERCH_YAML, withService } from "./fixtures.ts";

function configOf(text: string): Config {
  const result = parseConfig(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.config;
}

const DEFAULT_CANARY = {
  replicas: 1,
  maxReplicas: 2,
  ttl: 604_800_000,
  idle: 900_000,
  maxOpen: 50,
  maxRunning: 50,
  maxBuilds: undefined,
  keepImages: 0,
  quota: { cpu: "2", memory: "2Gi" },
};

const DEFAULT_EDGE: Config["edge"] = {
  host: "localhost",
  entryPoints: ["web"],
  tls: false,
  certificate: undefined,
  middlewares: [],
};

const DEFAULT_CLUSTER: Config["cluster"] = {
  namespace: "apps",
  environmentRepo: "acme/shop",
  branch: "main",
  github: "https://github.com",
  githubAuth: "token",
  secretStores: { stable: "stable", canary: "canary" },
  imagePullSecret: undefined,
  restartAccount: undefined,
  egress: [],
};

test("the repository's own perch.yaml normalises to this", () => {
  const local = {
    install: "npm ci --omit=dev --omit=optional --prefer-offline",
    build: undefined,
    start: "node --conditions=perch-source src/main.ts",
    buildTimeout: 600_000,
    readyTimeout: 60_000,
    stopTimeout: 10_000,
  };
  const shared = [
    "services/common",
    "services/proto",
    "packages/context",
    "packages/header",
    "package-lock.json",
  ];
  const expected: Config = {
    project: "shop",
    mesh: "none",
    edge: DEFAULT_EDGE,
    registry: "ghcr.io/acme",
    services: new Map([
      [
        "api",
        {
          name: "api",
          repo: "acme/shop",
          path: "services/api",
          paths: ["services/api", ...shared],
          protocol: "http",
          edge: "/",
          grpcServices: [],
          calls: new Map([["STORE_ADDR", "store"]]),
          port: 80,
          secrets: new Map(),
          database: undefined,
          local: { ...local, ready: { kind: "http", path: "/readyz" }, env: {} },
        },
      ],
      [
        "store",
        {
          name: "store",
          repo: "acme/shop",
          path: "services/store",
          paths: ["services/store", ...shared],
          protocol: "grpc",
          edge: undefined,
          grpcServices: ["store.v1.StoreService"],
          calls: new Map(),
          port: 50_051,
          secrets: new Map(),
          database: "dynamodb",
          local: { ...local, ready: { kind: "grpc" }, env: { STORE_SEED: "true" } },
        },
      ],
    ]),
    canary: DEFAULT_CANARY,
    cluster: DEFAULT_CLUSTER,
  };
  assert.deepEqual(configOf(PERCH_YAML), expected);
});

describe("defaults", () => {
  it("fill in all that the least valid file leaves out", () => {
    const config = configOf(LEAST);
    assert.equal(config.mesh, "none");
    assert.deepEqual(config.edge, DEFAULT_EDGE);
    assert.deepEqual(config.cluster, DEFAULT_CLUSTER);
    assert.deepEqual(config.canary, DEFAULT_CANARY);
    const api = config.services.get("api");
    assert.deepEqual([api?.path, api?.paths, api?.edge, api?.local], [".", ["."], undefined, undefined]);
  });

  it("of paths and ready follow path and protocol", () => {
    const http = withService("repo: a/b", "protocol: http", "path: ./x/", "local: { start: run }");
    const grpc = withService("repo: a/b", "protocol: grpc", "grpcServices: [a.A]", "local: { start: run }");
    assert.deepEqual(configOf(http).services.get("api")?.paths, ["x"]);
    assert.deepEqual(configOf(http).services.get("api")?.local?.ready, { kind: "http", path: "/readyz" });
    assert.deepEqual(configOf(grpc).services.get("api")?.local?.ready, { kind: "grpc" });
  });

  it("of maxReplicas is never under replicas", () => {
    assert.equal(configOf(`${LEAST}canary: { replicas: 5 }\n`).canary.maxReplicas, 5);
  });

  it("of environmentRepo is the services' repository, and none where they have several", () => {
    assert.equal(configOf(LEAST).cluster.environmentRepo, "acme/shop");
    assert.equal(configOf(LEAST.replace("acme/shop", "acme/api")).cluster.environmentRepo, undefined);
  });

  it("leave a number that needs no quotes as the quantity that it is", () => {
    assert.deepEqual(configOf(`${LEAST}canary: { quota: { cpu: 0.5, memory: 1048576 } }\n`).canary.quota, {
      cpu: "0.5",
      memory: "1048576",
    });
  });
});

test("every valid file normalises to a complete config, with its services in the order of the file", () => {
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const folder = fc.constantFrom(".", "a", "./a/b/", "services/x-1", "a.b/c");
  const local = fc.record(
    {
      start: fc.constantFrom("node x.js", "make run"),
      install: fc.constant("npm ci --omit=dev --omit=optional --prefer-offline"),
      build: fc.constant("npm run build"),
      env: fc.dictionary(
        fc.constantFrom("A", "B_1"),
        fc.string().filter((text) => !text.includes("\0")),
      ),
      readyTimeout: fc.constantFrom("1ms", "5s", "1h"),
      stopTimeout: fc.constantFrom("1ms", "5s", "1h"),
    },
    { requiredKeys: ["start"] },
  );
  const service = fc.record(
    {
      repo: fc.constantFrom("acme/shop", "a/b.c"),
      protocol: fc.constant("http"),
      path: folder,
      paths: fc.uniqueArray(folder, { minLength: 1 }),
      database: fc.constant("dynamodb"),
      local,
    },
    { requiredKeys: ["repo", "protocol"] },
  );
  const file = fc.record({
    services: fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/), service), {
      minLength: 1,
      selector: ([name]) => name,
    }),
    mesh: some(fc.constantFrom("none", "linkerd")),
    registry: some(fc.constantFrom("ghcr.io/acme", "localhost:5000", "registry.example.com:443/a/b-c_d")),
    canary: some(fc.record({ ttl: fc.constant("30d"), replicas: fc.integer({ min: 1, max: 100 }) })),
  });
  fc.assert(
    fc.property(file, ({ services, ...rest }) => {
      // JSON is YAML, and leaves out what is undefined.
      const written = {
        apiVersion: "perch.dev/v1",
        project: "p",
        services: Object.fromEntries(services),
        ...rest,
      };
      const config = configOf(JSON.stringify(written));
      assert.deepEqual(
        [...config.services.keys()],
        services.map(([name]) => name),
      );
      assert.deepEqual(Object.keys(config.canary), Object.keys(DEFAULT_CANARY));
      assert.ok(config.canary.maxReplicas >= config.canary.replicas);
      for (const { paths, path, local } of config.services.values()) {
        assert.ok(paths.length > 0 && !path.endsWith("/"));
        if (local !== undefined) assert.ok(local.readyTimeout > 0 && local.stopTimeout > 0);
      }
    }),
  );
});
