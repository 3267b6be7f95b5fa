import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Action,
  diff,
  type Instance,
  type InstanceState,
  type Plan,
  plan,
  retryDelay,
  variantName,
} from "@perch/core";
import fc from "fast-check";
import { commit, instance, observed, pullRequest, shop } from "./support.ts";

/** `api` alone is stable at a; PR 7 of it is wanted at `head`. */
function apiPlan(head?: string): Plan {
  const prs = head === undefined ? [] : [pullRequest(7, head, ["services/api/x"])];
  const whole = plan(shop(), [observed(commit("a"), ...prs)]);
  return { ...whole, variants: whole.variants.filter(({ variant }) => variant.service === "api") };
}

const canary = (change: Partial<Instance>) => instance({ variant: { service: "api", pr: 7 }, ...change });

const words = (actions: readonly Action[]) =>
  actions.map((action) => {
    if (action.kind === "start")
      return `start ${variantName(action.desired.variant)}@${action.desired.revision[0]}`;
    const { variant, revision } = action.instance;
    return `${action.kind} ${variantName(variant)}@${revision[0]}${action.kind === "remove" ? ` ${action.reason}` : ""}`;
  });

describe("diff", () => {
  it("starts what is wanted and does not run", () => {
    assert.deepEqual(words(diff(apiPlan(commit("b")), [], 0)), ["start api@a", "start api-canary-pr-7@b"]);
  });

  it("does nothing when all that is wanted runs", () => {
    assert.deepEqual(diff(apiPlan(), [instance()], 0), []);
  });

  it("starts a new head beside the old one, which goes on serving", () => {
    const old = canary({ commit: commit("b") });
    assert.deepEqual(words(diff(apiPlan(commit("c")), [instance(), old], 0)), ["start api-canary-pr-7@c"]);
  });

  it("removes the old one only when the new one is ready", () => {
    const old = canary({ commit: commit("b") });
    const next = (state: InstanceState) => canary({ commit: commit("c"), state });
    assert.deepEqual(diff(apiPlan(commit("c")), [instance(), old, next("building")], 0), []);
    assert.deepEqual(words(diff(apiPlan(commit("c")), [instance(), old, next("ready")], 0)), [
      "remove api-canary-pr-7@b superseded",
    ]);
  });

  it("keeps the old one when the new one fails", () => {
    const old = canary({ commit: commit("b") });
    const next = canary({ commit: commit("c"), state: "failed", retryAt: 500 });
    assert.deepEqual(diff(apiPlan(commit("c")), [instance(), old, next], 499), []);
  });

  it("starts a failed one again once its back-off is over", () => {
    const failed = canary({ commit: commit("b"), state: "failed", retryAt: 500 });
    assert.deepEqual(words(diff(apiPlan(commit("b")), [instance(), failed], 500)), [
      "restart api-canary-pr-7@b",
    ]);
  });

  it("starts a failed one again also when the clock went back meanwhile, however far", () => {
    const failed = canary({ commit: commit("b"), state: "failed", retryAt: 86_400_500 });
    assert.deepEqual(words(diff(apiPlan(commit("b")), [instance(), failed], 500)), [
      "restart api-canary-pr-7@b",
    ]);
    const waits = canary({ commit: commit("b"), state: "failed", retryAt: 600_500 });
    assert.deepEqual(words(diff(apiPlan(commit("b")), [instance(), waits], 500)), []);
  });

  it("drops a build that is overtaken by a newer head", () => {
    const overtaken = canary({ commit: commit("c"), state: "building" });
    const old = canary({ commit: commit("b") });
    assert.deepEqual(words(diff(apiPlan(commit("d")), [instance(), old, overtaken], 0)), [
      "remove api-canary-pr-7@c superseded",
      "start api-canary-pr-7@d",
    ]);
  });

  it("goes back to an earlier commit that still serves, without a new start", () => {
    const old = canary({ commit: commit("b") });
    const next = canary({ commit: commit("c"), state: "starting" });
    assert.deepEqual(words(diff(apiPlan(commit("b")), [instance(), old, next], 0)), [
      "remove api-canary-pr-7@c superseded",
    ]);
  });

  it("starts anew what is wanted again while its earlier instance drains", () => {
    const draining = canary({ commit: commit("b"), state: "draining" });
    assert.deepEqual(words(diff(apiPlan(commit("b")), [instance(), draining], 0)), [
      "start api-canary-pr-7@b",
    ]);
  });

  it("removes a closed pull request's canary, whatever its state", () => {
    for (const state of ["queued", "building", "starting", "ready", "failed"] as const) {
      const closed = canary({ commit: commit("b"), state });
      assert.deepEqual(words(diff(apiPlan(), [instance(), closed], 0)), ["remove api-canary-pr-7@b closed"]);
    }
  });

  it("converges: simulated to the end, exactly what is wanted runs, and something ready never gives way to nothing", () => {
    const states = fc.constantFrom<InstanceState>(
      "queued",
      "building",
      "starting",
      "ready",
      "failed",
      "draining",
    );
    const anyInstance = fc.record({
      commit: fc.constantFrom(commit("b"), commit("c"), commit("d")),
      state: states,
    });
    fc.assert(
      fc.property(fc.array(anyInstance, { maxLength: 5 }), fc.boolean(), (rest, wantsCanary) => {
        const wanted = apiPlan(wantsCanary ? commit("b") : undefined);
        const start = [
          instance(),
          ...rest.map((one, i) => canary({ ...one, id: `i${i}`, since: i, retryAt: 0 })),
        ];
        const end = simulate(wanted, uniqueCommits(start));
        const expected = wantsCanary ? ["api@a", "api-canary-pr-7@b"] : ["api@a"];
        assert.deepEqual(
          end.map(({ variant, revision }) => `${variantName(variant)}@${revision[0]}`).sort(),
          expected.sort(),
        );
      }),
    );
  });
});

