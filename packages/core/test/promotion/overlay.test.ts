import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isTag, previousTag, renderManifests, stableTag, withStableTag } from "@perch/core";
import fc from "fast-check";
import { parse } from "yaml";
import { config } from "../ci/support.ts";

const PATH = "manifests/stable/api/kustomization.yaml";
const OVERLAY = renderManifests(config(), new Map()).find(({ path }) => path === PATH)?.text ?? "";

const BY_HAND = `# Ours: do not touch.
kind: Kustomization
images:
- {name: store, newName: r/store, newTag: other} # another service's
- newTag:   '1.10'   # bumped by promotion
  name: api
  newName: r/api
resources: [a.yaml,   b.yaml]
`;

const FIRST = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
const tags = fc
  .tuple(fc.constantFrom(...FIRST), fc.string({ unit: fc.constantFrom(...FIRST, ".", "-"), maxLength: 30 }))
  .map((parts) => parts.join(""));

describe("stable's tag in an overlay", () => {
  it("is read as it is written, also where YAML would take it for a number", () => {
    assert.equal(stableTag(OVERLAY, "api", PATH), "main");
    assert.equal(stableTag(BY_HAND, "api", PATH), "1.10");
    assert.equal(stableTag(BY_HAND.replace("'1.10'", "1.10"), "api", PATH), "1.10");
    assert.equal(stableTag(BY_HAND, "store", PATH), "other");
  });

  it("is all that changes: every other character of the file stays", () => {
    fc.assert(
      fc.property(tags, fc.constantFrom(OVERLAY, BY_HAND), (tag, overlay) => {
        const next = withStableTag(overlay, "api", tag, PATH);
        const [before = "", after = ""] = overlay.split(/'1\.10'|(?<=newTag: )main/);
        assert.ok(next.startsWith(before) && next.endsWith(after));
        assert.equal(next.slice(before.length, next.length - after.length).replaceAll('"', ""), tag);
      }),
    );
  });

  it("is the very text for YAML 1.1 and 1.2, whatever the tag looks like", () => {
    fc.assert(
      fc.property(
        fc.oneof(tags, fc.constantFrom("no", "0x10", "1e3", "012", "1_0", "null", "Off", "e3", "E-3")),
        (tag) => {
          const next = withStableTag(OVERLAY, "api", tag, PATH);
          for (const version of ["1.1", "1.2"] as const) {
            const { images } = parse(next, { version }) as { images: { newTag: unknown }[] };
            assert.equal(images[0]?.newTag, tag);
          }
          assert.equal(stableTag(next, "api", PATH), tag);
        },
      ),
    );
  });

  it("may be what it was: then the file is what it was", () => {
    assert.equal(withStableTag(OVERLAY, "api", "main", PATH), OVERLAY);
  });
});

describe("an overlay that cannot be read", () => {
  for (const [what, text] of [
    ["no YAML", "images: [\n"],
    ["no mapping", "- 1\n"],
    ["no images", "kind: Kustomization\n"],
    ["images of another shape", "images: {api: main}\n"],
    ["another service's image only", "images:\n- name: store\n  newTag: a\n"],
    ["no newTag", "images:\n- name: api\n  digest: sha256:1\n"],
    ["a newTag that is a list", "images:\n- name: api\n  newTag: [a]\n"],
    ["a merge conflict", "images:\n<<<<<<< ours\n- name: api\n  newTag: a\n=======\n"],
    ["nothing", ""],
  ] as const) {
    it(`${what}: says which file, and changes nothing`, () => {
      const refused = { code: "OVERLAY_UNREADABLE" };
      assert.throws(() => stableTag(text, "api", PATH), refused);
      assert.throws(() => withStableTag(text, "api", "new", PATH), refused);
      assert.throws(() => stableTag(text, "api", PATH), /manifests\/stable\/api\/kustomization\.yaml/);
    });
  }

  it("what is no tag is never written", () => {
    for (const tag of ["", "a b", "-a", ".a", "a\nb", "a:b", "x".repeat(129), 'a"', "a#b", "ä"]) {
      assert.equal(isTag(tag), false, tag);
      assert.throws(() => withStableTag(OVERLAY, "api", tag, PATH), { code: "USAGE" });
    }
  });
});

describe("what a rollback goes to", () => {
  it("is the newest tag that is another than the one there now", () => {
    assert.equal(previousTag("c", ["c", "b", "a"]), "b");
    assert.equal(previousTag("c", ["b", "a"]), "b", "the present one is not committed yet");
    assert.equal(previousTag("a", ["a", "a"]), undefined);
    assert.equal(previousTag("a", []), undefined);
  });

  it("is the one there now where it was written and not committed, so that twice is once", () => {
    assert.equal(previousTag("b", ["c", "b", "a"]), "b");
    assert.equal(previousTag("a", ["c", "b", "a"]), "c", "somebody went further back by hand");
  });
});
