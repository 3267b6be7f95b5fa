import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject, ServiceConfig } from "@perch/core";
import { parseSelector } from "@perch/header";
import fc from "fast-check";
import {
  canaryFiles,
  canaryFolder,
  canaryObjects,
  canaryPatches,
} from "../../../src/manifests/canary/index.ts";
import { canaryIdentity, PLACEHOLDER_NAMESPACE } from "../../../src/manifests/canary-identity.ts";
import { leavesOf } from "../../../src/manifests/object.ts";
import { type Project, projectOf } from "../../../src/manifests/project.ts";
import { anyConfig, objectsOf } from "../support.ts";
import { applyPatches, evaluateTemplate } from "./kustomize-model.ts";

const number = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 9_999_999_999 }));

interface Case {
  readonly project: Project;
  readonly service: ServiceConfig;
  readonly pr: number;
  /** What is in the files of the service, as kustomize reads it. */
  readonly files: readonly KubernetesObject[];
}

function everyService(check: (one: Case) => void): void {
  const property = fc.property(anyConfig, number, (config, pr) => {
    const project = projectOf(config);
    const rendered = canaryFiles(project);
    for (const service of config.services.values()) {
      const files = rendered
        .filter(({ path }) => path.startsWith(`${canaryFolder(service.name)}/`))
        .flatMap(objectsOf)
        .filter(({ kind }) => kind !== "Kustomization");
      check({ project, service, pr, files });
    }
  });
  // Each reads some dozen files as YAML.
  fc.assert(property, { numRuns: 25 });
}

function patched({ project, service, pr, files }: Case): KubernetesObject[] {
  const evaluate = (template: string) => evaluateTemplate(template, service.name, pr);
  return applyPatches(files, canaryPatches(project, service), evaluate);
}

describe("the patches of a canary", () => {
  it("make of the files what the canary of that number is, for any config and number, and each finds its objects", () => {
    everyService((one) => {
      const { project, service, pr } = one;
      const built = canaryObjects(project, service, canaryIdentity(service.name, pr)).map(
        ({ object }) => object,
      );
      assert.deepEqual(patched(one), JSON.parse(JSON.stringify(built)));
    });
  });

  it("mean one object each, but for the one that moves all into the canary's namespace", () => {
    everyService(({ project, service, files }) => {
      const [all, ...own] = canaryPatches(project, service);
      assert.deepEqual(all?.target, { namespace: PLACEHOLDER_NAMESPACE });
      for (const { target } of own) {
        const found = files.filter(
          ({ kind, metadata }) => kind === target.kind && metadata?.name === target.name,
        );
        assert.equal(found.length, 1, JSON.stringify(target));
      }
    });
  });

  it("leave nothing over of a placeholder", () => {
    everyService((one) => {
      for (const [path, leaf] of patched(one).flatMap((object) => [...leavesOf(object)])) {
        assert.doesNotMatch(String(leaf), /canary-namespace|-canary-pr-0\b/, path.join("."));
      }
    });
  });
});

describe("the files before anybody patched them", () => {
  it("match no valid selector", () => {
    everyService(({ files }) => {
      for (const [, value = ""] of JSON.stringify(files).matchAll(/Header\(`X-Canary`, `([^`]*)`\)/g)) {
        assert.equal(parseSelector([value]).kind, "invalid");
      }
    });
  });
});
