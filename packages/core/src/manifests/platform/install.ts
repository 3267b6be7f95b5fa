import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import { TRAEFIK_VERSION } from "../mesh/none/deployment.ts";
import type { Project } from "../project.ts";
import { edgeTraefik } from "./edge-traefik.ts";
import { argocdFiles } from "./install-argocd.ts";
import { externalSecretsChart, linkerdCharts } from "./install-charts.ts";

const INSTALL_FOLDER = "manifests/platform/install";

const RAW = "https://raw.githubusercontent.com";
const GATEWAY_API = "v1.4.1";

/**
 * Pinned installs of what a cluster may lack, each a folder by itself: leave out what is there, but compare the settings.
 * Manifests where upstream has them at a fixed address; a chart, applied by Argo CD, where it has nothing else.
 */
export function installFiles(project: Project): ManifestFile[] {
  return [
    ...gatewayApi(),
    ...argocdFiles(project, INSTALL_FOLDER),
    ...traefik(project),
    ...chartFiles("external-secrets", [externalSecretsChart()]),
    ...(project.mesh === "linkerd" ? chartFiles("linkerd", linkerdCharts()) : []),
  ];
}

function gatewayApi(): ManifestFile[] {
  const base = `${RAW}/kubernetes-sigs/gateway-api/${GATEWAY_API}/config/crd/standard`;
  const names = ["grpcroutes", "httproutes", "referencegrants"];
  const resources = names.map((name) => `${base}/gateway.networking.k8s.io_${name}.yaml`);
  return [
    kustomizationFile(
      `${INSTALL_FOLDER}/gateway-api`,
      { resources },
      { why: "Only the kinds that perch renders." },
    ),
  ];
}

function traefik(project: Project): ManifestFile[] {
  const folder = `${INSTALL_FOLDER}/traefik`;
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

function chartFiles(name: string, applications: Parameters<typeof manifestFile>[1]): ManifestFile[] {
  const folder = `${INSTALL_FOLDER}/${name}`;
  return [
    kustomizationFile(folder, { resources: ["applications.yaml"] }),
    manifestFile(`${folder}/applications.yaml`, applications),
  ];
}
