import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiBudget } from "@perch/core";
import { config, service } from "./support.ts";

const quiet = { open: 10, events: 0, pushes: 0 };

function argo(traffic = quiet, limit = 5_000, services?: object) {
  return apiBudget(config(services), traffic, limit).tokens.find(({ token }) => token === "Argo CD");
}

describe("the budget of API requests", () => {
  it("has a listing at every poll and every webhook, of each repository, page by page", () => {
    assert.equal(argo()?.requests, 60);
    assert.equal(argo({ ...quiet, open: 101 })?.requests, 120);
    assert.equal(argo({ ...quiet, open: 250, events: 100 })?.requests, 3 * 160);
    assert.equal(argo({ open: 0, events: 0, pushes: 0 })?.requests, 60);
    const two = { api: service("a"), web: { ...service("w"), repo: "acme/web" } };
    assert.equal(argo(quiet, 5_000, two)?.requests, 120);
  });

  it("warns from four fifths of the limit, and says when it is over", () => {
    assert.equal(argo(quiet, 76)?.level, "ok");
    assert.equal(argo(quiet, 75)?.level, "near");
    assert.equal(argo(quiet, 60)?.level, "near");
    assert.equal(argo(quiet, 59)?.level, "over");
  });

  it("counts a workflow's own token for each repository, against its own limit", () => {
    const { tokens } = apiBudget(config(), { ...quiet, pushes: 10 }, 15_000);
    const own = tokens.find(({ token }) => token === "GITHUB_TOKEN of acme/shop");
    assert.equal(own?.limit, 1_000);
    assert.ok((own?.requests ?? 0) > 0);
  });
});
