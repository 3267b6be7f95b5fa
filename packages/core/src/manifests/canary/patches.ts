import type { ServiceConfig } from "../../config/types.ts";
import {
  type CanaryIdentity,
  PLACEHOLDER,
  PLACEHOLDER_NAMESPACE,
  TEMPLATE,
  type TemplatedValue,
  templatedValues,
} from "../canary-identity.ts";
import type { KubernetesObject } from "../object.ts";
import type { Project } from "../project.ts";
import { canaryObjects } from "./objects.ts";

/** A kustomize patch that makes placeholders a canary's own. */
export interface CanaryPatch {
  /** As kustomize takes it. */
  readonly target: Readonly<Record<string, string>>;
  readonly operations: readonly TemplatedValue[];
}

/**
 * The patches that turn the files of `canaryFiles` into `canaryObjects`, found by building those objects. One replaces
 * the namespace of every object; one more for each object that differs otherwise.
 */
export function canaryPatches(project: Project, service: ServiceConfig): CanaryPatch[] {
  const build = (pr: CanaryIdentity) => canaryObjects(project, service, pr).map(({ object }) => object);
  const placeholders = build(PLACEHOLDER);
  const patches = build(TEMPLATE).flatMap((object, index): CanaryPatch[] => {
    const operations = templatedValues(object).filter(({ path }) => !isNamespace(path));
    const placeholder = placeholders[index];
    return operations.length === 0 || placeholder === undefined
      ? []
      : [{ target: targetOf(placeholder), operations }];
  });
  return [NAMESPACE_PATCH, ...patches];
}

const NAMESPACE_PATCH: CanaryPatch = {
  target: { namespace: PLACEHOLDER_NAMESPACE },
  operations: [{ path: ["metadata", "namespace"], template: "{{ $ns }}", kind: "text" }],
};

function isNamespace(path: TemplatedValue["path"]): boolean {
  return path.length === 2 && path[0] === "metadata" && path[1] === "namespace";
}

function targetOf({ kind, metadata }: KubernetesObject): Record<string, string> {
  return { kind, name: metadata?.name ?? "" };
}
