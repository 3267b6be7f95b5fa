import type { ServiceConfig } from "../../config/types.ts";
import { baseFolder } from "../base/index.ts";
import { kustomizationFile, type ManifestFile } from "../file.ts";
import { meshOf } from "../mesh/mesh.ts";
import { SERVICE_LABEL } from "../names.ts";
import { gitUrl, isCalled, type Project } from "../project.ts";

/**
 * The kustomization that makes a service's base stable: namespace, image, identity and what the mesh changes.
 * @param folder of the kustomization
 * @param resources files beside it
 */
export function overlay(
  project: Project,
  service: ServiceConfig,
  { folder, resources, tag }: { folder: string; resources: readonly string[]; tag: string },
): ManifestFile {
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
  return kustomizationFile(folder, content, {
    notes: [[["images", 0, "newTag"], "What promotion bumps; `perch render` keeps it."]],
  });
}

/** In the environment's own repository a folder beside it; else that folder of the service's repository. */
function basePath(project: Project, service: ServiceConfig): string {
  const base = baseFolder(service);
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
