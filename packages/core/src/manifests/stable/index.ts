import type { ServiceConfig } from "../../config/types.ts";
import { edgeServiceObjects, edgeSharedObjects } from "../edge/traefik/index.ts";
import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import { meshOf } from "../mesh/mesh.ts";
import { SERVICE_LABEL, UNAVAILABLE } from "../names.ts";
import type { Described } from "../object.ts";
import { gitUrl, isCalled, type Project } from "../project.ts";
import { externalSecrets } from "../secrets.ts";

/** Image tags of stable by service; what promotion bumps. */
export type StableTags = ReadonlyMap<string, string>;

/** The tag before the first promotion. */
const FIRST_TAG = "main";

/** Folder of what stable has once for the project. */
export const STABLE_COMMON = "manifests/stable/common";

export function stableFolder(service: string): string {
  return `manifests/stable/${service}`;
}

/** Overlays of stable: a folder for each service, and one for what they share. */
export function stableFiles(project: Project, tags: StableTags): ManifestFile[] {
  const services = [...project.services.values()];
  return [...commonFiles(project), ...services.flatMap((service) => serviceFiles(project, service, tags))];
}

function commonFiles(project: Project): ManifestFile[] {
  const { namespace } = project.cluster;
  const mesh = meshOf(project);
  const objects: Described[] = [
    {
      object: {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace, ...annotations(mesh.namespaceAnnotations) },
      },
    },
    {
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: UNAVAILABLE, namespace },
        spec: { ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 80 }] },
      },
      why: "503 for a canary whose Service or Namespace is gone: guards point here. No selector, so no endpoints, ever.",
    },
    ...edgeSharedObjects(project),
    ...mesh.sharedObjects(project),
  ];
  return [
    kustomizationFile(STABLE_COMMON, { resources: ["common.yaml"] }),
    manifestFile(
      `${STABLE_COMMON}/common.yaml`,
      objects,
      "What stable has once, whatever services there are.",
    ),
  ];
}

function annotations(values: Readonly<Record<string, string>>): { annotations?: Record<string, string> } {
  return Object.keys(values).length === 0 ? {} : { annotations: { ...values } };
}

function serviceFiles(project: Project, service: ServiceConfig, tags: StableTags): ManifestFile[] {
  const folder = stableFolder(service.name);
  const routes = [
    ...edgeServiceObjects(project, service),
    ...(isCalled(project, service) ? meshOf(project).serviceObjects(project, service) : []),
  ];
  const files = [manifestFile(`${folder}/account.yaml`, account(project, service))];
  if (routes.length > 0) files.push(manifestFile(`${folder}/routes.yaml`, routes, ROUTES));
  const names = files.map(({ path }) => path.slice(folder.length + 1));
  return [overlay(project, service, names, tags.get(service.name) ?? FIRST_TAG), ...files];
}

const ROUTES = "Routes of stable, and the parents under which canaries come and go.";

function account(project: Project, service: ServiceConfig): Described[] {
  const { namespace, secretStores, imagePullSecret } = project.cluster;
  return [
    {
      object: {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: service.name, namespace },
        automountServiceAccountToken: false,
        ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      },
    },
    ...externalSecrets(project, service, { namespace, store: secretStores.stable }),
  ];
}

function overlay(project: Project, service: ServiceConfig, resources: string[], tag: string): ManifestFile {
  const { name } = service;
  const apex = isCalled(project, service) ? meshOf(project).apexPatches(project, service) : [];
  const content = {
    namespace: project.cluster.namespace,
    resources: [basePath(project, service), ...resources],
    images: [{ name, newName: `${project.registry}/${name}`, newTag: tag }],
    labels: [{ pairs: { [SERVICE_LABEL]: name }, includeTemplates: true }],
    replacements: [revisionFromImage(project, name)],
    patches: [
      { target: { kind: "Deployment", name }, patch: identityPatch(name) },
      ...(apex.length > 0
        ? [{ target: { kind: "Service", name, version: "v1" }, patch: JSON.stringify(apex) }]
        : []),
    ],
  };
  return kustomizationFile(stableFolder(name), content, {
    notes: [[["images", 0, "newTag"], "What promotion bumps; `perch render` keeps it."]],
  });
}

/** In the environment's own repository a folder beside it; else that folder of the service's repository. */
function basePath(project: Project, service: ServiceConfig): string {
  const base = service.path === "." ? "deploy/base" : `${service.path}/deploy/base`;
  if (service.repo === project.cluster.environmentRepo) return `../../../${base}`;
  return `${gitUrl(project, service.repo)}//${base}?ref=${project.cluster.branch}`;
}

/** The revision is the tag of the image, so that promotion bumps one value. */
function revisionFromImage({ registry }: Project, name: string): object {
  const container = `spec.template.spec.containers.[name=${name}]`;
  // Behind the last colon; a registry with a port has one of its own.
  const index = registry.split(":").length;
  return {
    source: {
      kind: "Deployment",
      name,
      fieldPath: `${container}.image`,
      options: { delimiter: ":", index },
    },
    targets: [
      {
        select: { kind: "Deployment", name },
        fieldPaths: [`${container}.env.[name=CANARY_REVISION].value`],
      },
    ],
  };
}

function identityPatch(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      serviceAccountName: ${name}
      containers:
      - name: ${name}
        env:
        - name: CANARY_SERVICE
          value: ${name}
        - name: CANARY_REVISION
          value: set-below
`;
}
