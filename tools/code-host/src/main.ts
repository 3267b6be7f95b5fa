#!/usr/bin/env node
// A code host: GitHub's API and git over HTTP, in one process.
// main.ts <host> <git port> <github port> <repositories> <state file> <url that webhooks name>
import { repositoriesIn } from "./git/repositories.ts";
import { serveGit, startGitServer } from "./git/smart-http.ts";
import { startGithub } from "./github/server.ts";

const [host = "127.0.0.1", gitPort = "0", githubPort = "0", folder = ".", file = "github.json", publicUrl] =
  process.argv.slice(2);
const repositories = repositoriesIn(folder);
const git = await startGitServer({ host, port: Number(gitPort), repositories: folder });
const github = await startGithub({
  host,
  port: Number(githubPort),
  file,
  ...(publicUrl === undefined ? {} : { publicUrl }),
  git: (request, response) => serveGit(folder, request, response),
  headOf: repositories.headOf,
  headMoved: ({ repo, number, head }) => repositories.setPullRequestHead(repo, number, head),
});
process.stdout.write(`git ${git.url}\ngithub ${github.url}\n`);
process.once("SIGTERM", () => {
  Promise.all([git.close(), github.close()]).then(() => process.exit(0));
});
