import { PerchError } from "../../errors.ts";
import type { KubernetesObject } from "../object.ts";

/** What of the environment repository and of stable's namespace one owner has. */
export interface Owned {
  /** `services.api` or such. */
  readonly owner: string;
  /** `Service api in namespace apps`, `folder manifests/stable/api`. */
  readonly things: readonly string[];
}

/** An object as one of these things. */
export function thingOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.name} in namespace ${metadata?.namespace}`;
}

/**
 * Names are made of services' names, and two of those can make the same one: with `mesh: none` the stable pods of `api`
 * are behind a Service `api-stable`. Two Applications would then fight over the object without end; twice in one, and
 * nothing of it builds.
 * @throws PerchError CONFIG_INVALID that names both owners and what both would have
 */
export function refuseCollisions(all: readonly Owned[]): void {
  const owners = new Map<string, string>();
  for (const { owner, things } of all) {
    for (const thing of things) {
      const other = owners.get(thing);
      if (other !== undefined) throw collision(other, owner, thing);
      owners.set(thing, owner);
    }
  }
}

function collision(one: string, other: string, thing: string): PerchError {
  return new PerchError({
    code: "CONFIG_INVALID",
    message:
      other === one
        ? `${one} would have the ${thing} twice.`
        : `${other} and ${one} would both have the ${thing}.`,
    hint: "Rename a service in perch.yaml, or cluster.imagePullSecret: names of objects are made of the names of services.",
    fault: "user",
  });
}
