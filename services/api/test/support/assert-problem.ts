import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import type { Answer } from "./shop.ts";

/** Asserts that an answer is a problem of RFC 9457 with this status, and returns it. */
export function assertProblem(answer: Answer, status: number, detail?: RegExp): Record<string, unknown> {
  const problem = answer.body as Record<string, unknown>;
  assert.equal(answer.status, status, JSON.stringify(problem));
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.match(answer.headers.get("vary") ?? "", /X-Canary/);
  const { type, title, status: inBody } = problem;
  assert.deepEqual(
    { type, title, status: inBody },
    { type: "about:blank", title: STATUS_CODES[status], status },
  );
  assert.match(String(problem.detail), detail ?? /./);
  return problem;
}
