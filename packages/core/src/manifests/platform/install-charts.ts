import { ARGOCD_NAMESPACE, SERVER } from "../apps/projects.ts";
import { RETRY } from "../apps/stable-applications.ts";
import type { Described } from "../object.ts";

/** A chart that upstream publishes, and no manifests: Argo CD renders and applies it. */
interface Chart {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
  readonly namespace: string;
  /** Pod Security of its Namespace, where it needs more than the cluster's default. */
  readonly podSecurity?: "privileged";
  readonly values?: object;
  /** What the chart makes anew each time it is rendered. */
  readonly ignoreDifferences?: readonly object[];
  readonly why: string;
}

export function externalSecretsChart(): Described {
  return application({
    name: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "1.3.1",
    namespace: "external-secrets",
    why: "External Secrets: makes Secrets of what perch.yaml names. The ClusterSecretStores are yours to write: two, so that\ncanaries' keys are apart.",
  });
}

const LINKERD = { repository: "https://helm.linkerd.io/edge", version: "2026.9.1" } as const;

/** Linkerd publishes its open-source releases on the edge channel. */
export function linkerdCharts(): Described[] {
  return [
    application({
      ...LINKERD,
      name: "linkerd-crds",
      namespace: "linkerd",
      values: { installGatewayAPI: false },
      why: "Linkerd's kinds; those of the Gateway API come from ../gateway-api.",
    }),
    application({
      ...LINKERD,
      name: "linkerd2-cni",
      namespace: "linkerd-cni",
      podSecurity: "privileged",
      why: "Sets up the network on nodes: canaries' Namespaces are restricted, and refuse the init container that would do it.",
    }),
    application({
      ...LINKERD,
      name: "linkerd-control-plane",
      namespace: "linkerd",
      values: { cniEnabled: true, identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } } },
      ignoreDifferences: MADE_ANEW,
      why: "It waits for the Secret linkerd-identity-issuer and the ConfigMap linkerd-identity-trust-roots, which cert-manager and\ntrust-manager make: keys are never in git.",
    }),
  ];
}

const CA_BUNDLE = [".webhooks[]?.clientConfig.caBundle"];

const MADE_ANEW = [
  { kind: "Secret", jsonPointers: ["/data/tls.crt", "/data/tls.key"] },
  {
    group: "admissionregistration.k8s.io",
    kind: "MutatingWebhookConfiguration",
    jqPathExpressions: CA_BUNDLE,
  },
  {
    group: "admissionregistration.k8s.io",
    kind: "ValidatingWebhookConfiguration",
    jqPathExpressions: CA_BUNDLE,
  },
  { group: "batch", kind: "CronJob", jsonPointers: ["/spec/schedule"] },
  {
    group: "apps",
    kind: "Deployment",
    jsonPointers: ["/spec/template/metadata/annotations/checksum~1config"],
  },
];

function application(chart: Chart): Described {
  const { name, repository, version, namespace, podSecurity, values, ignoreDifferences, why } = chart;
  const labels = { "pod-security.kubernetes.io/enforce": podSecurity };
  return {
    why,
    object: {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name, namespace: ARGOCD_NAMESPACE },
      spec: {
        project: "default",
        destination: { server: SERVER, namespace },
        source: {
          repoURL: repository,
          chart: name,
          targetRevision: version,
          ...(values !== undefined && { helm: { valuesObject: values } }),
        },
        ...(ignoreDifferences !== undefined && { ignoreDifferences }),
        syncPolicy: {
          automated: { prune: true, selfHeal: true },
          retry: RETRY,
          ...(podSecurity !== undefined && { managedNamespaceMetadata: { labels } }),
          syncOptions: ["CreateNamespace=true", "ServerSideApply=true", "RespectIgnoreDifferences=true"],
        },
      },
    },
  };
}
