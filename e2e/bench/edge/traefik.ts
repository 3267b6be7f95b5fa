/** Traefik's dynamic configuration: everything to one back end. */
export function traefikConfig(backend: string): object {
  return {
    http: {
      routers: { all: { rule: "PathPrefix(`/`)", service: "backend", entryPoints: ["web"] } },
      services: { backend: { loadBalancer: { servers: [{ url: `http://${backend}` }] } } },
    },
  };
}
