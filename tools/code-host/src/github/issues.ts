import { type Handler, page } from "./call.ts";
import { labelJson } from "./payloads.ts";

/** A repository's issues by state and labels; each pull request is one: https://docs.github.com/rest/issues/issues */
export const issues: Handler = (call) => {
  if (call.path !== "/issues" || call.question.method !== "GET") return undefined;
  const state = call.url.searchParams.get("state") ?? "open";
  const wanted = (call.url.searchParams.get("labels") ?? "").split(",").filter((label) => label !== "");
  const found = call.store.pullRequests
    .filter((pr) => pr.repo === call.repo && (state === "all" || pr.state === state))
    .filter((pr) => wanted.every((label) => pr.labels.includes(label)))
    .sort((a, b) => b.number - a.number);
  return page(
    call,
    found.map(({ number, title, labels, state: is, repo }) => ({
      number,
      title,
      state: is,
      labels: labels.map(labelJson),
      pull_request: { url: `${call.question.origin}/repos/${repo}/pulls/${number}` },
    })),
  );
};
