import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryFeedback, ownComments, planComment, reportedServices } from "@perch/core";
import { config, deployment, EARLIER, HEAD, pullRequest } from "../support.ts";

const MARKER = "<!-- perch:shop -->";
const comment = (id: number, author: string, body: string) => ({ id, author, body });

describe("perch's own comments", () => {
  it("are those with the marker at their beginning, by its own author; oldest first", () => {
    const all = [
      comment(4, "bot", `${MARKER}\nb`),
      comment(1, "eve", `${MARKER}\nphishing`),
      comment(2, "bot", `> ${MARKER}`),
      comment(3, "bot", `${MARKER}\na`),
    ];
    assert.deepEqual(
      ownComments(all, MARKER, "bot").map(({ id }) => id),
      [3, 4],
    );
  });

  it("come to one with the wanted text", () => {
    assert.deepEqual(planComment([], "x"), { outcome: "created", id: undefined, duplicates: [] });
    const twins = [comment(3, "bot", "x\r\n"), comment(4, "bot", "y")];
    assert.deepEqual(planComment(twins, "x\n"), { outcome: "unchanged", id: 3, duplicates: [4] });
    assert.equal(planComment(twins, "z").outcome, "updated");
  });
});

describe("what is known of a canary", () => {
  it("begins with a label or with a deployment of the head", () => {
    const services = [...config().services.values()];
    assert.deepEqual(reportedServices(pullRequest({ labels: ["canary/store"] }), services, []), ["store"]);
    assert.deepEqual(reportedServices(pullRequest(), services, [deployment(1, "failure")]), ["api"]);
    assert.deepEqual(reportedServices(pullRequest({ number: 8 }), services, [deployment(1, "failure")]), []);
  });

  it("has what still serves, until the head does", () => {
    const before = deployment(1, "success", { sha: EARLIER });
    const found = canaryFeedback("api", HEAD, [
      deployment(3, "queued"),
      deployment(2, "in_progress"),
      before,
    ]);
    assert.deepEqual([found.current?.id, found.serving?.id], [2, 1]);
    assert.equal(canaryFeedback("api", HEAD, [deployment(2, "success"), before]).serving, undefined);
    assert.deepEqual(canaryFeedback("api", HEAD, []), { service: "api" });
  });
});
