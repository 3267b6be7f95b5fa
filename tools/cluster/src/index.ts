export type {
  Delivery,
  GithubControl,
  Hook,
  NewPullRequest,
  Outage,
  PullRequest,
  Repositories,
  Seen,
} from "@perch/code-host";
export { githubControl, repositoriesIn } from "@perch/code-host";
export type { Kubectl } from "./bed/kubectl.ts";
export type { Reachable } from "./bed/side-processes.ts";
export { attachCluster, buildParts, buildTool, type ClusterOptions, startCluster } from "./cluster.ts";
export type { Cluster } from "./handle.ts";
export { type ImageSpec, writeImage } from "./images/archive.ts";
export { addProgram, BASE_IMAGE } from "./images/base.ts";
export {
  type BuildRequest,
  buildah,
  buildImageArchive,
  buildImageInStorage,
  type Workshop,
} from "./images/build.ts";
