export { GENERATED, type ManifestFile } from "./file.ts";
export type { Described, KubernetesObject } from "./object.ts";
