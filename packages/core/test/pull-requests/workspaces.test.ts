import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dependencyFolders, readPackageManifest } from "@perch/core";

const manifest = (folder: string, name: string, dependencies: object = {}, more: object = {}) =>
  readPackageManifest(folder, JSON.stringify({ name, dependencies, ...more })) ??
  assert.fail("it is a package");

describe("the folders that a package is built from", () => {
  it("are those of its own repository's packages, through others too, in circles as well", () => {
    const packages = [
      manifest("services/api", "@shop/api", { "@perch/context": "*", express: "5" }),
      manifest("packages/context", "@perch/context", { "@perch/header": "*" }),
      manifest("packages/header", "@perch/header", {}, { peerDependencies: { "@perch/context": "*" } }),
      manifest("tools", "tools"),
    ];
    assert.deepEqual(dependencyFolders(packages, "services/api"), ["packages/context", "packages/header"]);
    assert.deepEqual(dependencyFolders(packages, "services/none"), []);
  });

  it("leave out what only its tests need", () => {
    const packages = [
      manifest("a", "a", {}, { devDependencies: { b: "*" }, optionalDependencies: { c: "*" } }),
      manifest("b", "b"),
      manifest("c", "c"),
    ];
    assert.deepEqual(dependencyFolders(packages, "a"), ["c"]);
  });

  it("survive a package.json that is none", () => {
    for (const text of ["", "{", "[]", "null", '"x"']) {
      const found = readPackageManifest("x", text);
      assert.ok(found === undefined || found.name === undefined, text);
    }
    assert.deepEqual(readPackageManifest("x", '{"name":1,"dependencies":"no"}'), {
      folder: "x",
      name: undefined,
      dependencies: [],
    });
  });
});
