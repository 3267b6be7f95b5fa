import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ofError } from "./of-error.ts";
import { ProblemError, problem } from "./problem.ts";

/** The media type of RFC 9457. */
export const PROBLEM_TYPE = "application/problem+json";

const NOT_FOUND = problem(
  404,
  "There is nothing at this path for this method: GET /api/openapi.json lists what there is.",
);

/** Every error of every route, and a path that is none, is answered with a problem. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(new ProblemError(NOT_FOUND), request, reply));
}

/** Answers an error; what is the server's fault goes to the log with its cause. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = ofError(error);
  logFault(answer, request);
  if (answer.retryAfter !== undefined) reply.header("retry-after", answer.retryAfter);
  // Serialised here, since a schema for the route's own answers would drop members that it does not know.
  return reply.code(answer.problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(answer.problem);
}

function logFault({ problem: { status, detail }, cause }: ProblemError, request: FastifyRequest): void {
  if (status < 500) return;
  const level = status === 500 || status === 502 ? "error" : "warn";
  request.log[level]({ err: cause, status }, detail);
}
