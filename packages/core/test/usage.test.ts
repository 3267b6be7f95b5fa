import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  crowdProblem,
  diff,
  diskProblem,
  type Instance,
  isExpired,
  isProbe,
  type Plan,
  plan,
  resolve,
  routeTable,
  type Usage,
} from "@perch/core";
import { parseSelector } from "@perch/header";
import { commit, instance, observed, pullRequest, shop } from "./support.ts";

const CONFIG = shop("canary: { idle: 1s, ttl: 10s }");
const ofPr = pullRequest(7, commit("b"), ["services/api/x"]);
const apiOnly = (whole: Plan): Plan => ({
  ...whole,
  variants: whole.variants.filter(({ variant }) => variant.service === "api"),
});
const wanted = apiOnly(plan(CONFIG, [observed(commit("a"), ofPr)]));
const NAME = "api-canary-pr-7";

const canary = (change: Partial<Instance> = {}) =>
  instance({ variant: { service: "api", pr: 7 }, commit: commit("b"), since: 0, ...change });
const usage = (change: Partial<Usage> = {}): Usage => ({
  idle: 1_000,
  most: 50,
  lastUsed: new Map(),
  busy: new Set(),
  awaited: new Set(),
  ...change,
});
const kinds = (instances: readonly Instance[], now: number, of: Usage) =>
  diff(wanted, instances, now, of).map((action) => action.kind);

describe("more canaries than may run at once", () => {
  const config = shop("canary: { idle: 1h, maxRunning: 2 }");
  const numbers = [1, 2, 3, 4];
  const open = apiOnly(
    plan(config, [
      observed(commit("a"), ...numbers.map((pr) => pullRequest(pr, commit(`${pr}`), ["services/api/x"]))),
    ]),
  );
  const ready = (pr: number, change: Partial<Instance> = {}) =>
    instance({
      id: `api-${pr}`,
      variant: { service: "api", pr },
      commit: commit(`${pr}`),
      since: pr,
      ...change,
    });
  const all = [instance({ since: 0 }), ...numbers.map((pr) => ready(pr))];
  const asleep = (instances: readonly Instance[], change: Partial<Usage> = {}) =>
    diff(open, instances, 100, usage({ idle: 3_600_000, most: 2, ...change })).flatMap((action) =>
      action.kind === "sleep" ? [action.instance.variant.pr] : [],
    );

  it("let those sleep that nobody used for longest, and never stable", () => {
    assert.deepEqual(asleep(all), [1, 2]);
    assert.deepEqual(asleep(all, { lastUsed: new Map([["api-canary-pr-1", 50]]) }), [2, 3]);
    assert.deepEqual(asleep(all.slice(0, 3)), []);
  });

  it("leave alone who is in use, waited for or only starts, even if there are too many for a while", () => {
    const busy = new Set(["api-canary-pr-1", "api-canary-pr-2"]);
    assert.deepEqual(asleep(all, { busy }), [3, 4]);
    assert.deepEqual(asleep(all, { busy, awaited: new Set(["api-canary-pr-3"]) }), [4]);
    const starting = all.map((one) =>
      one.variant.pr === undefined ? one : { ...one, state: "starting" as const },
    );
    assert.deepEqual(asleep(starting), []);
  });

  it("are one while a new revision starts: neither makes room for the other", () => {
    const [stable, one, two] = all;
    if (stable === undefined || one === undefined || two === undefined) assert.fail();
    const newer = ready(2, { id: "api-2-newer", commit: commit("f"), state: "starting" });
    assert.deepEqual(asleep([stable, one, two, newer]), []);
    assert.deepEqual(asleep([stable, one, two, newer, ready(3)]), [1]);
  });

  it("are a problem only while some wait for a place, and nobody makes room", () => {
    const of = (change: Partial<Usage>) => usage({ idle: 3_600_000, most: 2, ...change });
    const busy = new Set(["api-canary-pr-1", "api-canary-pr-2"]);
    const waits = [...all.slice(0, 3), ready(3, { state: "starting" })];
    assert.equal(crowdProblem(waits, of({})), undefined, "one makes room");
    assert.equal(crowdProblem(all.slice(0, 3), of({ busy })), undefined, "all have a place");
    const problem = crowdProblem(waits, of({ busy }));
    assert.equal(problem?.code, "CANARIES_WAIT");
    assert.match(problem?.message ?? "", /^1 canary waits for a place: `canary.maxRunning` is 2/);
  });

  it("make room for one that is woken", () => {
    const [stable, one, two] = all;
    if (stable === undefined || one === undefined || two === undefined) assert.fail();
    const waking = ready(3, { state: "sleeping" });
    assert.deepEqual(asleep([stable, one, two, waking]), []);
    assert.deepEqual(asleep([stable, one, two, waking], { awaited: new Set(["api-canary-pr-3"]) }), [1]);
  });

  it("are counted after what closes or sleeps anyway", () => {
    const closed = ready(9);
    assert.deepEqual(asleep([...all.slice(0, 3), closed]), []);
  });
});

