import {
  type Config,
  type Instance,
  type PullRequest,
  parseConfig,
  type RepositoryObservation,
} from "@perch/core";

/** A commit of which every digit is known: `commit("a")` is forty times a. */
export function commit(digit: string): string {
  return digit.repeat(40);
}

/** Two services of one repository; `more` is put under `canary:`. */
export function shop(more = ""): Config {
  const text = `
apiVersion: perch.dev/v1
project: shop
services:
  api:
    repo: acme/shop
    path: services/api
    paths: [services/api, packages/header]
    protocol: http
    edge: /
    calls: { STORE_ADDR: store }
    local: { start: node main.js, ready: /readyz }
  store:
    repo: acme/shop
    path: services/store
    protocol: grpc
    grpcServices: [store.v1.StoreService]
    database: dynamodb
    local: { start: node main.js, ready: grpc, env: { STORE_SEED: "true" } }
${more}`;
  const result = parseConfig(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

export function pullRequest(number: number, head: string, changedPaths: readonly string[]): PullRequest {
  return { repo: "acme/shop", number, head, title: `Change ${number}`, changedPaths };
}

export function observed(stableHead: string, ...pullRequests: PullRequest[]): RepositoryObservation {
  return { repo: "acme/shop", stableHead, pullRequests };
}

/** A ready instance of stable `api`, but for what is given. */
export function instance(change: Partial<Instance> = {}): Instance {
  const head = change.commit ?? commit("a");
  const base: Instance = {
    id: `instance-${head.slice(0, 4)}`,
    variant: { service: "api" },
    repo: "acme/shop",
    commit: head,
    revision: head.slice(0, 12),
    state: "ready",
    since: 1_000,
    address: "127.0.0.1:4000",
    restarts: 0,
  };
  return { ...base, ...change };
}
