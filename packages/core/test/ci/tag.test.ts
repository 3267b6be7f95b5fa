import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imageTag, imageTagPr, renderManifests } from "@perch/core";
import { config, HEAD } from "./support.ts";

describe("the image tag of a head", () => {
  it("is pr-, the number, and twelve hex digits: a public contract", () => {
    assert.equal(imageTag(7, HEAD), "pr-7-0123456789ab");
    assert.equal(imageTag(9_999_999_999, "f".repeat(40)), "pr-9999999999-ffffffffffff");
  });

  it("is what the ApplicationSet's own template makes of the same head", () => {
    const set =
      renderManifests(config(), new Map()).find(({ path }) => path.endsWith("canaries-acme-shop.yaml"))
        ?.text ?? "";
    const [, image = ""] = /images: \['(.+)'\]/.exec(set) ?? [];
    assert.match(set, /\$rev := trunc 12 \.head_sha/);
    const rendered = image
      .replace("{{ $rev }}", HEAD.slice(0, 12))
      .replaceAll("{{ .number }}", "7")
      .replaceAll("{{ .service }}", "api");
    assert.equal(rendered, `api=ghcr.io/acme/api:${imageTag(7, HEAD)}`);
  });

  it("says which pull request it is of, and is no other tag", () => {
    assert.equal(imageTagPr(imageTag(7, HEAD)), 7);
    for (const tag of [
      "main",
      "pr-7",
      "pr-07-0123456789ab",
      "pr-7-0123456789AB",
      "pr-7-0123456789abc",
      "xpr-7-0123456789ab",
    ]) {
      assert.equal(imageTagPr(tag), undefined, tag);
    }
  });
});
