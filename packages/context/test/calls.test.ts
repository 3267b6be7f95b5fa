import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Trail } from "@perch/header";
import { CallRecorder } from "../src/calls.ts";

const named = (service: string): Trail => ({ hops: [{ service }] });

describe("CallRecorder", () => {
  it("keeps the order in which calls were started, not the one in which they ended", () => {
    const calls = new CallRecorder();
    const first = calls.begin("a");
    const second = calls.begin("b");
    second({ kind: "answered", trail: named("b") });
    first({ kind: "answered", trail: named("a") });
    assert.deepEqual(calls.soFar(), { trails: [named("a"), named("b")], complete: true });
  });

  it("is not complete while a call runs, and says what is known so far", () => {
    const calls = new CallRecorder();
    calls.begin("a")({ kind: "answered", trail: named("a") });
    calls.begin("b");
    assert.deepEqual(calls.soFar(), { trails: [named("a")], complete: false });
  });

  it("names a service that gave no answer", () => {
    const calls = new CallRecorder();
    calls.begin("store")({ kind: "unreachable" });
    const trails = [{ hops: [{ service: "store", note: "unreachable" }] }];
    assert.deepEqual(calls.soFar(), { trails, complete: true });
  });

  it("is never complete after a call whose answer was cut, since nobody knows who gave it", () => {
    const calls = new CallRecorder();
    calls.begin("store")({ kind: "cut" });
    assert.deepEqual(calls.soFar(), { trails: [], complete: false });
  });

  it("leaves out a service that answered without a trail", () => {
    const calls = new CallRecorder();
    calls.begin("legacy")({ kind: "answered", trail: undefined });
    assert.deepEqual(calls.soFar(), { trails: [], complete: true });
  });

  it("counts only the first end of a call", () => {
    const calls = new CallRecorder();
    const end = calls.begin("a");
    end({ kind: "answered", trail: named("a") });
    end({ kind: "unreachable" });
    assert.deepEqual(calls.soFar(), { trails: [named("a")], complete: true });
  });

  it("joins what has ended, so that a request that makes calls for days does not grow", () => {
    const calls = new CallRecorder();
    const open = calls.begin("slow");
    for (let i = 0; i < 100_000; i++) calls.begin("store")({ kind: "answered", trail: named("store") });
    open({ kind: "answered", trail: named("slow") });
    const { trails, complete } = calls.soFar();
    assert.ok(trails.length < 200, `${trails.length} slots are kept`);
    const served = trails.slice(1).flatMap(({ hops }) => hops);
    assert.equal(
      served.reduce((sum, { n = 1 }) => sum + n, 0),
      100_000,
    );
    assert.deepEqual(trails[0], named("slow"));
    assert.equal(complete, true);
  });
});
