import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LabelEvent, type Vouching, vouchedLabels } from "@perch/core";
import { commit } from "../support.ts";

const head = commit("a");
const set = (change: Partial<LabelEvent> = {}): LabelEvent => ({
  id: 1,
  label: "canary",
  by: "eve",
  at: 5_000,
  ...change,
});
const of = (change: Partial<Vouching>) =>
  vouchedLabels({
    labels: ["canary"],
    isFork: true,
    head,
    pushedAt: 4_000,
    events: [set()],
    writers: new Set(["eve"]),
    heldFor: new Map(),
    ...change,
  }).map(({ label, event }) => `${label} ${event}`);

describe("a label", () => {
  it("is vouched for by a writer who set it after the last push", () => {
    assert.deepEqual(of({}), ["canary 1"]);
  });

  it("is not where the last push came later, in the same second, or at a time that nobody knows", () => {
    assert.deepEqual(of({ pushedAt: 6_000 }), []);
    assert.deepEqual(of({ pushedAt: 5_000 }), []);
    const { pushedAt: _, ...unknown } = { labels: ["canary"], isFork: true, head, pushedAt: 0 };
    const rest = { events: [set()], writers: new Set(["eve"]), heldFor: new Map() };
    assert.deepEqual(vouchedLabels({ ...unknown, ...rest }), []);
  });

  it("stays vouched for, for the head that it was once found to hold for and for no other", () => {
    assert.deepEqual(of({ pushedAt: 6_000, heldFor: new Map([[1, head]]) }), ["canary 1"]);
    assert.deepEqual(of({ pushedAt: 6_000, heldFor: new Map([[1, commit("b")]]) }), []);
    assert.deepEqual(of({ pushedAt: 6_000, heldFor: new Map([[2, head]]) }), []);
  });

  it("is judged by who set it last", () => {
    const bot = { id: 1, label: "canary", at: 5_000 };
    assert.deepEqual(of({ events: [set(), bot] }), []);
    assert.deepEqual(of({ events: [bot, set({ id: 2 })] }), ["canary 2"]);
    assert.deepEqual(of({ writers: new Set(["adam"]) }), []);
  });

  it("does not depend on times where only its own people can push", () => {
    assert.deepEqual(of({ isFork: false, pushedAt: 9_000 }), ["canary 1"]);
  });

  it("counts only while it is there, and only if it asks for canaries", () => {
    assert.deepEqual(of({ labels: [] }), []);
    assert.deepEqual(of({ labels: ["bug"], events: [set({ label: "bug" })] }), []);
    assert.deepEqual(of({ labels: ["canary/api"], events: [set()] }), []);
  });
});
