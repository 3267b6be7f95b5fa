import { ARGOCD_NAMESPACE } from "../apps/projects.ts";
import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import { TRAEFIK_VERSION } from "../mesh/none/deployment.ts";
import type { Project } from "../project.ts";
import { edgeTraefik } from "./edge-traefik.ts";

const FOLDER = "manifests/platform/install";

/** The versions that the manifests were tried on, or that their upstream documents name. */
const VERSIONS = { gatewayApi: "v1.4.1", argocd: "v3.2.11" } as const;

const RAW = "https://raw.githubusercontent.com";

/** Pinned installs of what a cluster may lack. Each folder by itself: leave out what is there, but compare the settings. */
export function installFiles(project: Project): ManifestFile[] {
  return [...gatewayApi(), ...argocd(), ...traefik(project)];
}

function gatewayApi(): ManifestFile[] {
  const base = `${RAW}/kubernetes-sigs/gateway-api/${VERSIONS.gatewayApi}/config/crd/standard`;
  const names = ["grpcroutes", "httproutes", "referencegrants"];
  const resources = names.map((name) => `${base}/gateway.networking.k8s.io_${name}.yaml`);
  return [
    kustomizationFile(`${FOLDER}/gateway-api`, { resources }, { why: "Only the kinds that perch renders." }),
  ];
}

function argocd(): ManifestFile[] {
  const folder = `${FOLDER}/argocd`;
  const resources = [`${RAW}/argoproj/argo-cd/${VERSIONS.argocd}/manifests/core-install.yaml`];
  const content = {
    namespace: ARGOCD_NAMESPACE,
    resources: ["namespace.yaml", ...resources],
    patches: [{ path: "settings.yaml" }],
  };
  const settings = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "argocd-cm" },
    data: { "application.resourceTrackingMethod": "annotation" },
  };
  return [
    kustomizationFile(folder, content, {
      why: "Without its web interface (core); apply with --server-side: one definition is too large otherwise.",
    }),
    manifestFile(`${folder}/namespace.yaml`, [
      { object: { apiVersion: "v1", kind: "Namespace", metadata: { name: ARGOCD_NAMESPACE } } },
    ]),
    manifestFile(`${folder}/settings.yaml`, [
      { object: settings, why: "The admission policies read the tracking annotation." },
    ]),
  ];
}

function traefik(project: Project): ManifestFile[] {
  const folder = `${FOLDER}/traefik`;
  const definitions = `${RAW}/traefik/traefik/v${TRAEFIK_VERSION}/docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml`;
  return [
    kustomizationFile(folder, { resources: [definitions, "traefik.yaml"] }),
    manifestFile(
      `${folder}/traefik.yaml`,
      edgeTraefik(project),
      "The edge, with the settings that the routes need.",
    ),
  ];
}
