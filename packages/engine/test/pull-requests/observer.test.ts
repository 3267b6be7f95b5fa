import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PerchErrorData, RepositoryObservation } from "@perch/core";
import { pino } from "pino";
import { startObserver } from "../../src/pull-requests/observer.ts";

describe("what is observed", () => {
  it("is taken although the source could not see all of it, and that is told as long as it lasts", async () => {
    const seen: RepositoryObservation = { repo: "acme/test", stableHead: "a".repeat(40), pullRequests: [] };
    let problem: PerchErrorData | undefined = {
      code: "SOURCE_UNREACHABLE",
      message: "One is missing.",
      hint: "Wait.",
      fault: "environment",
    };
    let looked = Promise.withResolvers<void>();
    const observer = startObserver({
      sources: [{ repo: seen.repo, remote: "/remote", observe: async () => seen, problem: () => problem }],
      interval: 60_000,
      logger: pino({ level: "silent" }),
      remembered: { observations: [], keep: async () => undefined },
      onChange: () => looked.resolve(),
    });
    await looked.promise;
    assert.deepEqual(observer.observations(), [seen]);
    assert.deepEqual(observer.sources()[0]?.error, problem);
    assert.ok(observer.sources()[0]?.lastSeen !== undefined);
    looked = Promise.withResolvers<void>();
    problem = undefined;
    observer.poke();
    await looked.promise;
    assert.equal(observer.sources()[0]?.error, undefined);
    await observer.close();
  });
});
