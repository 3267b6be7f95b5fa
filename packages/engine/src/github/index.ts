export { type GithubCredentials, type GithubOptions, openGithub } from "./client.ts";
