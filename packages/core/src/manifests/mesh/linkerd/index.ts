import type { Mesh } from "../mesh.ts";
import { canaryRoute, defaultRoute, referenceGrant } from "./routes.ts";

/** Linkerd 2.18 or later: Gateway API routes on the apex Service, read by each caller's own proxy. */
export const linkerd: Mesh = {
  sharedObjects: () => [],
  serviceObjects: (project, service) => [defaultRoute(project, service)],
  canaryObjects: (project, service, pr) => [
    canaryRoute(project, service, pr),
    referenceGrant(project, service, pr),
  ],
  apexPatches: () => [],
  namespaceAnnotations: { "linkerd.io/inject": "enabled" },
};
