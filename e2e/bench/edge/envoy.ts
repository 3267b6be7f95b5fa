/** Envoy's configuration: everything to one back end, by HTTP/1.1 or HTTP/2, without access log or retries. */
export function envoyConfig(port: number, backend: string, protocol: "http" | "h2c" = "http"): object {
  const [host, backendPort] = backend.split(":");
  const routes = { virtual_hosts: [{ name: "all", domains: ["*"], routes: [toBackend()] }] };
  const manager = {
    "@type": typeOf("filters.network.http_connection_manager.v3.HttpConnectionManager"),
    stat_prefix: "edge",
    route_config: routes,
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": typeOf("filters.http.router.v3.Router") },
      },
    ],
  };
  const filters = [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
  return {
    static_resources: {
      listeners: [{ name: "edge", address: address("127.0.0.1", port), filter_chains: [{ filters }] }],
      clusters: [
        {
          name: "backend",
          type: "STATIC",
          ...(protocol === "h2c" && { typed_extension_protocol_options: { [OPTIONS]: HTTP2 } }),
          load_assignment: {
            cluster_name: "backend",
            endpoints: [
              { lb_endpoints: [{ endpoint: { address: address(host ?? "", Number(backendPort)) } }] },
            ],
          },
        },
      ],
    },
  };
}

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const HTTP2 = {
  "@type": `type.googleapis.com/${OPTIONS}`,
  explicit_http_config: { http2_protocol_options: {} },
};

function toBackend(): object {
  return { match: { prefix: "/" }, route: { cluster: "backend", timeout: "0s" } };
}

function typeOf(name: string): string {
  return `type.googleapis.com/envoy.extensions.${name}`;
}

function address(host: string, port: number): object {
  return { socket_address: { address: host, port_value: port } };
}
