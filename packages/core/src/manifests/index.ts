/** The GitOps files of a project, decided whole. */
export { applicationSetNames, gateLabel, POLL_SECONDS } from "./apps/index.ts";
export { baseFiles, baseFolder } from "./base/index.ts";
export { canaryObjects } from "./canary/index.ts";
export { type CanaryIdentity, canaryIdentity } from "./canary-identity.ts";
export { type ManifestChange, manifestChanges } from "./changes.ts";
export { GENERATED, type ManifestFile } from "./file.ts";
export { routeService as routeServiceName } from "./names.ts";
export type { KubernetesObject } from "./object.ts";
export { apexAddress, type Project, projectOf, stableBackend } from "./project.ts";
export { MANIFESTS_FOLDER, renderManifests } from "./render.ts";
export { type StableTags, stableFolder } from "./stable/index.ts";