/** The supervisor never runs two instances of one commit of a variant that are not on their way out. */
function uniqueCommits(instances: readonly Instance[]): Instance[] {
  const seen = new Set<string>();
  return instances.filter(({ variant, commit: head, state }) => {
    const key = `${variantName(variant)} ${head}`;
    if (state !== "draining" && seen.has(key)) return false;
    if (state !== "draining") seen.add(key);
    return true;
  });
}

/** Applies rounds of actions, with every start successful, until nothing changes any more. */
function simulate(wanted: Plan, start: readonly Instance[]): Instance[] {
  let instances = [...start];
  for (let round = 0; round < 10; round += 1) {
    const servedBefore = instances.some(({ variant, state }) => variant.pr === 7 && state === "ready");
    const actions = diff(wanted, instances, 1_000);
    instances = instances.filter(({ state }) => state !== "draining");
    for (const action of actions) instances = applied(instances, action, round);
    const canaryWanted = wanted.variants.length > 1;
    const serves = instances.some(({ variant, state }) => variant.pr === 7 && state === "ready");
    if (servedBefore && canaryWanted)
      assert.ok(serves, "a canary that served was taken away before another was ready");
    instances = instances.map((one) =>
      one.state === "failed" || one.state === "draining" ? one : { ...one, state: "ready" },
    );
  }
  return instances.filter(({ state }) => state === "ready");
}

function applied(instances: readonly Instance[], action: Action, round: number): Instance[] {
  if (action.kind === "start") {
    const { variant, commit: head } = action.desired;
    return [
      ...instances,
      instance({ variant, commit: head, id: `new-${round}`, state: "queued", since: 100 + round }),
    ];
  }
  const { id } = action.instance;
  const state = action.kind === "restart" ? "queued" : "draining";
  return instances.map((one) => (one.id === id ? { ...one, state } : one));
}

describe("retryDelay", () => {
  it("doubles, is bounded, and is short for a process that dies", () => {
    assert.deepEqual(
      [0, 1, 2].map((restarts) => retryDelay("EXITED", restarts)),
      [500, 1_000, 2_000],
    );
    assert.equal(retryDelay("EXITED", 1_000), 60_000);
  });

  it("is longer for a build that fails", () => {
    assert.deepEqual(
      [0, 1].map((restarts) => retryDelay("BUILD_FAILED", restarts)),
      [15_000, 30_000],
    );
    assert.equal(retryDelay("INSTALL_FAILED", 1_000), 600_000);
  });
});
