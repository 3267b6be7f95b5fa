import type { FastifyError } from "fastify";
import { StoreError } from "../store/store-error.ts";
import { ofStoreError } from "./of-store-error.ts";
import { ofValidation } from "./of-validation.ts";
import { ProblemError, problem } from "./problem.ts";

/** What the framework's own errors mean for a client; their texts are written for the developers of a server. */
const DETAILS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "The body is too large: an item fits into 64 KiB.",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "Send the body as Content-Type: application/json.",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "The body is not as long as its Content-Length says.",
  FST_ERR_CTP_EMPTY_JSON_BODY: "The body is empty: send a JSON object, or no Content-Type.",
  FST_ERR_CTP_INVALID_JSON_BODY: "The body is not valid JSON.",
  FST_ERR_BAD_URL: "The path has a broken percent-encoding.",
};

/** The problem that answers any error. What nobody foresaw is a 500, and its text stays in the log. */
export function ofError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof StoreError) return ofStoreError(error);
  if (!(error instanceof Error)) return unforeseen(error);
  const { validation, validationContext, code, statusCode = 500 } = error as Partial<FastifyError>;
  if (validation !== undefined) return ofValidation(validation, validationContext ?? "");
  if (statusCode >= 500) return unforeseen(error);
  return new ProblemError(problem(statusCode, DETAILS[code ?? ""] ?? "The request cannot be served."), {
    cause: error,
  });
}

function unforeseen(cause: unknown): ProblemError {
  return new ProblemError(problem(500, "The API failed; its log says why."), { cause });
}
