export { type GithubApp, type GithubCredentials, type GithubOptions, openGithub } from "./client.ts";
export { type GithubIdentity, githubIdentity } from "./credentials.ts";
export { gitAuthorization, githubApiUrl, githubRemote } from "./host.ts";
