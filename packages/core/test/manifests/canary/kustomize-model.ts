import type { KubernetesObject } from "@perch/core";
import type { CanaryPatch } from "../../../src/manifests/canary/index.ts";
import type { ObjectPath } from "../../../src/manifests/object.ts";

/**
 * What Argo CD makes of a Go template for a canary.
 * @throws SyntaxError for an action that is not known here
 */
export function evaluateTemplate(template: string, service: string, number: number): string {
  return template.replaceAll(/\{\{ (.*?) \}\}/g, (_, action: string) => {
    if (action === ".number") return String(number);
    if (action === ".service") return service;
    if (action === "$ns") return `${service}-canary-pr-${number}`;
    const sum = /^add ([0-9]+) \(mul 2 \(int64 \.number\)\)$/.exec(action);
    if (sum === null) throw new SyntaxError(action);
    return String(Number(sum[1]) + 2 * number);
  });
}

/**
 * The objects after the patches, as kustomize applies them: each to what has its target's kind, name and namespace
 * before any patch.
 * @throws RangeError for a patch that no object takes (kustomize ignores it silently), or that replaces what is not there
 */
export function applyPatches(
  objects: readonly KubernetesObject[],
  patches: readonly CanaryPatch[],
  evaluate: (template: string) => string,
): KubernetesObject[] {
  const result = objects.map((object) => structuredClone(object));
  for (const { target, operations } of patches) {
    const targets = result.filter((_, index) => isTarget(objects[index], target));
    if (targets.length === 0) throw new RangeError(`no object is ${JSON.stringify(target)}`);
    for (const { path, template, kind } of operations) {
      const text = evaluate(template);
      const value = kind === "number" ? Number(text) : text;
      for (const object of targets) replace(object, path, value);
    }
  }
  return result;
}

function isTarget(object: KubernetesObject | undefined, target: CanaryPatch["target"]): boolean {
  const known: Record<string, string | undefined> = {
    kind: object?.kind,
    name: object?.metadata?.name,
    namespace: object?.metadata?.namespace,
  };
  return Object.entries(target).every(([key, value]) => new RegExp(`^${value}$`).test(known[key] ?? ""));
}

function replace(object: object, path: ObjectPath, value: unknown): void {
  const parents = path.slice(0, -1);
  const last = path.at(-1) ?? "";
  let at = object as Record<string | number, unknown>;
  for (const segment of parents) at = (at[segment] ?? {}) as typeof at;
  if (!Object.hasOwn(at, last)) throw new RangeError(`nothing to replace at ${path.join("/")}`);
  at[last] = value;
}
