import { LIMITS, LIMITS_IN_WORDS } from "@shop/proto";
import type { FastifySchemaValidationError } from "fastify";
import { type InvalidPart, ProblemError, problem } from "./problem.ts";

/** Parts of a request, by Fastify's names for them. */
const PARTS: Readonly<Record<string, string>> = {
  body: "body",
  querystring: "query",
  params: "path",
  headers: "header",
};

/** A regular expression does not tell a person what to do. */
const PATTERNS: Readonly<Record<string, string>> = {
  [LIMITS.id.pattern]: LIMITS_IN_WORDS.id,
  [LIMITS.name.pattern]: LIMITS_IN_WORDS.name,
};

/** The problem of a request that does not fit its route's schema, with every place where it does not. */
export function ofValidation(errors: readonly FastifySchemaValidationError[], part: string): ProblemError {
  const places = errors.map((error) => (part === "body" ? inBody(error) : inParameter(error)));
  const detail = `The ${PARTS[part] ?? "request"} is not valid: "errors" says where.`;
  return new ProblemError(problem(400, detail, places));
}

function inBody(error: FastifySchemaValidationError): InvalidPart {
  const inner = innerName(error);
  const escaped = inner?.replaceAll("~", "~0").replaceAll("/", "~1");
  const path = escaped === undefined ? error.instancePath : `${error.instancePath}/${escaped}`;
  return { detail: inWords(error), pointer: `#${encodeURI(path)}` };
}

function inParameter(error: FastifySchemaValidationError): InvalidPart {
  return { detail: inWords(error), parameter: innerName(error) ?? error.instancePath.slice(1) };
}

function inWords({ params, message = "is not valid" }: FastifySchemaValidationError): string {
  return PATTERNS[String(params.pattern)] ?? message;
}

/** A missing or an unknown member is reported at its parent: its own name is in the parameters, as the client wrote it. */
function innerName({ params }: FastifySchemaValidationError): string | undefined {
  const name = params.missingProperty ?? params.additionalProperty;
  return typeof name === "string" ? name.slice(0, 80).toWellFormed() : undefined;
}
