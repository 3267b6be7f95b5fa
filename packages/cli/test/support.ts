import type { Status, VariantStatus } from "@perch/core";

/** A variant that is ready, but for what is given. */
export function variant(change: Partial<VariantStatus> & { service: string }): VariantStatus {
  return {
    state: "ready",
    since: 1_000,
    revision: "aaaaaaaaaaaa",
    restarts: 0,
    address: "127.0.0.1:4000",
    ...change,
  };
}

/** A settled shop: api with canary 2, store with canary 1. */
export function shopStatus(change: Partial<Status> = {}): Status {
  const canary = (service: string, pr: number) =>
    variant({ service, pr, selector: String(pr), shareLink: `http://pr-${pr}.localhost:8080/` });
  return {
    project: "shop",
    engine: { version: "0", pid: 42, startedAt: 0, stateDir: "/s" },
    edge: {
      url: "http://localhost:8080",
      listening: ["127.0.0.1:8080"],
      secure: false,
      tryPath: "/api/items",
    },
    sources: [{ repo: "acme/shop", remote: "origin", lastSeen: 1 }],
    services: [
      {
        service: "api",
        protocol: "http",
        edge: "/",
        stable: variant({ service: "api" }),
        canaries: [canary("api", 2)],
      },
      {
        service: "store",
        protocol: "grpc",
        stable: variant({ service: "store" }),
        canaries: [canary("store", 1)],
      },
    ],
    pullRequests: [
      {
        repo: "acme/shop",
        number: 3,
        head: "b",
        title: "Docs",
        services: [],
        skipped: "It changes no path.",
      },
    ],
    problems: [],
    settled: true,
    ...change,
  };
}
