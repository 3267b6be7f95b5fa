import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import { type Project, repositoriesOf } from "../project.ts";
import { applicationSet, applicationSetName } from "./application-set.ts";
import { appProjects } from "./projects.ts";
import { stableApplications } from "./stable-applications.ts";

export { gateLabel } from "./application-set.ts";

const FOLDER = "manifests/apps";

/** What Argo CD follows: AppProjects, stable's Applications, and an ApplicationSet for each repository. */
export function applicationFiles(project: Project): ManifestFile[] {
  const sets = repositoriesOf(project).map((repo) =>
    manifestFile(`${FOLDER}/${applicationSetName(repo)}.yaml`, [applicationSet(project, repo)]),
  );
  const files = [
    manifestFile(`${FOLDER}/projects.yaml`, appProjects(project)),
    manifestFile(`${FOLDER}/stable.yaml`, stableApplications(project)),
    ...sets,
  ];
  const resources = files.map(({ path }) => path.slice(FOLDER.length + 1));
  return [kustomizationFile(FOLDER, { resources }), ...files];
}
