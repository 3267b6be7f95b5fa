import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { manifestFile } from "../../src/manifests/file.ts";
import { yamlText } from "../../src/manifests/yaml.ts";

const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "n", labels: { "perch.dev/pr": "7" } },
  data: { on: "yes", time: "12:30", octal: "010", hex: "0x1F", empty: "", tilde: "~", date: "2026-11-23" },
  list: [{ name: "a" }, { name: "b" }],
};

describe("the text of a file", () => {
  it("begins with where it comes from, then why it is there; reasons stand above what they explain", () => {
    const notes = [
      [["metadata", "labels", "perch.dev/pr"], "one\ntwo"],
      [["list", 1], "the second"],
    ] as const;
    assert.equal(
      manifestFile("x.yaml", [{ object, why: "An example.", notes }], "Two lines:\n\nthis one.").text,
      `# Rendered by \`perch render\` from perch.yaml; changes here are lost.
# Two lines:
#
# this one.

# An example.
apiVersion: v1
kind: ConfigMap
metadata:
  name: "n"
  labels:
    # one
    # two
    perch.dev/pr: "7"
data:
  "on": "yes"
  time: "12:30"
  octal: "010"
  hex: "0x1F"
  empty: ""
  tilde: "~"
  date: "2026-11-23"
list:
- name: a
# the second
- name: b
`,
    );
  });

  it("refuses a reason for what is not there", () => {
    assert.throws(() => yamlText([{ object, notes: [[["metadata", "namespace"], "lost"]] }]), RangeError);
  });

  it("quotes a key that YAML 1.1 would merge", () => {
    const text = yamlText([{ object: { "<<": { a: 1 }, list: [{ "<<": "x" }] } }]);
    assert.equal(text, '"<<":\n  a: 1\nlist:\n- "<<": x\n');
  });

  it("means the same to a reader of YAML 1.1 and of YAML 1.2, whatever text is in it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.oneof(fc.string(), fc.constant("<<")), fc.jsonValue()), { minLength: 1 }),
        (contents) => {
          // As JSON has it, which knows no negative zero.
          const objects = (JSON.parse(JSON.stringify(contents)) as object[]).map((data) => ({
            apiVersion: "v1",
            kind: "X",
            data,
          }));
          const text = yamlText(objects.map((one) => ({ object: one })));
          for (const version of ["1.1", "1.2"] as const) {
            const read = parseAllDocuments(text, { version, merge: false }).map((one) => one.toJS());
            assert.deepEqual(read, objects);
          }
        },
      ),
    );
  });

  it("writes a word alike as a key and as a value, at every depth", () => {
    const word = fc.constantFrom(
      "n",
      "on",
      "12:30",
      "a: b",
      "- x",
      "? y",
      "# no",
      "x\ny",
      "---",
      "...",
      "",
      " ",
      "~",
      "1e3",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, word, fc.array(tie("tree")), fc.dictionary(word, tie("tree"))),
    }));
    fc.assert(
      fc.property(fc.dictionary(word, tree), (data) => {
        const object = { apiVersion: "v1", kind: "X", data: JSON.parse(JSON.stringify(data)) };
        assert.deepEqual(parseAllDocuments(yamlText([{ object }]), { version: "1.1" })[0]?.toJS(), object);
      }),
    );
  });
});
