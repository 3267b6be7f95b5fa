/** The GitOps files of a project, decided whole. */
export { gateLabel } from "./apps/index.ts";
export { baseFiles, baseFolder } from "./base/index.ts";
export { type ManifestChange, manifestChanges } from "./changes.ts";
export { GENERATED, type ManifestFile } from "./file.ts";
export type { KubernetesObject } from "./object.ts";
export { projectOf } from "./project.ts";
export { MANIFESTS_FOLDER, renderManifests } from "./render.ts";
export { type StableTags, stableFolder } from "./stable/index.ts";
