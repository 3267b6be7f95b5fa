import { type Answer, problem, type Question } from "./answer.ts";
import type { Call, Handler } from "./call.ts";
import { comments } from "./comments.ts";
import { deployments } from "./deployments.ts";
import { issues } from "./issues.ts";
import { labels } from "./labels.ts";
import type { Records } from "./records.ts";
import type { PullRequestStore } from "./store.ts";

const HANDLERS: readonly Handler[] = [labels, comments, deployments, issues];

/** Logins that begin so have a token that may only read. */
export const READ_ONLY = "read-only";

/**
 * The part of GitHub's API that people and workflows talk through: labels, comments, deployments. Undefined: not that part.
 * @param authorization the header; the token is taken for its owner's login
 */
export async function activity(
  question: Question,
  body: string,
  authorization: string | undefined,
  kept: { readonly store: PullRequestStore; readonly records: Records },
): Promise<Answer | undefined> {
  const url = new URL(question.target, question.origin);
  const path = url.pathname.replace(/^\/api\/v3(?=\/)/, "");
  const [, repo, rest] = /^\/repos\/([^/]+\/[^/]+)(\/.*)$/.exec(path) ?? [];
  if (repo === undefined || rest === undefined) return undefined;
  const login = authorization?.replace(/^(?:token|bearer) /i, "");
  const call: Call = {
    question,
    url,
    repo,
    path: rest,
    login,
    body: body === "" ? {} : (JSON.parse(body) as Record<string, unknown>),
    ...kept,
  };
  if (question.method !== "GET") {
    if (login === undefined) return problem(401, "Requires authentication");
    if (login.startsWith(READ_ONLY)) return problem(403, "Resource not accessible by integration");
  }
  for (const handler of HANDLERS) {
    const answer = await handler(call);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
