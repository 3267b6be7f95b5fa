import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CanaryFeedback, commentBody, commentMarker, endedBody } from "@perch/core";
import { matchesGolden } from "../../manifests/golden.ts";
import { config, deployment, EARLIER, pullRequest, service } from "../support.ts";

const failure = {
  state: "failure",
  description: "@acme/all `rm` | see [this](https://evil.example)",
  environmentUrl: "",
  logUrl: "https://github.com/acme/shop/actions/runs/1",
};

const canaries: CanaryFeedback[] = [
  { service: "api", current: deployment(1, "success") },
  {
    service: "store",
    current: deployment(2, "failure", { status: failure }),
    serving: deployment(1, "success", { sha: EARLIER }),
  },
];

function body(change: object = {}): string {
  return commentBody({ config: config(), pullRequest: pullRequest(), canaries, ...change }) ?? "";
}

describe("the comment", () => {
  it("is as the golden file says: state, share link, curl line, the extension, what failed and why", async () => {
    await matchesGolden("comment.md", body());
  });

  it("begins with the marker of its environment", () => {
    assert.ok(body().startsWith("<!-- perch:shop -->\n"));
    assert.notEqual(commentMarker(config()), commentMarker(config(undefined, { project: "other" })));
  });

  it("shows each state, and offers a link only to what answers", () => {
    const row = (state: string) =>
      body({ canaries: [{ service: "api", current: deployment(1, state) }] })
        .split("\n")
        .find((line) => line.startsWith("| `api`"));
    assert.match(row("queued") ?? "", /waits for its image \| {2}\|$/);
    assert.match(row("in_progress") ?? "", /is starting: its image is there \| {2}\|$/);
    assert.match(row("success") ?? "", /serves \| \[share link\]/);
    assert.match(row("inactive") ?? "", /ended \| {2}\|$/);
  });

  it("names every canary in the selector where repositories number apart", () => {
    const several = config({
      api: service("a", { edge: "/" }),
      store: service("s"),
      web: { ...service("w"), repo: "acme/web" },
    });
    assert.match(
      body({ config: several }),
      /curl -i -H 'X-Canary: api=7,store=7' https:\/\/dev\.example\.com\//,
    );
    assert.match(body({ config: several, canaries: canaries.slice(0, 1) }), /'X-Canary: api=7'/);
  });

  it("says nothing where there is no canary, and what happened where there was one", () => {
    assert.equal(body({ canaries: [] }), "");
    const closed = { config: config(), pullRequest: pullRequest({ isOpen: false }), canaries };
    assert.equal(commentBody(closed), undefined);
    assert.match(endedBody(closed), /closed: its canaries/);
    assert.match(endedBody({ ...closed, pullRequest: pullRequest() }), /reach stable/);
  });

  it("tells a fork's author what happens, and a maintainer what to do", () => {
    const fork = pullRequest({ isTrusted: false });
    assert.match(body({ pullRequest: fork, canaries: [] }), /fork or a bot.*maintainer/s);
    assert.match(body({ pullRequest: fork }), /serves.*maintainer/s);
  });
});
