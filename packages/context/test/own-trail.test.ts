import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTrail, type Hop, type HopNote, mergeTrails, type Trail } from "@perch/header";
import fc from "fast-check";
import { CallRecorder } from "../src/calls.ts";
import type { Identity } from "../src/identity.ts";
import { ownTrail } from "../src/own-trail.ts";
import { contextOfLines } from "../src/received.ts";
import { receivedTrail } from "../src/received-trail.ts";

const identity = fc.constantFrom<Identity>(
  { service: "api" },
  { service: "api", pr: 7, revision: "ab12cd34ef56" },
  { service: "store", revision: "v1" },
);
const reported = fc.constantFrom('"store";pr=9', '"store"', '"store", "+";cut=3', undefined);
const call = fc.record({ trail: reported, ends: fc.boolean() });

function hopOf({ service, pr, revision }: Identity, note: HopNote | undefined): Hop {
  return {
    service,
    ...(pr !== undefined && { pr }),
    ...(revision !== undefined && { rev: revision }),
    ...(note !== undefined && { note }),
  };
}

interface Request {
  readonly identity: Identity;
  readonly line: string;
  readonly calls: readonly { readonly trail: string | undefined; readonly ends: boolean }[];
}

/** The trail of one request, and what the grammar says that it is. */
function trailOf({ identity: own, line, calls }: Request): [sent: string | undefined, right: string] {
  const context = contextOfLines([line]);
  const trails: (Trail | undefined)[] = [];
  for (const { trail: sent, ends } of calls) {
    const end = context?.calls.begin("store");
    if (!ends) continue;
    trails.push(receivedTrail(sent));
    end?.({ kind: "answered", trail: receivedTrail(sent) });
  }
  const whole = trails.length === calls.length ? undefined : "partial";
  const hop = hopOf(own, line === VALID ? whole : "invalid-selector");
  return [ownTrail(own, context), formatTrail(mergeTrails(hop, trails))];
}

const VALID = "7";

describe("ownTrail", () => {
  it("names this service and then its calls, for any identities, calls and selectors in any order", () => {
    const request = fc.record({
      identity,
      line: fc.constantFrom(VALID, "no selector!"),
      calls: fc.array(call, { maxLength: 3 }),
    });
    const property = fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
      for (const [sent, right] of requests.map(trailOf)) assert.equal(sent, right);
    });
    fc.assert(property);
  });

  it("is not sent where the request carried no selector", () => {
    assert.equal(ownTrail({ service: "api" }, undefined), undefined);
    const absent = { selector: { kind: "absent" } as const, calls: new CallRecorder() };
    assert.equal(ownTrail({ service: "api" }, absent), undefined);
  });
});
