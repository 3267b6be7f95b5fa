import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { liveCanaries } from "../../src/canaries/canaries.ts";

const canary = (service: string, pr: number, selector: string) => ({
  service,
  pr,
  selector,
  state: "ready",
  revision: "ab12cd34ef56",
});

describe("liveCanaries", () => {
  it("has one entry for each selector, with its pull request's title and its services", () => {
    const status = {
      services: [
        { service: "api", canaries: [canary("api", 7, "7"), canary("api", 9, "9")] },
        { service: "store", canaries: [canary("store", 7, "7")] },
      ],
      pullRequests: [
        { number: 7, title: "Seven", services: ["api", "store"] },
        { number: 9, title: "Nine", services: ["api"] },
      ],
    };
    const found = liveCanaries(status).map(({ selector, title, services }) => [
      selector,
      title,
      services.length,
    ]);
    assert.deepEqual(found, [
      ["9", "Nine", 1],
      ["7", "Seven", 2],
    ]);
  });

  it("tells pull requests of two repositories with one number apart", () => {
    const status = {
      services: [
        { service: "api", canaries: [canary("api", 7, "api=7")] },
        { service: "store", canaries: [canary("store", 7, "store=7")] },
      ],
      pullRequests: [
        { number: 7, title: "Of the api", services: ["api"] },
        { number: 7, title: "Of the store", services: ["store"] },
      ],
    };
    assert.deepEqual(
      new Map(liveCanaries(status).map(({ selector, title }) => [selector, title])),
      new Map([
        ["api=7", "Of the api"],
        ["store=7", "Of the store"],
      ]),
    );
  });

  it("reads anything without an error", () => {
    fc.assert(fc.property(fc.anything(), (status) => assert.ok(Array.isArray(liveCanaries(status)))));
    const parts = fc.record({
      services: fc.array(fc.record({ canaries: fc.array(fc.anything()) })),
      pullRequests: fc.array(fc.anything()),
    });
    fc.assert(
      fc.property(parts, (status) =>
        assert.deepEqual(
          liveCanaries(status).filter(({ selector }) => selector === ""),
          [],
        ),
      ),
    );
  });
});
