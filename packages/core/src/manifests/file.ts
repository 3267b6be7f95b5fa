import type { Described, KubernetesObject } from "./object.ts";
import { yamlText } from "./yaml.ts";

/** A file to write, decided whole: the same config always gives the same text. */
export interface ManifestFile {
  /** Relative to the root of the environment repository, with `/`: `manifests/stable/api/kustomization.yaml`. */
  readonly path: string;
  readonly text: string;
}

/** The first line of every rendered file, by which `perch render` knows what it may remove. */
export const GENERATED = "Rendered by `perch render` from perch.yaml; changes here are lost.";

/** One file with its objects, in order. `why` is for whoever opens it; `origin` is the first line. */
export function manifestFile(
  path: string,
  objects: readonly Described[],
  why?: string,
  origin: string = GENERATED,
): ManifestFile {
  return { path, text: yamlText(objects, [origin, why]) };
}

/** A `kustomization.yaml`; `resources` are relative to its folder. */
export function kustomizationFile(
  folder: string,
  content: Readonly<Record<string, unknown>>,
  options: Omit<Described, "object"> = {},
  origin?: string,
): ManifestFile {
  const object: KubernetesObject = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    ...content,
  };
  return manifestFile(`${folder}/kustomization.yaml`, [{ object, ...options }], undefined, origin);
}
