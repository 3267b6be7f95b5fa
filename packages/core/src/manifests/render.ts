import type { Config } from "../config/types.ts";
import { applicationFiles } from "./apps/index.ts";
import { canaryFiles } from "./canary/index.ts";
import { kustomizationFile, type ManifestFile } from "./file.ts";
import { PLATFORM_FOLDER, platformFiles } from "./platform/index.ts";
import { projectOf } from "./project.ts";
import { type StableTags, stableFiles } from "./stable/index.ts";

/** Folder of everything that is rendered, in the environment repository. */
export const MANIFESTS_FOLDER = "manifests";

/**
 * Everything that a cluster needs, from `perch.yaml`. The same config and tags give the same files.
 * @param tags what stable runs now, which promotion bumped and rendering keeps
 * @throws PerchError CONFIG_INVALID when the config lacks what a cluster needs
 */
export function renderManifests(config: Config, tags: StableTags): ManifestFile[] {
  const project = projectOf(config);
  return [
    entrance(),
    ...stableFiles(project, tags),
    ...canaryFiles(project),
    ...applicationFiles(project),
    ...platformFiles(project),
  ];
}

function entrance(): ManifestFile {
  const resources = [PLATFORM_FOLDER.slice(MANIFESTS_FOLDER.length + 1), "apps"];
  return kustomizationFile(
    MANIFESTS_FOLDER,
    { resources },
    {
      why: "`kubectl apply --server-side -k manifests`, once: from then on Argo CD follows this repository.",
    },
  );
}
