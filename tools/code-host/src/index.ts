export { type Repositories, repositoriesIn } from "./git/repositories.ts";
export { type GitServer, serveGit, startGitServer } from "./git/smart-http.ts";
export { type GithubControl, githubControl } from "./github/client.ts";
export type { Outage } from "./github/outage.ts";
export type { Permission } from "./github/people.ts";
export type { PullRequest } from "./github/pull-requests.ts";
export { type GithubOptions, type GithubServer, type Seen, startGithub } from "./github/server.ts";
export type { NewPullRequest } from "./github/store.ts";
export type { Delivery, Hook } from "./github/webhooks.ts";
