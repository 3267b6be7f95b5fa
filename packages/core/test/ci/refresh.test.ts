import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refreshEvent, stuckPods, type WaitingPod } from "@perch/core";
import { config, EARLIER, HEAD } from "./support.ts";

describe("the event that makes Argo CD look", () => {
  const urlOf = (more: object) => {
    const event = refreshEvent(config(undefined, more), { repo: "acme/shop", pr: 7, head: HEAD });
    return (event as { repository: { url: string } }).repository.url;
  };

  it("names the repository at the host of the generator's API", () => {
    assert.equal(urlOf({}), "https://api.github.com/repos/acme/shop");
    const at = (github: string) => urlOf({ cluster: { environmentRepo: "a/b", github } });
    assert.equal(at("https://ghe.example.com"), "https://ghe.example.com/api/v3/repos/acme/shop");
    assert.equal(at("https://acme.ghe.com"), "https://api.acme.ghe.com/repos/acme/shop");
  });

  it("has what the controller reads", () => {
    assert.partialDeepStrictEqual(refreshEvent(config(), { repo: "acme/shop", pr: 7, head: HEAD }), {
      action: "synchronize",
      number: 7,
      repository: { name: "shop", owner: { login: "acme" } },
    });
  });
});

describe("pods to restart", () => {
  const pod = (name: string, image: string, waiting?: string): WaitingPod => ({
    name,
    namespace: "api-canary-pr-7",
    containers: [
      { image: "proxy:1", waiting: undefined },
      { image, waiting },
    ],
  });
  const image = `ghcr.io/acme/api:pr-7-${HEAD.slice(0, 12)}`;

  it("are those that wait for the image of the head, and no others", () => {
    const pods = [
      pod("stuck", image, "ImagePullBackOff"),
      pod("trying", `${image}@sha256:${"0".repeat(64)}`, "ErrImagePull"),
      pod("running", image),
      pod("crashing", image, "CrashLoopBackOff"),
      pod("earlier", `ghcr.io/acme/api:pr-7-${EARLIER.slice(0, 12)}`, "ImagePullBackOff"),
    ];
    assert.deepEqual(
      stuckPods(pods, 7, HEAD).map(({ name }) => name),
      ["stuck", "trying"],
    );
  });
});
