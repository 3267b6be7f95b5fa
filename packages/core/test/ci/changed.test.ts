import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Config, imageJobs, serviceChanges } from "@perch/core";
import { config, HEAD, service } from "./support.ts";

function changes(base: Config | undefined, head: Config, changedPaths: string[], packages: object[] = []) {
  const facts = { repo: "acme/shop", base, head, changedPaths };
  return serviceChanges({ ...facts, packages: packages as never });
}

const shop = config();

describe("the services that a pull request changes", () => {
  it("are those with a changed path, in the order of perch.yaml", () => {
    assert.deepEqual(changes(shop, shop, ["services/store/src/main.ts", "docs/x.md"]).changed, ["store"]);
    assert.deepEqual(changes(shop, shop, ["services/store/a", "services/api/b"]).changed, ["api", "store"]);
    assert.deepEqual(changes(shop, shop, ["services/storefront/x"]).changed, []);
    assert.deepEqual(changes(shop, shop, []).changed, []);
  });

  it("are those of its own repository, in any case of its name", () => {
    const two = config({ api: service("a"), web: { ...service("a"), repo: "acme/web" } });
    assert.deepEqual(changes(two, two, ["a/x"]).changed, ["api"]);
    assert.deepEqual(
      serviceChanges({ repo: "ACME/Shop", base: two, head: two, changedPaths: ["a/x"], packages: [] })
        .changed,
      ["api"],
    );
  });

  it("include those whose package depends on a changed one", () => {
    const packages = [
      { folder: "services/api", name: "api", dependencies: ["lib"] },
      { folder: "lib", name: "lib", dependencies: [] },
    ];
    assert.deepEqual(changes(shop, shop, ["lib/index.ts"], packages).changed, ["api"]);
  });

  it("count with the paths that either end lists, so that a pull request cannot hide a change", () => {
    const wide = config({ api: service("services/api", { paths: ["services/api", "lib"] }) });
    const narrow = config({ api: service("services/api") });
    for (const [base, head] of [
      [wide, narrow],
      [narrow, wide],
    ] as const) {
      assert.deepEqual(changes(base, head, ["lib/x", "perch.yaml"]).changed, ["api"]);
    }
  });

  it("are none for a change of perch.yaml alone, unless it is among a service's paths", () => {
    assert.deepEqual(changes(shop, shop, ["perch.yaml"]).changed, []);
    const all = config({ api: service("services/api", { paths: ["."] }) });
    assert.deepEqual(changes(all, all, ["perch.yaml"]).changed, ["api"]);
  });

  it("are not those that it adds, renames or removes: they are named apart", () => {
    const before = config({
      api: service("services/api"),
      old: service("services/old"),
      gone: service("gone"),
    });
    const after = config({
      api: service("services/api"),
      young: service("services/old"),
      more: service("more"),
    });
    assert.deepEqual(changes(before, after, ["services/old/x", "more/y", "gone/z", "services/api/a"]), {
      changed: ["api"],
      added: ["young", "more"],
      removed: ["old", "gone"],
      renamed: [{ from: "old", to: "young" }],
    });
  });

  it("are all new where perch.yaml itself is", () => {
    const found = changes(undefined, shop, ["perch.yaml", "services/api/x"]);
    assert.deepEqual([found.changed, found.added], [[], ["api", "store"]]);
  });
});

describe("the images that a head needs", () => {
  it("are of the changed services and of the labelled ones, each with its tag", () => {
    assert.deepEqual(
      imageJobs(shop, "ghcr.io/acme", { pr: 7, head: HEAD }, ["store"], ["api", "store", "gone"]),
      [
        { service: "api", path: "services/api", image: "ghcr.io/acme/api:pr-7-0123456789ab", changed: false },
        {
          service: "store",
          path: "services/store",
          image: "ghcr.io/acme/store:pr-7-0123456789ab",
          changed: true,
        },
      ],
    );
  });
});
