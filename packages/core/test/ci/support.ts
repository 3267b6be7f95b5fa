import assert from "node:assert/strict";
import { type CiDeployment, type CiPullRequest, type Config, PerchError, parseConfig } from "@perch/core";

export const HEAD = "0123456789abcdef0123456789abcdef01234567";
export const EARLIER = "fedcba9876543210fedcba9876543210fedcba98";

const SERVICES = {
  api: { repo: "acme/shop", path: "services/api", protocol: "http", edge: "/" },
  store: {
    repo: "acme/shop",
    path: "services/store",
    protocol: "grpc",
    grpcServices: ["store.v1.StoreService"],
  },
};

/** A config of some services; perch.yaml may be JSON. */
export function config(services: object = SERVICES, more: object = {}): Config {
  const written = {
    apiVersion: "perch.dev/v1",
    project: "shop",
    registry: "ghcr.io/acme",
    edge: { host: "dev.example.com", tls: true },
    cluster: { environmentRepo: "acme/env" },
    services,
    ...more,
  };
  const result = parseConfig(JSON.stringify(written));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

/** One service, and what differs from the usual. */
export function service(path: string, more: object = {}): object {
  return { repo: "acme/shop", path, protocol: "http", ...more };
}

export function pullRequest(more: Partial<CiPullRequest> = {}): CiPullRequest {
  return { repo: "acme/shop", number: 7, head: HEAD, isOpen: true, isTrusted: true, labels: [], ...more };
}

export function deployment(id: number, state: string, more: Partial<CiDeployment> = {}): CiDeployment {
  const status = { state, description: "", environmentUrl: "", logUrl: "" };
  return { id, sha: HEAD, environment: "api-canary-pr-7", createdAt: 0, status, ...more };
}

/** Asserts that it is refused with that code, in words that fit. */
export function refuses(work: () => unknown, code: string, message: RegExp): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof PerchError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.notEqual(error.hint, "");
    return true;
  });
}
