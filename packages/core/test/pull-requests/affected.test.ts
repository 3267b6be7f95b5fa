import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Config, serviceChanges, serviceDependencies } from "../../src/index.ts";
import { affectedServices } from "../../src/pull-requests/affected.ts";
import { commit, pullRequest, shop } from "../support.ts";

const segment = fc.constantFrom("a", "b", "services", "api", "api-2", "..", "x\ny", "");
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const root = fc.oneof(fc.constant("."), path);
const repo = fc.constantFrom("acme/shop", "acme/store");
const service = fc.record({ repo, paths: fc.array(root, { minLength: 1, maxLength: 3 }) });

function withServices(services: readonly { repo: string; paths: readonly string[] }[]): Config {
  const config = shop();
  const [model] = config.services.values();
  if (model === undefined) throw new Error("the config has no service");
  const named = services.map((one, index) => [`s${index}`, { ...model, ...one, name: `s${index}` }] as const);
  return { ...config, services: new Map(named) };
}

/** What the words of `perch.yaml` say: a service has a path when that is one of its roots, or below one. */
function isBelow(changed: string, above: string): boolean {
  return above === "." || changed === above || changed.startsWith(`${above}/`);
}

describe("affectedServices", () => {
  it("names the services of the repository that have a changed path, in the order of the config", () => {
    const property = fc.property(
      fc.array(service, { maxLength: 6 }),
      repo,
      fc.array(path, { maxLength: 6 }),
      (services, of, changedPaths) => {
        const config = withServices(services);
        const expected = [...config.services.values()]
          .filter((one) => one.repo === of)
          .filter((one) => changedPaths.some((changed) => one.paths.some((above) => isBelow(changed, above))))
          .map(({ name }) => name);
        assert.deepEqual(
          affectedServices(config, { ...pullRequest(1, commit("a"), changedPaths), repo: of }),
          expected,
        );
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it("decides as a cluster's workflow does, which knows the packages of the repository too", () => {
    const folder = fc.constantFrom(".", "a", "b", "a/b", "services", "services/api");
    const name = fc.constantFrom("p", "q", "r");
    const packages = fc.uniqueArray(
      fc.record({ folder, name, dependencies: fc.array(name, { maxLength: 3 }) }),
      { maxLength: 5, selector: (one) => one.folder },
    );
    const built = fc.record({ repo, path: folder, paths: fc.array(root, { minLength: 1, maxLength: 2 }) });
    const property = fc.property(
      fc.array(built, { maxLength: 5 }),
      packages,
      fc.array(path, { maxLength: 4 }),
      (services, known, changedPaths) => {
        const config = withServices(services);
        const of = "acme/shop";
        const folders = services.filter((one) => one.repo === of).map((one) => one.path);
        const dependencies = serviceDependencies(known, folders);
        assert.deepEqual(
          affectedServices(config, { ...pullRequest(1, commit("a"), changedPaths), repo: of, dependencies }),
          serviceChanges({ repo: of, base: config, head: config, changedPaths, packages: known }).changed,
        );
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });
});
