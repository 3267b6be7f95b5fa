import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestCluster } from "./cluster/index.ts";

/** As much as is read of a Pod. */
interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly containers: readonly Container[] };
  readonly status: { readonly podIP?: string };
}

interface Container {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** A list of targets that Prometheus asks for again and again. */
export interface PodDiscovery {
  /** For `http_sd_configs`. @param namespaces absent: all. */
  url(namespaces?: readonly string[]): string;
  close(): Promise<void>;
}

/**
 * Tells Prometheus of pods what its own discovery of Kubernetes does (`role: pod`): Debian builds it without. Each port of each
 * container is a target.
 */
export async function startPodDiscovery(cluster: TestCluster): Promise<PodDiscovery> {
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://localhost");
    const wanted = searchParams.getAll("namespace");
    const list = (await cluster.read("/api/v1/pods").catch(() => undefined)) as { items: Pod[] } | undefined;
    if (list === undefined) {
      response.writeHead(503).end();
      return;
    }
    const pods = list.items.filter(
      ({ metadata }) => wanted.length === 0 || wanted.includes(metadata.namespace),
    );
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(pods.flatMap(targetsOf)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url: (namespaces = []) =>
      `${root}?${new URLSearchParams(namespaces.map((name): [string, string] => ["namespace", name]))}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Labels of https://prometheus.io/docs/prometheus/latest/configuration/configuration/#pod */
function targetsOf({ metadata, spec, status }: Pod): object[] {
  const { podIP } = status;
  if (podIP === undefined) return [];
  const labels = Object.entries(metadata.labels ?? {}).flatMap(([name, value]) => {
    const written = name.replace(/[^A-Za-z0-9_]/g, "_");
    return [
      [`__meta_kubernetes_pod_label_${written}`, value],
      [`__meta_kubernetes_pod_labelpresent_${written}`, "true"],
    ];
  });
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .map(({ name = "", containerPort }) => ({
      targets: [`${podIP}:${containerPort}`],
      labels: {
        ...Object.fromEntries(labels),
        __meta_kubernetes_namespace: metadata.namespace,
        __meta_kubernetes_pod_name: metadata.name,
        __meta_kubernetes_pod_container_port_name: name,
        __meta_kubernetes_pod_container_port_number: String(containerPort),
      },
    }));
}
