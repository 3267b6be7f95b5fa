/** What a repository's files say about its services, for a first perch.yaml. */
export { discover } from "./discover.ts";
export { isOfInterest, MAX_DISCOVERY_FILE } from "./files.ts";
export { shown } from "./names.ts";
export { perchYaml } from "./perch-yaml.ts";
export { type Question, questionsOf } from "./questions.ts";
export type { Discovery, Evidence, FoundService, RepositoryFile, Surroundings } from "./types.ts";
