import { type Answer, json, problem } from "./answer.ts";

/** How GitHub answers what is not so. */
export type Lie =
  /** The hour's requests are used up; the hour ends in so many seconds. */
  | { readonly kind: "primary-limit"; readonly seconds: number }
  /** Too many requests at once; `seconds`: what `Retry-After` says. */
  | { readonly kind: "secondary-limit"; readonly seconds?: number }
  /** 200, and half a document. */
  | { readonly kind: "bad-json" }
  /** 200, and an error in the place of a list. */
  | { readonly kind: "error-as-list" }
  /** 200, and no pull request at all. */
  | { readonly kind: "empty-list" }
  /** 200, and a list that ends in the middle, with no further page. */
  | { readonly kind: "cut-list" }
  /** One pull request is not in the list, and 404 by itself, as that of an author whose account is hidden. */
  | { readonly kind: "hidden"; readonly number: number };

/** The kinds of lies. */
export const LIES: readonly Lie["kind"][] = [
  "primary-limit",
  "secondary-limit",
  "bad-json",
  "error-as-list",
  "empty-list",
  "cut-list",
  "hidden",
];

/** What is answered in the place of the truth. */
export function lie(told: Lie, target: string, truth: Answer): Answer {
  const isList = /\/pulls(\?|$)/.test(target);
  switch (told.kind) {
    case "primary-limit": {
      const reset = Math.floor(Date.now() / 1000) + told.seconds;
      const headers = {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": `${reset}`,
      };
      return withHeaders(problem(403, "API rate limit exceeded for user ID 1."), headers);
    }
    case "secondary-limit": {
      const headers: Record<string, string> =
        told.seconds === undefined ? {} : { "retry-after": `${told.seconds}` };
      return withHeaders(problem(403, "You have exceeded a secondary rate limit. Please wait."), headers);
    }
    case "bad-json":
      return { ...json(200, null), body: '[{"number": 1, "state": "op' };
    case "error-as-list":
      return isList ? json(200, { message: "Something went wrong" }) : truth;
    case "empty-list":
      return isList ? json(200, []) : truth;
    case "cut-list": {
      if (!isList || truth.status !== 200) return truth;
      const items = JSON.parse(truth.body) as unknown[];
      return json(200, items.slice(0, Math.floor(items.length / 2)));
    }
    case "hidden": {
      if (target.endsWith(`/pulls/${told.number}`)) return problem(404, "Not Found");
      if (!isList || truth.status !== 200) return truth;
      const items = JSON.parse(truth.body) as { readonly number: number }[];
      return json(
        200,
        items.filter(({ number }) => number !== told.number),
      );
    }
  }
}

function withHeaders(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
