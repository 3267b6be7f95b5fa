import { isRepositoryPath } from "../config/scalars.ts";
import { composeServices } from "./compose.ts";
import { dockerfiles } from "./dockerfile.ts";
import { withEdges } from "./edge.ts";
import { FileSet } from "./files.ts";
import { goModules } from "./go-modules.ts";
import { kubernetesWorkloads } from "./kubernetes.ts";
import { repositoryFrom, serviceNameFrom, shown } from "./names.ts";
import { nodePackages } from "./node-packages.ts";
import { protoServices } from "./proto.ts";
import { grpcApis } from "./protocol.ts";
import { pythonProjects } from "./python.ts";
import { nameUnits, neighboursOf, serviceOf } from "./services.ts";
import type { Discovery, RepositoryFile, Surroundings } from "./types.ts";
import { gatherUnits } from "./units.ts";

/**
 * What a repository's files say about its services. Whatever is in them, the result fits perch.yaml: names, paths and
 * variables that do not are changed or left out.
 */
export function discover(found: readonly RepositoryFile[], surroundings: Surroundings): Discovery {
  const { usable = [], unusable = [] } = Object.groupBy(found, ({ path }) =>
    isRepositoryPath(path) ? "usable" : "unusable",
  );
  const files = new FileSet(usable);
  const { clues: compose, images } = composeServices(files);
  const { units, notes } = gatherUnits({
    code: [...nodePackages(files), ...goModules(files), ...pythonProjects(files)],
    dockerfiles: dockerfiles(files),
    compose,
    kubernetes: kubernetesWorkloads(files),
  });
  const repo = surroundings.origin === undefined ? undefined : repositoryFrom(surroundings.origin);
  const project = serviceNameFrom(repo ?? surroundings.folderName) ?? "project";
  const apis = grpcApis(units, protoServices(files));
  const named = nameUnits(units, project);
  const neighbours = neighboursOf(named, images);
  const services = named.map((one) => serviceOf(one, neighbours, apis, files));
  return {
    project,
    repo: repo ?? `owner/${project}`,
    isRepoKnown: repo !== undefined,
    services: withEdges(services, named),
    notes: [
      ...unusable.map(({ path }) => `${shown(path)}: perch.yaml cannot have such a path`),
      ...notes,
      ...apis.unowned.map(({ name, from }) => `${shown(from)}: nobody was found who serves ${name}`),
      ...[...images].map(
        ([name, image]) => `${shown(name)} is ${shown(image)}: perch does not run images of others`,
      ),
    ],
  };
}
