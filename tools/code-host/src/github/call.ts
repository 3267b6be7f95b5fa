import { type Answer, json, paged, problem, type Question } from "./answer.ts";
import type { Records } from "./records.ts";
import type { PullRequestStore } from "./store.ts";

/** One request about one repository, by somebody. */
export interface Call {
  readonly question: Question;
  readonly url: URL;
  readonly repo: string;
  /** Path below the repository: `/issues/7/labels`. */
  readonly path: string;
  /** The owner of the token; the fake takes a token for its owner's name. Absent: anonymous. */
  readonly login: string | undefined;
  /** The body, parsed; `{}` where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly store: PullRequestStore;
  readonly records: Records;
}

/** Answers what it knows; undefined: not its path. */
export type Handler = (call: Call) => Promise<Answer | undefined> | Answer | undefined;

/** One page of a list, as the request asks for it. */
export function page({ url, question }: Call, items: readonly unknown[]): Answer {
  return paged(question, url, items);
}

/** 204, as after a removal. */
export const NO_CONTENT: Answer = { status: 204, headers: {}, body: "" };

/** Something was made. */
export function created(body: unknown): Answer {
  return json(201, body);
}

export function notFound(): Answer {
  return problem(404, "Not Found");
}

/** GitHub's answer to a body that it cannot take. */
export function unprocessable(message: string): Answer {
  return problem(422, `Validation Failed: ${message}`);
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Time as GitHub writes it, in whole seconds. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
