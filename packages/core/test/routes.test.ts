import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explain, type Instance, plan, resolveEdge, routeTable } from "@perch/core";
import { parseSelector } from "@perch/header";
import { commit, instance, observed, pullRequest, shop } from "./support.ts";

const config = shop();
const wanted = plan(config, [observed(commit("a"), pullRequest(7, commit("b"), ["services/api/x"]))]);
const table = (...instances: Instance[]) => routeTable(config, wanted, instances, ["localhost"]);
const canary = (change: Partial<Instance>) =>
  instance({ variant: { service: "api", pr: 7 }, commit: commit("b"), address: "127.0.0.1:5000", ...change });

function addressOf(routes: ReturnType<typeof table>, selector?: string): string {
  const selectorLines = selector === undefined ? [] : [selector];
  const answer = resolveEdge(routes, { host: "localhost", path: "/", selectorLines });
  if (answer.kind !== "service") return answer.kind;
  return answer.decision.kind === "backend"
    ? answer.decision.backend.address
    : `503 ${answer.decision.state}`;
}

describe("routeTable", () => {
  it("has a route for a canary from the moment that it is wanted, so that it never falls to stable", () => {
    assert.equal(addressOf(table(instance()), "7"), "503 queued");
  });

  it("keeps the old revision serving while a newer one is on its way or failed", () => {
    const old = canary({ commit: commit("c"), address: "127.0.0.1:5001" });
    assert.equal(addressOf(table(instance(), old, canary({ state: "building" })), "7"), "127.0.0.1:5001");
    assert.equal(addressOf(table(instance(), old, canary({ state: "failed" })), "7"), "127.0.0.1:5001");
  });

  it("switches to the wanted revision once it is ready", () => {
    const old = canary({ commit: commit("c"), address: "127.0.0.1:5001", since: 9_999 });
    assert.equal(addressOf(table(instance(), old, canary({})), "7"), "127.0.0.1:5000");
  });

  it("never routes to what drains", () => {
    assert.equal(addressOf(table(instance(), canary({ state: "draining" })), "7"), "503 queued");
  });

  it("says what has never served yet, and may: not what failed, died or sleeps", () => {
    const isComing = (change: Partial<Instance>) => {
      const found = table(instance(), canary(change)).services.get("api")?.canaries.get(7);
      return found?.kind === "unready" && found.isComing === true;
    };
    assert.equal(table().services.get("api")?.canaries.get(7)?.kind, "unready");
    const states = ["queued", "preparing", "installing", "building", "starting"] as const;
    assert.ok(states.every((state) => isComing({ state })));
    const failure = {
      code: "START_TIMEOUT",
      message: "It was not ready in time.",
      hint: "",
      fault: "user",
      at: 1,
    } as const;
    assert.equal(isComing({ state: "failed", failure: { ...failure, logTail: [] } }), false);
    assert.equal(
      isComing({ state: "starting", failure: { ...failure, code: "EXITED", logTail: [] } }),
      false,
    );
    assert.equal(isComing({ state: "starting", restarts: 4 }), false);
    assert.equal(isComing({ state: "sleeping" }), false);
    assert.equal(isComing({ state: "starting", waking: true }), false);
  });

  it("is an error for stable too while nothing serves it", () => {
    assert.equal(addressOf(table()), "503 queued");
    assert.equal(addressOf(routeTable(config, plan(config, []), [], [])), "503 unknown");
  });
});

describe("explain", () => {
  it("says for each service which backend, by which rule, and why not another", () => {
    const routes = table(
      instance(),
      canary({}),
      instance({ variant: { service: "store" }, address: "127.0.0.1:4001" }),
    );
    const [api, store] = explain(routes, parseSelector("7"));
    assert.equal(api?.decision.kind === "backend" && api.decision.backend.pr, 7);
    assert.match(api?.because ?? "", /asks for this canary/);
    assert.deepEqual(
      api?.others.map(({ variant }) => variant),
      ["stable"],
    );
    assert.equal(store?.decision.rule, "no-canary");
    assert.match(store?.because ?? "", /no canary of that pull request/);
  });

  it("names the state of a canary that cannot serve", () => {
    const [api] = explain(table(instance(), canary({ state: "building" })), parseSelector("api=7"));
    assert.match(api?.because ?? "", /PR 7 is building/);
  });
});
