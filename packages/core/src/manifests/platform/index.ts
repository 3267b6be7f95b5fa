import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import type { Project } from "../project.ts";
import { installFiles } from "./install.ts";
import { policies } from "./policies.ts";
import { policyObjects } from "./policy.ts";

/** Folder of what perch itself needs in a cluster. */
export const PLATFORM_FOLDER = "manifests/platform/perch";

/** What a cluster needs once: the admission policies, and pinned installs of what it may lack. */
export function platformFiles(project: Project): ManifestFile[] {
  return [
    kustomizationFile(PLATFORM_FOLDER, { resources: ["policies.yaml"] }),
    manifestFile(
      `${PLATFORM_FOLDER}/policies.yaml`,
      policies(project).flatMap(policyObjects),
      "Hold in every Namespace that is a canary's, whoever asks: what an AppProject cannot hold.",
    ),
    ...installFiles(project),
  ];
}
