import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Status, timelineEvents, type VariantStatus } from "@perch/core";

const [OLD, NEW] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] as const;

function variant(change: Partial<VariantStatus> = {}): VariantStatus {
  return { service: "store", pr: 1, state: "ready", since: 1, revision: OLD, restarts: 0, ...change };
}

/** A status of one canary, or of none. */
function statusOf(canary?: VariantStatus): Status {
  const stable: VariantStatus = { service: "store", state: "queued", since: 0, revision: "", restarts: 0 };
  return {
    project: "shop",
    engine: { version: "0", pid: 1, startedAt: 0, stateDir: "/s" },
    edge: { url: "http://localhost:8080", listening: [], secure: false, tryPath: "/" },
    sources: [],
    services: [
      { service: "store", protocol: "grpc", stable, canaries: canary === undefined ? [] : [canary] },
    ],
    pullRequests: [],
    problems: [],
    settled: false,
  };
}

/** What happened to the canary between each of these and the one before. */
function story(...states: (VariantStatus | undefined)[]): unknown[] {
  return states.map((state, i) => {
    const events = timelineEvents(statusOf(states[i - 1]), statusOf(state)).get("store-canary-pr-1") ?? [];
    return events
      .map((event) => (event.kind === "rolled" ? `rolled from ${event.from}` : event.kind))
      .join(" ");
  });
}

describe("the timeline", () => {
  it("tells of a canary that opens, is built and becomes ready", () => {
    assert.deepEqual(
      story(
        undefined,
        variant({ state: "queued" }),
        variant({ state: "installing" }),
        variant({ state: "starting" }),
        variant({ state: "ready" }),
        variant({ state: "ready" }),
      ),
      ["", "opened", "", "built", "ready", ""],
    );
  });

  it("tells of a push, and of the roll once the new revision serves", () => {
    assert.deepEqual(
      story(
        variant(),
        variant({ next: { revision: NEW, state: "building", since: 2 } }),
        variant({ next: { revision: NEW, state: "starting", since: 3 } }),
        variant({ revision: NEW, since: 4 }),
      ).slice(1),
      ["pushed", "built", `rolled from ${OLD}`],
    );
  });

  it("misses no roll between two looks", () => {
    assert.deepEqual(story(variant(), variant({ revision: NEW, since: 4 })).slice(1), [
      `pushed built rolled from ${OLD}`,
    ]);
  });

  it("tells of each failure once", () => {
    const failure = (at: number) => ({
      code: "BUILD_FAILED" as const,
      message: "The build failed.",
      hint: "Read the log.",
      fault: "pull-request" as const,
      at,
      logTail: [],
    });
    const failed = (at: number) => variant({ state: "failed", failure: failure(at) });
    const again = { ...failed(1), state: "queued" } as const;
    const started = { ...failed(1), state: "starting" } as const;
    assert.deepEqual(story(variant({ state: "building" }), failed(1), again, started, failed(2)).slice(1), [
      "failed",
      "",
      "",
      "failed",
    ]);
  });

  it("says nothing of stable of a repository that was never read, and nothing of what is gone", () => {
    assert.deepEqual([...timelineEvents(undefined, statusOf())], []);
    assert.deepEqual([...timelineEvents(statusOf(variant()), statusOf())], []);
  });
});