describe("a canary that is not used", () => {
  it("sleeps when its time is over, and not a moment before; stable never does", () => {
    const all = [instance({ since: 0 }), canary()];
    assert.deepEqual(kinds(all, 999, usage()), []);
    assert.deepEqual(kinds(all, 1_000, usage()), ["sleep"]);
    assert.deepEqual(kinds(all, 1_000_000, usage()), ["sleep"]);
  });

  it("is kept awake by a request that is under way, that ended just now, or that waits", () => {
    const all = [instance(), canary()];
    const used = [
      { busy: new Set([NAME]) },
      { awaited: new Set([NAME]) },
      { lastUsed: new Map([[NAME, 4_500]]) },
    ];
    for (const change of used) assert.deepEqual(kinds(all, 5_000, usage(change)), []);
  });

  it("sleeps also when the clock went back since it was ready or used: it would else stay awake for as long", () => {
    const all = [instance(), canary({ since: 90_000 })];
    assert.deepEqual(kinds(all, 5_000, usage({ lastUsed: new Map([[NAME, 95_000]]) })), ["sleep"]);
    assert.deepEqual(kinds(all, 5_000, usage({ lastUsed: new Map([[NAME, 4_500]]) })), []);
  });

  it("wakes when somebody waits for it, and only then", () => {
    const all = [instance(), canary({ state: "sleeping" })];
    assert.deepEqual(kinds(all, 5_000, usage()), []);
    assert.deepEqual(kinds(all, 5_000, usage({ awaited: new Set([NAME]) })), ["wake"]);
  });

  it("is a route that wakes it, while it sleeps and while it wakes, and no route to stable", () => {
    for (const change of [{ state: "sleeping" }, { state: "starting", waking: true }] as const) {
      const table = routeTable(CONFIG, wanted, [instance(), canary(change)], []);
      const api = table.services.get("api");
      assert.ok(api !== undefined);
      const decision = resolve(api, parseSelector(["7"]));
      assert.equal(decision.kind === "unavailable" && decision.holds, true);
    }
  });

  it("is a route that holds requests, while what died is started again, but not for ever; stable too", () => {
    const died = {
      code: "EXITED",
      message: "It ended.",
      hint: "",
      fault: "user",
      at: 0,
      logTail: [],
    } as const;
    const isHeld = (change: Partial<Instance>) => {
      const table = routeTable(CONFIG, wanted, [instance(change), canary(change)], []);
      const { stable, canaries } = table.services.get("api") ?? {};
      const held = [stable, canaries?.get(7)].map((one) => one?.kind === "unready" && one.holds === true);
      assert.equal(held[0], held[1]);
      return held[0];
    };
    assert.equal(isHeld({ state: "failed", failure: died }), true);
    assert.equal(isHeld({ state: "starting", failure: died, restarts: 1 }), true);
    assert.equal(isHeld({ state: "failed", failure: died, restarts: 3 }), false);
    assert.equal(isHeld({ state: "failed", failure: { ...died, code: "START_TIMEOUT" } }), false);
    assert.equal(isHeld({ state: "starting" }), false);
  });

  it("stays usable while its new head is built, and is replaced by one that sleeps", () => {
    const old = canary({ commit: commit("c"), state: "sleeping" });
    assert.deepEqual(kinds([instance(), old, canary({ state: "building" })], 0, usage()), []);
    assert.deepEqual(kinds([instance(), old, canary({ state: "sleeping" })], 0, usage()), ["remove"]);
  });
});

describe("canary.ttl", () => {
  it("counts from the last use or push, and a new commit begins anew", () => {
    const last = { commit: commit("b"), at: 1_000 };
    assert.equal(isExpired(CONFIG, commit("b"), last, 10_999), false);
    assert.equal(isExpired(CONFIG, commit("b"), last, 11_000), true);
    assert.equal(isExpired(CONFIG, commit("c"), last, 11_000), false);
    assert.equal(isExpired(CONFIG, commit("b"), undefined, 11_000), false);
  });

  it("takes the canaries of a pull request away and says so, and makes room for another", () => {
    const config = shop("canary: { maxOpen: 1 }");
    const older = pullRequest(6, commit("c"), ["services/api/x"]);
    const planned = plan(config, [observed(commit("a"), older, ofPr)], ({ variant }) => variant.pr === 7);
    const [six, seven] = planned.pullRequests;
    assert.deepEqual(six?.services, ["api"]);
    assert.match(seven?.skipped ?? "", /canary\.ttl/);
  });
});

describe("a source that has not answered yet", () => {
  it("closes nothing that an earlier engine left", () => {
    const unseen = plan(CONFIG, []);
    assert.deepEqual(diff(unseen, [instance(), canary()], 0), []);
    const other = canary({ repo: "acme/gone" });
    assert.deepEqual(
      diff(unseen, [other], 0).map(({ kind }) => kind),
      ["remove"],
    );
  });
});

describe("a probe", () => {
  it("is a GET or HEAD of the service's own path of readiness, or of a usual one", () => {
    assert.equal(isProbe("GET", "/ready", "/ready"), true);
    assert.equal(isProbe("HEAD", "/healthz", undefined), true);
    assert.equal(isProbe("GET", "/metrics", "/ready"), true);
    assert.equal(isProbe("POST", "/ready", "/ready"), false);
    assert.equal(isProbe("GET", "/", "/ready"), false);
    assert.equal(isProbe("GET", "/metrics/a", "/ready"), false);
  });
});

describe("a disk", () => {
  const gib = 2 ** 30;
  const space = { free: 50 * gib, total: 100 * gib, files: 1_000_000, filesFree: 500_000 };
  it("is nearly full when less than a GiB is free, on a small one less than a tenth, or when it holds no more files", () => {
    assert.equal(diskProblem("/d", space), undefined);
    assert.equal(diskProblem("/d", { ...space, free: gib - 1 })?.code, "DISK_NEARLY_FULL");
    assert.equal(diskProblem("/d", { ...space, total: gib, free: 0.2 * gib }), undefined);
    assert.match(diskProblem("/d", { ...space, total: gib, free: 0.05 * gib })?.message ?? "", /51 MiB/);
    assert.match(diskProblem("/d", { ...space, filesFree: 100 })?.message ?? "", /100 files/);
    assert.equal(diskProblem("/d", { ...space, files: 0, filesFree: 0 }), undefined, "files are not counted");
  });
});
