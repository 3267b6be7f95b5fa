import { PerchError } from "@perch/core";
import { RequestError } from "octokit";

/**
 * Asks GitHub, and says what was asked for when it fails.
 * @param what as in "cannot …": `set labels of acme/shop#7`
 * @throws PerchError GITHUB_REFUSED (the token may not), GITHUB_FAILED (it answers with an error, or not at all)
 */
export async function ask<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw failure(what, error);
    throw error;
  }
}

/** Whether it failed because the thing is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof RequestError && (error.status === 404 || error.status === 410);
}

function failure(what: string, cause: RequestError): PerchError {
  const message = `GitHub cannot ${what}: ${cause.status} ${firstLine(cause.message)}.`;
  return new PerchError({ message, ...verdict(cause) }, { cause });
}

type Verdict = Pick<PerchError, "code" | "hint" | "fault">;

function verdict({ status, message, response }: RequestError): Verdict {
  if (/rate limit/i.test(message) || status === 429) {
    const reset = Number(response?.headers["x-ratelimit-reset"] ?? 0);
    const when = reset > 0 ? ` It ends at ${new Date(reset * 1000).toISOString()}.` : "";
    const hint = `The token's rate limit is used up.${when} \`perch ci budget\` counts what this configuration needs.`;
    return { code: "GITHUB_FAILED", hint, fault: "environment" };
  }
  if (status === 401 || status === 403 || status === 404) {
    const hint =
      "The token may not do it, or does not see the repository: docs/github.md has the permissions of each command.";
    return { code: "GITHUB_REFUSED", hint, fault: "user" };
  }
  if (status === 422) {
    return {
      code: "GITHUB_REFUSED",
      hint: "GitHub does not take the value; its message says which.",
      fault: "perch",
    };
  }
  const hint = "Nothing is lost: run it again. https://www.githubstatus.com says whether GitHub has trouble.";
  return { code: "GITHUB_FAILED", hint, fault: "environment" };
}

/** GitHub's own words on one printable line. */
function firstLine(text: string): string {
  const [line = ""] = text.split(/\n| - https:\/\/docs\.github\.com/);
  return line
    .replace(/[^ -~]/g, "?")
    .slice(0, 200)
    .replace(/\.$/, "");
}
