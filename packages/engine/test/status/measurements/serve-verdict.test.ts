import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Comparison, PerchErrorData } from "@perch/core";
import { startTestEngine, type TestEngine } from "../../support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "../../support/repository.ts";

describe("GET /api/verdict", () => {
  let repository: TestRepository;
  let test: TestEngine;
  before(async () => {
    // Seconds apart, so that no busy machine makes one of the other.
    repository = await makeRepository(behaviour({ slow: 1_500 }));
    await repository.pushPullRequest(1, behaviour({ says: "faster", slow: 300 }));
    await repository.pushPullRequest(2, behaviour({ failsEvery: 5 }));
    await repository.pushPullRequest(3, behaviour({ slow: 5_000 }));
    await repository.pushPullRequest(4, behaviour({ says: "hardly used" }));
    test = await startTestEngine(repository);
    for (const pr of [1, 2, 3, 4]) await test.untilState(`web-canary-pr-${pr}`, "ready");
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  const send = (requests: number, path: string, selector?: string) =>
    Promise.all(
      Array.from({ length: requests }, () =>
        test.get(path, selector === undefined ? {} : { "x-canary": selector }),
      ),
    );
  const verdict = async <T = Comparison>(query: string) => {
    const response = await fetch(`${test.engine.statusUrl}/api/verdict?${query}`);
    return { status: response.status, body: (await response.json()) as T };
  };

  it("fails canaries that fail or are slow, passes one that does no worse, and waits for requests", async () => {
    await send(60, "/");
    await send(60, "/slow");
    await send(60, "/slow", "1");
    await send(60, "/", "2");
    await send(60, "/slow", "3");
    await send(3, "/", "4");
    const { status, body } = await verdict("service=web&seconds=300");
    assert.equal(status, 200);
    assert.equal(body.stable.requests, 120);
    assert.deepEqual(
      body.canaries.map(({ pr, requests, errors, verdict }) => [pr, requests, errors, verdict.outcome]),
      [
        [1, 60, 0, "pass"],
        [2, 60, 12, "fail"],
        [3, 60, 0, "fail"],
        [4, 3, 0, "inconclusive"],
      ],
      JSON.stringify(body),
    );
    const failing = body.canaries.flatMap(({ pr, verdict }) =>
      verdict.findings.filter(({ outcome }) => outcome === "fail").map(({ measure }) => `${pr} ${measure}`),
    );
    assert.deepEqual(failing, ["2 errors", "3 slow answers"]);
  });

  it("looks back no further than is kept, and only at services that there are", async () => {
    for (const query of ["", "service=web&seconds=901", "service=web&seconds=0", "service=web&seconds=x"]) {
      const { status, body } = await verdict<PerchErrorData>(query);
      assert.deepEqual([status, body.code], [400, "USAGE"], query);
    }
    const { status, body } = await verdict<PerchErrorData>("service=nothing");
    assert.deepEqual([status, body.code], [404, "UNKNOWN_SERVICE"]);
  });
});
