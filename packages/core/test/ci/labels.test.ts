import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  gateLabel,
  gateLabels,
  isWithinCap,
  type LabelChange,
  labelledByPeople,
  parseGateLabel,
  planLabels,
  planNoLabels,
} from "@perch/core";
import fc from "fast-check";

const services = ["api", "store", "web"];
const event = (label: string, isSet: boolean, isByBot: boolean): LabelChange => ({ label, isSet, isByBot });

describe("gate labels", () => {
  it("are set for what was built, and taken from what was not", () => {
    const labels = ["bug", "canary/store", "canary/gone"];
    const events = [event("canary/store", true, true), event("canary/gone", true, true)];
    assert.deepEqual(planLabels({ services, labels, events, built: ["api"] }), {
      add: ["canary/api"],
      remove: ["canary/store", "canary/gone"],
      labels: ["canary/api"],
    });
  });

  it("stay where a person set them last, though nothing was built", () => {
    const labels = ["canary/store", "canary/web"];
    const events = [
      event("canary/store", true, true),
      event("canary/store", false, true),
      event("canary/store", true, false),
      event("canary/web", true, false),
      event("canary/web", false, false),
      event("canary/web", true, true),
    ];
    assert.deepEqual(labelledByPeople({ services, labels, events }), ["store"]);
    assert.deepEqual(planLabels({ services, labels, events, built: [] }).remove, ["canary/web"]);
  });

  it("stay away where a person took them, until the next image", () => {
    const events = [event("canary/store", true, false), event("canary/store", false, false)];
    assert.deepEqual(labelledByPeople({ services, labels: [], events }), []);
  });

  it("all go at the end, and no other label does", () => {
    assert.deepEqual(planNoLabels(["bug", "canary/api"]), { add: [], remove: ["canary/api"], labels: [] });
    assert.deepEqual(gateLabels(["bug", "canary", "canary/api"]), ["canary/api"]);
  });

  it("name their service, or none", () => {
    assert.equal(parseGateLabel(gateLabel("store")), "store");
    for (const label of ["canary/", "canary/UP", "bug", "canary/a-canary-pr-1"])
      assert.equal(parseGateLabel(label), undefined, label);
  });

  it("are the same after a second run, whatever the first found", () => {
    const name = fc.constantFrom(...services, "gone");
    const given = fc.record({
      labels: fc.uniqueArray(fc.oneof(name.map(gateLabel), fc.constant("bug"))),
      events: fc.array(fc.record({ label: name.map(gateLabel), isSet: fc.boolean(), isByBot: fc.boolean() })),
      built: fc.uniqueArray(fc.constantFrom(...services)),
    });
    fc.assert(
      fc.property(given, ({ labels, events, built }) => {
        const first = planLabels({ services, labels, events, built });
        const after = [...labels.filter((label) => !first.remove.includes(label)), ...first.add];
        const done = [...events, ...first.add.map((label) => event(label, true, true))];
        const second = planLabels({ services, labels: after, events: done, built });
        assert.deepEqual([second.add, second.remove], [[], []]);
        assert.deepEqual(gateLabels(after).sort(), [...first.labels].sort());
      }),
    );
  });
});

describe("the cap of open canaries", () => {
  it("lets the newest in", () => {
    assert.equal(isWithinCap(7, [5, 6], 1), true);
    assert.equal(isWithinCap(7, [5, 8], 1), false);
    assert.equal(isWithinCap(7, [8, 9], 3), true);
  });
});
