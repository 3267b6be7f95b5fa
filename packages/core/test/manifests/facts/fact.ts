import type { KubernetesObject } from "@perch/core";
import type { Project } from "../../../src/manifests/project.ts";

/** Something that has cost somebody a day (DESIGN sections 6 and 8), as a check of rendered objects. */
export interface Fact {
  readonly claim: string;
  /** What contradicts it, one text each; none: it holds. */
  readonly violations: (objects: readonly KubernetesObject[], project: Project) => string[];
  /** Mistakes in the objects' JSON that must be seen, each as what to replace by what. */
  readonly mistakes: readonly (readonly [pattern: RegExp, by: string])[];
}

export type Data = Readonly<Record<string, unknown>>;

/** The value at a path; `undefined` where there is none. */
export function get(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Data)[key] : undefined),
    value,
  );
}

/** The list at a path; empty where there is none. */
export function list(value: unknown, ...path: readonly (string | number)[]): readonly Data[] {
  const found = get(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function text(value: unknown, ...path: readonly (string | number)[]): string {
  return JSON.stringify(get(value, ...path)) ?? "";
}

export function ofKind(
  objects: readonly KubernetesObject[],
  ...kinds: readonly string[]
): KubernetesObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

export function idOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;
}

/** Whether a path of an object has this value, as JSON. */
export function is(object: unknown, path: string, value: unknown): boolean {
  return text(object, ...path.split(".")) === (JSON.stringify(value) ?? "");
}

type Check = (object: KubernetesObject, objects: readonly KubernetesObject[], project: Project) => boolean;

/** Every object of these kinds must pass. */
export function each(kinds: readonly string[], isRight: Check): Fact["violations"] {
  return (objects, project) =>
    ofKind(objects, ...kinds)
      .filter((object) => !isRight(object, objects, project))
      .map(idOf);
}

/** The containers of a Deployment. */
export function containers(object: KubernetesObject): readonly Data[] {
  return list(object, "spec", "template", "spec", "containers");
}

/** Whether a Deployment is a Traefik: the edge's, or the internal router. */
export function isTraefik(object: KubernetesObject): boolean {
  return containers(object).some(({ image }) => String(image).includes("/traefik:"));
}

export function find(
  objects: readonly KubernetesObject[],
  kind: string,
  namespace: string | undefined,
  name: unknown,
): KubernetesObject | undefined {
  return objects.find(
    (one) => one.kind === kind && one.metadata?.namespace === namespace && one.metadata?.name === name,
  );
}

export function isOfCanary(namespace: unknown): boolean {
  return /-canary-pr-[0-9]+$/.test(String(namespace));
}
