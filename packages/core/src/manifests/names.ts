// Names that several manifests share. A public contract, like those of ../naming.ts.

/** Label on a canary's Namespace, which the admission policies and network policies select. */
export const CANARY_LABEL = "perch.dev/canary";
/** Label on a Namespace whose pods may call canaries, beside those that are known by name: a team's own edge or monitoring. */
export const CALLER_LABEL = "perch.dev/calls-canaries";
/** Labels on everything of a canary, its pods included; `<service>-route` selects pods by them. */
export const SERVICE_LABEL = "perch.dev/service";
export const PR_LABEL = "perch.dev/pr";
/** On an Application: `workload` or `platform`. */
export const PART_LABEL = "perch.dev/part";
/** On a workload Application: the whole hash of the pull request's head that it is of. */
export const HEAD_ANNOTATION = "perch.dev/head";

/** The ServiceAccount that a canary's pods run as. */
export const CANARY_SERVICE_ACCOUNT = "canary";
/** A Service without endpoints, in stable's namespace: what a guard sends to, so that it answers 503. */
export const UNAVAILABLE = "perch-unavailable";
/** The internal router of `mesh: none`: its Deployment, ServiceAccount, ServersTransport and ingress class. */
export const ROUTER = "perch-router";

/** The Service that a canary's routes point at, in its namespace. */
export function routeService(service: string): string {
  return `${service}-route`;
}

/** With `mesh: none`, the Service of the stable pods; the apex Service selects the router. */
export function stableService(service: string): string {
  return `${service}-stable`;
}

/** The Secret that an ExternalSecret makes for a service. */
export function secretName(service: string): string {
  return `${service}-secrets`;
}

/** The name of a port of a Service and of the container port behind it. */
export function portName(protocol: "http" | "grpc"): string {
  return protocol;
}
