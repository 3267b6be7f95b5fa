import { type Config, type KubernetesObject, parseConfig } from "@perch/core";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import type { ManifestFile } from "../../src/manifests/file.ts";
import { type Project, projectOf } from "../../src/manifests/project.ts";

/** A config from data; the text of perch.yaml may be JSON. */
export function configOf(written: object): Config {
  const result = parseConfig(JSON.stringify({ apiVersion: "perch.dev/v1", project: "shop", ...written }));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

/** Two services of one repository, which also is the environment's. */
export function shopProject(more: object = {}): Project {
  return projectOf(configOf({ registry: "ghcr.io/acme", services: SHOP, ...more }));
}

const SHOP = {
  api: {
    repo: "acme/shop",
    path: "services/api",
    protocol: "http",
    edge: "/",
    calls: { STORE_ADDR: "store" },
  },
  store: {
    repo: "acme/shop",
    path: "services/store",
    protocol: "grpc",
    grpcServices: ["store.v1.StoreService"],
    secrets: { STORE_KEY: "shop/store/key" },
  },
};

/** Two service repositories and the environment's own. */
export function manyRepositories(more: object = {}): Project {
  const { store, api } = SHOP;
  const services = { api: { ...api, repo: "acme/api" }, store: { ...store, repo: "acme/store", path: "." } };
  return shopProject({ services, cluster: { environmentRepo: "acme/env" }, ...more });
}

/** The objects of one file. */
export function objectsOf({ text }: Pick<ManifestFile, "text">): KubernetesObject[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join("\n"));
    return document.toJS();
  });
}

/** The spec of an object that must be there. */
export function specOf<T>(object: KubernetesObject | undefined): T {
  if (object === undefined) throw new Error("There is no such object.");
  return object.spec as T;
}

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,10}[a-z0-9])?$/);
/** No service is called like the folder of what they share. */
const serviceName = label.filter((name) => name !== "common");
const repo = fc
  .stringMatching(/^[A-Za-z0-9]{1,6}\/[A-Za-z0-9][A-Za-z0-9._-]{0,8}[A-Za-z0-9_-]$/)
  .filter((name) => !name.endsWith(".git"));
const path = fc.stringMatching(/^(?:\.|[a-z]{1,6}(?:\/[a-z]{1,6})?)$/);
const variable = fc.stringMatching(/^X_[A-Z]{1,6}$/);
const host = fc.stringMatching(/^[a-z]{1,8}(?:\.[a-z]{2,8}){0,2}$/);

const service = fc.record(
  {
    repo,
    path,
    protocol: fc.constantFrom("http", "grpc"),
    port: fc.integer({ min: 1, max: 65_535 }),
    secrets: fc.dictionary(variable, fc.stringMatching(/^[!-~]{1,20}$/), { maxKeys: 2 }),
    isAtEdge: fc.boolean(),
    grpc: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}\.v1\.[A-Z][a-z]{1,5}$/), {
      minLength: 1,
      maxLength: 20,
    }),
  },
  { requiredKeys: ["repo", "protocol", "isAtEdge", "grpc"] },
);

const everything = fc.record({
  project: label,
  mesh: fc.constantFrom("linkerd", "none"),
  registry: fc.constantFrom("ghcr.io/acme", "localhost:5000", "registry.example.com:443/a/b"),
  edge: fc.record(
    {
      host,
      entryPoints: fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,10}$/), { minLength: 1, maxLength: 3 }),
      tls: fc.boolean(),
      middlewares: fc.uniqueArray(fc.stringMatching(/^(?:[a-z]{1,5}\/)?[a-z]{1,5}$/), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
  cluster: fc.record(
    {
      namespace: label,
      environmentRepo: fc.constant("acme/env"),
      branch: fc.constantFrom("main", "release/1.x"),
      github: fc.constantFrom("https://github.com", "http://10.0.0.1:8080", "https://github.example.com"),
      githubAuth: fc.constantFrom("token", "app"),
      imagePullSecret: label,
      restartAccount: fc.constant("ci/perch-restart"),
      egress: fc.constantFrom([], ["10.0.0.0/8"]),
    },
    { requiredKeys: ["environmentRepo"] },
  ),
  names: fc.uniqueArray(fc.tuple(serviceName, service), {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name,
  }),
});

/** Any config that a cluster can be made from. */
export const anyConfig: fc.Arbitrary<Config> = everything.map(({ names, ...rest }) => {
  const known = names.map(([name]) => name);
  const services = names.map(([name, { isAtEdge, grpc, ...one }], index) => {
    const isHttp = one.protocol === "http";
    const callee = known[(index + 1) % known.length];
    const calls = index % 2 === 0 && callee !== name ? { NEXT_ADDR: callee } : {};
    const own = isHttp ? (isAtEdge ? { edge: index === 0 ? "/" : `/${name}` } : {}) : { grpcServices: grpc };
    return [name, { ...one, ...own, calls }];
  });
  return configOf({
    ...rest,
    services: Object.fromEntries(oneSpelling(services as [string, { repo: string }][])),
  });
});

/** Repositories that differ only in case are refused. */
function oneSpelling(services: [string, { repo: string }][]): [string, object][] {
  const spellings = new Map<string, string>();
  return services.map(([name, one]) => {
    const key = one.repo.toLowerCase();
    spellings.set(key, spellings.get(key) ?? one.repo);
    return [name, { ...one, repo: spellings.get(key) }];
  });
}
