import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { manifestChanges } from "../../src/manifests/changes.ts";
import { GENERATED } from "../../src/manifests/file.ts";

const rendered = (text: string) => `# ${GENERATED}\n${text}`;

describe("what rendering would do to a folder", () => {
  it("is nothing where all is as rendered", () => {
    const files = [{ path: "a.yaml", text: rendered("a: 1\n") }];
    assert.deepEqual(manifestChanges(files, new Map([["a.yaml", rendered("a: 1\n")]])), []);
  });

  it("is told file by file, in the order of their paths", () => {
    const files = ["c", "b", "a"].map((name) => ({ path: `${name}.yaml`, text: rendered("new\n") }));
    const existing = new Map([
      ["b.yaml", rendered("old\n")],
      ["c.yaml", "somebody's own\n"],
      ["d.yaml", rendered("old\n")],
      ["e.yaml", "somebody's own\n"],
    ]);
    assert.deepEqual(
      manifestChanges(files, existing).map(({ kind, path }) => `${kind} ${path}`),
      ["added a.yaml", "changed b.yaml", "foreign c.yaml", "removed d.yaml"],
    );
  });

  it("takes for its own only what begins with the whole line", () => {
    const existing = new Map([["a.yaml", `# ${GENERATED} Not really.\n`]]);
    assert.deepEqual(manifestChanges([], existing), []);
  });
});
