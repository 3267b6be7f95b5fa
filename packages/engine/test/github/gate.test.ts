import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  type GateOptions,
  revokeGateLabels,
  servicesLabelledByPeople,
  setGateLabels,
} from "../../src/github/index.ts";
import { CONFIG, configOf, HEAD, type Hub, labelsOf, NEXT, REPO, startHub } from "./support.ts";

let hub: Hub;

beforeEach(async () => {
  hub = await startHub();
});
afterEach(() => hub.close());

const set = (change: Partial<GateOptions> = {}, config = CONFIG) =>
  setGateLabels(hub.repository, config, {
    number: 7,
    head: HEAD,
    built: ["api"],
    isDryRun: false,
    ...change,
  });

describe("setting gate labels", () => {
  it("leaves exactly those of the services that were built, and every other label", async () => {
    await hub.control.label(REPO, 7, "bug");
    const first = await set({ built: ["api", "store"] });
    assert.deepEqual(first.add, ["canary/api", "canary/store"]);
    assert.deepEqual(await labelsOf(hub), ["bug", "canary/api", "canary/store"]);
    const second = await set({ built: ["api"] });
    assert.deepEqual([second.add, second.remove], [[], ["canary/store"]]);
    assert.deepEqual(await labelsOf(hub), ["bug", "canary/api"]);
  });

  it("does the same twice, and with runs at the same time", async () => {
    await Promise.all([set(), set(), set()]);
    const again = await set();
    assert.deepEqual([again.add, again.remove], [[], []]);
    assert.deepEqual(await labelsOf(hub), ["canary/api"]);
  });

  it("keeps what a person labelled", async () => {
    await hub.control.label(REPO, 7, "canary/store");
    await set();
    assert.deepEqual(await labelsOf(hub), ["canary/store", "canary/api"]);
    assert.deepEqual(await servicesLabelledByPeople(hub.repository, CONFIG, 7), ["store"]);
  });

  it("changes nothing when it is only asked what it would do", async () => {
    assert.deepEqual((await set({ isDryRun: true })).add, ["canary/api"]);
    assert.deepEqual(await labelsOf(hub), []);
  });

  it("changes nothing on a pull request that is closed, or that was pushed to meanwhile", async () => {
    await hub.control.push(REPO, 7, NEXT);
    await assert.rejects(set(), { code: "SUPERSEDED", message: /another head/ });
    await hub.control.close(REPO, 7);
    await assert.rejects(set({ head: NEXT }), { code: "SUPERSEDED", message: /closed/ });
    assert.deepEqual(await labelsOf(hub), []);
  });

  it("refuses a service that perch.yaml lacks before it changes anything", async () => {
    await assert.rejects(set({ built: ["api", "gone"] }), { code: "UNKNOWN_SERVICE", message: /gone/ });
    assert.deepEqual(await labelsOf(hub), []);
  });

  it("sets none beyond canary.maxOpen, and says so", async () => {
    await hub.control.openPullRequest({ repo: REPO, number: 8, head: HEAD, labels: ["canary/api"] });
    const { note, labels } = await set({}, configOf({ maxOpen: 1 }));
    assert.match(note ?? "", /1 newer/);
    assert.deepEqual([labels, await labelsOf(hub)], [[], []]);
  });

  it("says what the token lacks", async () => {
    const options = { number: 7, head: HEAD, built: ["api"], isDryRun: false };
    await assert.rejects(setGateLabels(hub.as("read-only"), CONFIG, options), {
      code: "GITHUB_REFUSED",
      message: /set labels of acme\/shop#7: 403/,
      hint: /permissions/,
    });
  });

  it("survives answers that GitHub loses, and its rate limits", async () => {
    await hub.control.fault({ path: "/labels", method: "POST", status: 502, times: 2, isAnswerLost: true });
    const message = "You have exceeded a secondary rate limit";
    await hub.control.fault({
      path: "/events",
      status: 403,
      times: 1,
      message,
      headers: { "retry-after": "1" },
    });
    await set();
    assert.deepEqual(await labelsOf(hub), ["canary/api"]);
  });

  it("gives up on an outage with what it wanted, and nothing half done", async () => {
    await hub.control.fault({ path: "/pulls/7", status: 503, times: 10 });
    await assert.rejects(set(), { code: "GITHUB_FAILED", message: /cannot show acme\/shop#7: 503/ });
    assert.deepEqual(await labelsOf(hub), []);
  });

  it("reads labels, events and pull requests of many pages", async () => {
    for (let count = 0; count < 60; count += 1) {
      await hub.control.label(REPO, 7, "canary/store");
      await hub.control.unlabel(REPO, 7, "canary/store");
    }
    await hub.control.label(REPO, 7, "canary/store");
    assert.deepEqual(await servicesLabelledByPeople(hub.repository, CONFIG, 7), ["store"]);
  });
});

describe("a fork's pull request", () => {
  beforeEach(async () => {
    await hub.control.openPullRequest({ repo: REPO, number: 9, head: HEAD, fork: "eve/shop", author: "eve" });
  });

  it("gets labels for the head that is named, and none without", async () => {
    await assert.rejects(set({ number: 9, head: undefined }), { code: "NOT_ALLOWED" });
    await set({ number: 9 });
    assert.deepEqual(await labelsOf(hub, 9), ["canary/api"]);
  });

  it("loses them by a push that comes while they are being set", async () => {
    await hub.control.setHooks([]);
    const { octokit } = hub.repository;
    octokit.hook.after("request", async (_response, { method, url }) => {
      if (method === "POST" && url.endsWith("/labels")) await hub.control.push(REPO, 9, NEXT);
    });
    await assert.rejects(set({ number: 9 }), { code: "SUPERSEDED" });
    assert.deepEqual(await labelsOf(hub, 9), []);
  });

  it("loses them by any later push, whoever set them; others keep theirs", async () => {
    await hub.control.label(REPO, 9, "canary/store");
    await hub.control.label(REPO, 7, "canary/store");
    assert.deepEqual((await revokeGateLabels(hub.repository, 9, true)).remove, ["canary/store"]);
    assert.deepEqual((await revokeGateLabels(hub.repository, 9, false)).remove, ["canary/store"]);
    assert.deepEqual((await revokeGateLabels(hub.repository, 9, false)).remove, []);
    assert.deepEqual((await revokeGateLabels(hub.repository, 7, false)).remove, []);
    assert.deepEqual([await labelsOf(hub, 9), await labelsOf(hub, 7)], [[], ["canary/store"]]);
  });

  it("is a bot's as well", async () => {
    await hub.control.openPullRequest({ repo: REPO, number: 10, head: HEAD, author: "dependabot[bot]" });
    await assert.rejects(set({ number: 10, head: undefined }), { code: "NOT_ALLOWED" });
  });
});
