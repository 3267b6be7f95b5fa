import { type Octokit, RequestError } from "octokit";

/** A repository, and as whom it is asked. */
export interface GithubRepository {
  readonly octokit: Octokit;
  /** `owner/name`, as in perch.yaml. */
  readonly fullName: string;
  /** As octokit's calls take it. */
  readonly place: { readonly owner: string; readonly repo: string };
}

/**
 * @param octokit of this repository alone: it is made to remember answers
 * @param fullName `owner/name`
 */
export function githubRepository(octokit: Octokit, fullName: string): GithubRepository {
  const [owner = "", repo = ""] = fullName.split("/");
  rememberAnswers(octokit);
  return { octokit, fullName, place: { owner, repo } };
}

/**
 * A command looks again after it changed something. What did not change since is answered 304, which counts against no limit:
 * https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
 */
function rememberAnswers(octokit: Octokit): void {
  const known = new Map<string, Awaited<ReturnType<typeof octokit.request>>>();
  octokit.hook.wrap("request", async (request, options) => {
    if (options.method !== "GET") return request(options);
    const { url } = octokit.request.endpoint(options);
    const before = known.get(url);
    const etag = before?.headers.etag;
    if (etag !== undefined) options.headers["if-none-match"] = etag;
    try {
      const answer = await request(options);
      known.set(url, answer);
      return answer;
    } catch (error) {
      if (before !== undefined && error instanceof RequestError && error.status === 304) return before;
      throw error;
    }
  });
}
