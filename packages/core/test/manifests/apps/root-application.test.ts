import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applicationFiles } from "../../../src/manifests/apps/index.ts";
import { manyRepositories, objectsOf, specOf } from "../support.ts";

describe("the root Application", () => {
  const root = applicationFiles(manyRepositories())
    .flatMap(objectsOf)
    .find(({ kind, metadata }) => kind === "Application" && metadata?.name === "shop-root");

  it("follows what was applied once, in the environment's repository", () => {
    const { source } = specOf<{ source: object }>(root);
    assert.deepEqual(source, {
      repoURL: "https://github.com/acme/env.git",
      targetRevision: "main",
      path: "manifests",
    });
  });

  it("takes nothing with it when it is deleted", () => {
    assert.equal(root?.metadata?.finalizers, undefined);
  });

  it("shows a flag of an ApplicationSet that became true", () => {
    const paths = JSON.stringify(root?.spec);
    assert.match(paths, /select\(\.continueOnRepoNotFoundError == false\)/);
    assert.match(paths, /select\(\.preserveResourcesOnDeletion == false\)/);
  });
});
