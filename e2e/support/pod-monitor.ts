import assert from "node:assert/strict";

/** What of a PodMonitor is used here. https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor */
export interface PodMonitor {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly namespaceSelector: { readonly any?: true; readonly matchNames?: readonly string[] };
    readonly selector: { readonly matchExpressions: readonly { key: string; operator: string }[] };
    readonly podMetricsEndpoints: readonly [Endpoint];
    readonly [limit: string]: unknown;
  };
}

interface Endpoint {
  readonly relabelings: readonly Relabeling[];
  readonly metricRelabelings: readonly Relabeling[];
  readonly [setting: string]: unknown;
}

type Relabeling = Readonly<Record<string, unknown>>;

/** A pod's container port, as Prometheus' discovery in a cluster finds it. */
export interface Pod {
  /** `127.0.0.1:40123`, in place of the pod's address. */
  readonly address: string;
  readonly namespace: string;
  /** The pod's label perch.dev/service, if it has it. */
  readonly service?: string;
  /** The name of the container port. */
  readonly port: string;
  readonly path?: string;
}

const ENDPOINT_SETTINGS = {
  honorLabels: "honor_labels",
  honorTimestamps: "honor_timestamps",
  followRedirects: "follow_redirects",
  path: "metrics_path",
} as const;

const LIMITS = {
  sampleLimit: "sample_limit",
  labelLimit: "label_limit",
  labelNameLengthLimit: "label_name_length_limit",
  labelValueLengthLimit: "label_value_length_limit",
  bodySizeLimit: "body_size_limit",
} as const;

/** What Prometheus' operator adds of its own, in front. */
const OPERATOR: readonly Relabeling[] = [
  { sourceLabels: ["__meta_kubernetes_namespace"], targetLabel: "namespace" },
  { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "pod" },
];

/**
 * The scrape_config that Prometheus' operator makes of a monitor (generatePodMonitorConfig in its pkg/prometheus/promcfg.go), with
 * pods that are named here in place of those that a cluster has. Settings that are not known here fail: none is left out silently.
 * @param interval in place of the monitor's own
 */
export function scrapeConfig(
  monitor: PodMonitor,
  pods: readonly Pod[],
  interval: string,
): Record<string, unknown> {
  const { namespaceSelector, selector, podMetricsEndpoints, ...limits } = monitor.spec;
  const [endpoint] = podMetricsEndpoints;
  const { relabelings, metricRelabelings, interval: _, scrapeTimeout: __, ...settings } = endpoint;
  assert.equal(podMetricsEndpoints.length, 1);
  const matching = selector.matchExpressions.map(({ key, operator }): Relabeling => {
    assert.equal(operator, "Exists");
    return {
      action: "keep",
      sourceLabels: [`__meta_kubernetes_pod_labelpresent_${safe(key)}`],
      regex: "true",
    };
  });
  const { any, matchNames = [] } = namespaceSelector;
  return {
    job_name: `podMonitor/monitoring/${monitor.metadata.name}/0`,
    scrape_interval: interval,
    scrape_timeout: interval,
    ...renamed(settings, ENDPOINT_SETTINGS),
    ...renamed(limits, LIMITS),
    relabel_configs: [...matching, ...OPERATOR, ...relabelings].map(relabelConfig),
    metric_relabel_configs: metricRelabelings.map(relabelConfig),
    static_configs: pods
      .filter(({ namespace }) => any === true || matchNames.includes(namespace))
      .map(discovered),
  };
}

function renamed(
  from: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(from).map(([key, value]) => {
      const name = names[key];
      assert.ok(name !== undefined, `${key} is not known here`);
      return [name, value];
    }),
  );
}

function relabelConfig(relabeling: Relabeling): object {
  const { sourceLabels, targetLabel, ...rest } = relabeling;
  return {
    ...rest,
    ...(sourceLabels !== undefined && { source_labels: sourceLabels }),
    ...(targetLabel !== undefined && { target_label: targetLabel }),
  };
}

function discovered({ address, namespace, service, port, path }: Pod): object {
  const label = safe("perch.dev/service");
  return {
    targets: [address],
    labels: {
      __meta_kubernetes_namespace: namespace,
      __meta_kubernetes_pod_name: `${namespace}-${path ?? port}`,
      __meta_kubernetes_pod_container_port_name: port,
      ...(service !== undefined && {
        [`__meta_kubernetes_pod_label_${label}`]: service,
        [`__meta_kubernetes_pod_labelpresent_${label}`]: "true",
      }),
      ...(path !== undefined && { __metrics_path__: path }),
    },
  };
}

/** A label's name as Prometheus has it. */
function safe(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}
