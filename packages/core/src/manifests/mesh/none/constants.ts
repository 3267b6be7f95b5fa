import { ROUTER } from "../../names.ts";

/** The entry point of the router, and the name of its container port. */
export const ENTRY_POINT = "inside";

/** What of the router is there once in a cluster, where another project has its own: its class of routes, its rights. */
export function routerOf(namespace: string): string {
  return `${ROUTER}-${namespace}`;
}

export const ROUTER_LABELS = { "app.kubernetes.io/name": ROUTER } as const;

/** Readiness goes through a route: `/ping` answers before any route is loaded, and calls would then get 404. */
export const READY = { host: "ready.perch.local", path: "/perch-ready" } as const;
