import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cacheKey, type SourceFile, sourceFiles } from "../src/parts/key.ts";
import { PARTS_FOLDER } from "../src/parts/parts.ts";

const files: SourceFile[] = [
  { path: "build.sh", content: "go build" },
  { path: "go.sum", content: "a h1:1" },
];

describe("cacheKey", () => {
  it("is 16 hex digits", () => {
    assert.match(cacheKey(files, "x64"), /^[0-9a-f]{16}$/);
  });

  it("does not depend on the order in which files are read", () => {
    assert.equal(cacheKey(files.toReversed(), "x64"), cacheKey(files, "x64"));
  });

  it("changes with the architecture", () => {
    assert.notEqual(cacheKey(files, "arm64"), cacheKey(files, "x64"));
  });

  it("changes with the content or the name of any file", () => {
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.string({ minLength: 1 }), (index, more) => {
        const grown = files.map((file, at) =>
          at === index ? { ...file, content: file.content + more } : file,
        );
        const renamed = files.map((file, at) => (at === index ? { ...file, path: file.path + more } : file));
        assert.notEqual(cacheKey(grown, "x64"), cacheKey(files, "x64"));
        assert.notEqual(cacheKey(renamed, "x64"), cacheKey(files, "x64"));
      }),
    );
  });

  it("takes in the dependencies' sums, the build script and the patches of a part", async () => {
    const paths = (await sourceFiles(`${PARTS_FOLDER}/traefik`)).map((file) => file.path).sort();
    for (const path of ["build.sh", "go.mod", "go.sum", "patches/mux.patch"]) assert.ok(paths.includes(path));
  });
});
