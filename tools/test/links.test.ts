import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withReleaseLinks } from "../publish/links.ts";

const RELEASE = { repository: "acme/perch", tag: "v1.2.3" };
const AT = "https://github.com/acme/perch/blob/v1.2.3";

describe("links of a published page", () => {
  it("lead to the release's files where they were relative", () => {
    assert.equal(
      withReleaseLinks("[a](../../docs/a.md#b), [c](../../README.md)", "packages/cli/README.md", RELEASE),
      `[a](${AT}/docs/a.md#b), [c](${AT}/README.md)`,
    );
  });

  it("stay where they lead elsewhere already, or to a place on the page", () => {
    const text = "[a](https://example.com/a.md), [b](#b), [c](mailto:c@example.com)";
    assert.equal(withReleaseLinks(text, "packages/cli/README.md", RELEASE), text);
  });

  it("stay between pages that are published together", () => {
    assert.equal(
      withReleaseLinks("[a](vm.md#tls), [b](../packages/cli/README.md)", "docs/local.md", RELEASE, "docs"),
      `[a](vm.md#tls), [b](${AT}/packages/cli/README.md)`,
    );
  });
});
