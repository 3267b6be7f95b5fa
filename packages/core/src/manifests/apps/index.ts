import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import { type Project, repositoriesOf } from "../project.ts";
import { applicationSet, applicationSetNames } from "./application-set.ts";
import { appProjects } from "./projects.ts";
import { rootApplication } from "./root-application.ts";
import { stableApplications } from "./stable-applications.ts";

export { applicationSetNames, gateLabel, POLL_SECONDS } from "./application-set.ts";

const MANIFESTS = "manifests";
const FOLDER = `${MANIFESTS}/apps`;

/** What Argo CD follows: AppProjects, stable's Applications, and an ApplicationSet for each repository. */
export function applicationFiles(project: Project): ManifestFile[] {
  const names = applicationSetNames(repositoriesOf(project));
  const sets = [...names].map(([repo, name]) =>
    manifestFile(`${FOLDER}/${name}.yaml`, [applicationSet(project, repo, name)]),
  );
  const files = [
    manifestFile(`${FOLDER}/projects.yaml`, appProjects(project)),
    manifestFile(`${FOLDER}/root.yaml`, [rootApplication(project, MANIFESTS)]),
    manifestFile(`${FOLDER}/stable.yaml`, stableApplications(project)),
    ...sets,
  ];
  const resources = files.map(({ path }) => path.slice(FOLDER.length + 1));
  return [kustomizationFile(FOLDER, { resources }), ...files];
}
