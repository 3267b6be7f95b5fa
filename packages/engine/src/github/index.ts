/** GitHub, as workflows and the engine need it. */

export { type GithubApp, type GithubCredentials, type GithubOptions, openGithub } from "./client.ts";
export { type CloseOptions, type CloseResult, closePullRequest } from "./close.ts";
export type { CommentResult } from "./comments.ts";
export { type GithubIdentity, githubIdentity } from "./credentials.ts";
export { type DeploymentResult, settleDeployment } from "./deployments.ts";
export { ask } from "./failure.ts";
export { type FeedbackOptions, previewFeedback, writeFeedback } from "./feedback.ts";
export {
  type GateOptions,
  type GateResult,
  revokeGateLabels,
  servicesLabelledByPeople,
  setGateLabels,
} from "./gate.ts";
export { gitAuthorization, githubRemote } from "./host.ts";
export { type GithubPackage, githubPackage } from "./packages.ts";
export { readClosedAt, readPullRequest } from "./pull-request.ts";
export { type GithubRepository, githubRepository } from "./repository.ts";
export { type ResidueOptions, readGithubResidue, removeGithubResidue } from "./residue.ts";
