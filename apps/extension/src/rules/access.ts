import type { Options } from "../options/options.ts";
import { hostnameOf, type Target } from "../options/target.ts";

/**
 * Match patterns of the access that a target needs. Access has no ports; the rules do. `*` is http and https: without ws
 * and wss no rule touches a WebSocket.
 */
export function accessOfTarget(target: Target): string[] {
  return ["*", "ws", "wss"].map((scheme) => `${scheme}://${hostnameOf(target)}/*`);
}

/** Match patterns of the access that a page needs for its calls to carry the selector. */
export function accessOfPage(origin: string): string[] {
  return [`*://${new URL(origin).hostname}/*`];
}

/** Everything that these options need, each once. */
export function accessOf({ targets, pages }: Pick<Options, "targets" | "pages">): string[] {
  return [...new Set([...targets.flatMap(accessOfTarget), ...pages.flatMap(accessOfPage)])];
}
