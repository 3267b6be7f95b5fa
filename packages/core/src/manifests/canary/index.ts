import { PLACEHOLDER } from "../canary-identity.ts";
import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import type { Project } from "../project.ts";
import { placeObjects, routeObjects } from "./objects.ts";

export { canaryObjects } from "./objects.ts";
export { type CanaryPatch, canaryPatches } from "./patches.ts";

/** Folder of the platform part of a service's canaries. */
export function canaryFolder(service: string): string {
  return `manifests/canary/${service}`;
}

const HEAD = `The platform part of a canary. The ApplicationSet patches name, namespace and number; unpatched it matches nothing.
No "namespace:" in the kustomization, and none in the Application: it would move the routes too.`;

/** The same with placeholders, for the ApplicationSet to patch. */
export function canaryFiles(project: Project): ManifestFile[] {
  return [...project.services.values()].flatMap((service) => {
    const folder = canaryFolder(service.name);
    return [
      kustomizationFile(folder, { resources: ["namespace.yaml", "routes.yaml"] }),
      manifestFile(`${folder}/namespace.yaml`, placeObjects(project, service, PLACEHOLDER), HEAD),
      manifestFile(`${folder}/routes.yaml`, routeObjects(project, service, PLACEHOLDER), HEAD),
    ];
  });
}
