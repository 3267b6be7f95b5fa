import type { Problem, Unread } from "../types.ts";

/** Whether a kind could be read: everywhere, or with a namespace at least there. */
export function isRead(unread: readonly Unread[], resource: string, namespace?: string): boolean {
  return !unread.some(
    (one) => one.resource === resource && (one.namespace === undefined || one.namespace === namespace),
  );
}

/** So many namespaces are named; a cluster may have hundreds. */
const NAMED = 5;

/** What the rest of a status says nothing of, one problem a kind of object. */
export function unreadProblems(unread: readonly Unread[]): Problem[] {
  return [...Map.groupBy(unread, ({ resource }) => resource)].map(([resource, all]) => {
    const places = all.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace]));
    return {
      code: "CLUSTER_REFUSED",
      message: `Not read: ${resource}${placesText(places)}. ${all[0]?.reason ?? ""}`.trim(),
      hint: hintFor(resource),
      fault: "environment",
    };
  });
}

function placesText(places: readonly string[]): string {
  if (places.length === 0) return "";
  const more = places.length > NAMED ? ` and ${places.length - NAMED} more` : "";
  return ` in ${places.slice(0, NAMED).join(", ")}${more}`;
}

function hintFor(resource: string): string {
  const what =
    resource === "applications"
      ? "Without them it is not known which canaries should be there, nor what Argo CD says of them; those are shown whose pods can be read."
      : "What is shown does without them.";
  return `${what} docs/kubernetes.md has a ClusterRole for people who only look.`;
}
