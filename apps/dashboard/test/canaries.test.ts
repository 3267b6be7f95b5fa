import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Status, VariantStatus } from "@perch/core";
import { parseSelector } from "@perch/header";
import { canariesOf, findVariant, suggestions } from "../src/canaries.ts";

function canary(service: string, pr: number, selector: string): VariantStatus {
  return { service, pr, selector, state: "ready", since: 1, revision: "a", restarts: 0 };
}

function statusOf(canaries: readonly VariantStatus[]): Status {
  const services = ["api", "store"].map((service) => ({
    service,
    protocol: "http" as const,
    stable: { service, state: "ready" as const, since: 1, revision: "s", restarts: 0 },
    canaries: canaries.filter((one) => one.service === service),
  }));
  return {
    project: "shop",
    engine: { version: "0", pid: 1, startedAt: 0, stateDir: "/s" },
    edge: { url: "http://localhost:8080", listening: [], secure: false, tryPath: "/" },
    sources: [],
    services,
    pullRequests: [],
    problems: [],
    settled: true,
  };
}

describe("what there is to try", () => {
  it("is each pull request's selector once, and one that mixes two pull requests", () => {
    const status = statusOf([canary("api", 2, "2"), canary("store", 1, "1"), canary("store", 2, "2")]);
    assert.deepEqual(
      suggestions(status).map(({ selector }) => selector),
      ["2", "1"],
    );
    const mixed = suggestions(statusOf([canary("api", 2, "2"), canary("store", 1, "1")]));
    assert.deepEqual(mixed.at(-1), { selector: "api=2,store=1", what: "a canary of each" });
  });

  it("is the list form with several repositories, and always a valid selector", () => {
    const all = suggestions(statusOf([canary("api", 7, "api=7"), canary("store", 45, "store=45")]));
    assert.deepEqual(
      all.map(({ selector }) => selector),
      ["api=7", "store=45", "api=7,store=45"],
    );
    for (const { selector } of all) assert.equal(parseSelector([selector]).kind, "valid");
  });

  it("is nothing but stable without canaries", () => {
    assert.deepEqual(suggestions(statusOf([])), []);
  });
});

describe("canaries", () => {
  it("are found by pull request, and by service", () => {
    const status = statusOf([canary("api", 2, "2"), canary("store", 2, "2"), canary("store", 1, "1")]);
    const pullRequest = { repo: "a/b", number: 2, head: "", title: "", services: ["api", "store"] };
    assert.deepEqual(
      canariesOf(status, pullRequest).map(({ service }) => service),
      ["api", "store"],
    );
    assert.equal(findVariant(status, "store", 1)?.selector, "1");
    assert.equal(findVariant(status, "store", undefined)?.revision, "s");
    assert.equal(findVariant(status, "store", 9), undefined);
  });
});
