import type { KubernetesObject } from "../../object.ts";

/** Where a rule sends: a Service of the route's own namespace, or of another one. */
export interface RouteTarget {
  /** A Kubernetes Service unless it says otherwise. */
  readonly kind?: "Service" | "TraefikService";
  readonly name: string;
  readonly namespace?: string;
  /** A Service's; something of Traefik's own has none. */
  readonly port?: number;
  readonly scheme?: "h2c";
  readonly serversTransport?: string;
  /** Dial the Service and not its pods, so that a mesh sees the Service. */
  readonly nativeLB?: true;
}

export interface Rule {
  readonly match: string;
  readonly priority: number;
  readonly middlewares?: readonly object[];
  /** Absent on a parent. */
  readonly target?: RouteTarget;
}

export interface IngressRoute {
  readonly name: string;
  readonly namespace: string;
  /** Class that only the internal router reads. */
  readonly ingressClassName?: string;
  /** A parent, or a route by itself: where it listens. A child has none: it is refused otherwise. */
  readonly listen?: { readonly entryPoints: readonly string[]; readonly tls?: object };
  /** The parents of a child. */
  readonly parents?: readonly string[];
  readonly rules: readonly Rule[];
}

/** An IngressRoute of `traefik.io/v1alpha1`; parents and children as of Traefik 3.7. */
export function ingressRoute(route: IngressRoute): KubernetesObject {
  const { name, namespace, ingressClassName, listen, parents, rules } = route;
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name, namespace },
    spec: {
      ...(ingressClassName !== undefined && { ingressClassName }),
      ...(listen !== undefined && { entryPoints: [...listen.entryPoints] }),
      ...(parents !== undefined && { parentRefs: parents.map((parent) => ({ name: parent, namespace })) }),
      routes: rules.map(rule),
      ...(listen?.tls !== undefined && { tls: listen.tls }),
    },
  };
}

function rule({ match, priority, middlewares = [], target }: Rule): object {
  return {
    kind: "Rule",
    match,
    priority,
    ...(middlewares.length > 0 && { middlewares }),
    ...(target !== undefined && { services: [{ kind: "Service", ...target }] }),
  };
}
