import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClusterStatus, PerchError } from "@perch/core";
import { looksAfter } from "../../src/cluster/looks.ts";

/** As much of a status as is looked at here. */
function status(revision: number, ...codes: string[]): ClusterStatus {
  return { revision, problems: codes.map((code) => ({ code })) } as unknown as ClusterStatus;
}

const unreachable = (message: string) =>
  new PerchError({ code: "CLUSTER_UNREACHABLE", message, hint: "Wait.", fault: "environment" });

describe("looks at a cluster", () => {
  it("go on after one that failed, for whatever reason, with what was seen last and the newest problem first", async () => {
    const gone = Object.assign(new Error("ENOENT: no such file, open 'perch.yaml'"), { code: "ENOENT" });
    const answers = [unreachable("timed out"), gone, unreachable("refused"), status(2), new Error("odd")];
    const look = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? assert.fail("too many looks");
    };
    const seen: string[] = [];
    const looks = looksAfter(status(1, "SYNC_FAILED"), look, 1);
    for (let count = answers.length; count > 0; count -= 1) {
      const { value } = await looks.next();
      const { revision, problems } = value as ClusterStatus & { readonly revision: number };
      seen.push([revision, ...problems.map(({ code }) => code)].join(" "));
    }
    assert.deepEqual(seen, [
      "1 CLUSTER_UNREACHABLE SYNC_FAILED",
      "1 INTERNAL SYNC_FAILED",
      "1 CLUSTER_UNREACHABLE SYNC_FAILED",
      "2",
      "2 INTERNAL",
    ]);
  });

  it("say what failed, and that it is tried again", async () => {
    const look = () => Promise.reject(new Error("ENOENT: no such file"));
    const { value } = await looksAfter(status(1), look, 1).next();
    const [problem] = value.problems;
    assert.match(
      `${problem?.message} ${problem?.hint}`,
      /failed: ENOENT: no such file\. It is tried again\./,
    );
  });
});
