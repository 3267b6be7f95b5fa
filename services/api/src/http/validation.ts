import { Ajv, type AnySchema } from "ajv";
import type { FastifyInstance } from "fastify";

/**
 * Validates requests: every fault is reported at once, unknown members are refused rather than dropped, and only what came
 * as text anyway (query, path, headers) may be turned into a number.
 * @param schemas what bodies refer to by name.
 */
export function validateStrictly(app: FastifyInstance, schemas: readonly AnySchema[]): void {
  const options = { allErrors: true, useDefaults: true, strict: true, validateFormats: false } as const;
  const body = new Ajv({ ...options, coerceTypes: false, schemas: [...schemas] });
  const text = new Ajv({ ...options, coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === "body" ? body : text).compile(schema));
}
