import { githubAccess } from "../../github/access.ts";
import { gitAuthorization, githubRemote } from "../../github/host.ts";
import type { GithubOption } from "../../options.ts";
import { openMirror } from "../git/index.ts";
import type { OpenRepository } from "../source.ts";
import { githubSource } from "./index.ts";
import { noRateLimit, type RateLimit } from "./pace.ts";

/** Where GitHub is, and as whom it is asked. */
export interface GithubSources extends GithubOption {
  /** Root of its web pages, `https://github.com`. */
  readonly host: string;
  /** Git remotes other than GitHub's own, by repository. They see no token unless they are on that host. */
  readonly remotes: ReadonlyMap<string, string>;
}

/** Opens repositories of GitHub: the API says what is open, git brings the files. */
export function openGithubSources({ host, identity, timeout, remotes }: GithubSources): OpenRepository {
  const access = githubAccess(host, identity, timeout);
  const rateLimits = new Map<string, RateLimit>();

  /** A token has one for all; an App has one for each of its installations, which are owners of repositories. */
  function rateLimitOf(repo: string): RateLimit {
    const [owner = ""] = "token" in identity ? [] : repo.split("/");
    const rateLimit = rateLimits.get(owner) ?? noRateLimit();
    rateLimits.set(owner, rateLimit);
    return rateLimit;
  }

  return async (repo, path) => {
    const remote = remotes.get(repo) ?? githubRemote(host, repo);
    const mirror = await openMirror(path, remote, async () =>
      gitAuthorization(host, await (await access.of(repo)).token()),
    );
    return { mirror, source: githubSource({ repo, remote, mirror, access, rateLimit: rateLimitOf(repo) }) };
  };
}
