import * as z from "zod";
import { OTHERWISE_KEYWORD, TYPE_KEYWORD, UNIT_KEYWORD } from "./documented.ts";
import { writtenConfig } from "./schema.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 2020-12) of `perch.yaml` as written, for editors. Rules between keys are not in it. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(writtenConfig, {
    io: "input",
    override: ({ jsonSchema }) => foldDocumentation(jsonSchema),
  });
}

/** The same with the keywords of documented.ts, which docs/config.md is made from. */
export function documentedJsonSchema(): JsonSchema {
  return z.toJSONSchema(writtenConfig, { io: "input" });
}

/** Editors show the description alone, and strict validators refuse keywords that they do not know. */
function foldDocumentation(schema: JsonSchema): void {
  const unit = schema[UNIT_KEYWORD];
  const otherwise = schema[OTHERWISE_KEYWORD];
  if (unit !== undefined) schema.description += ` Unit: ${unit}.`;
  if (otherwise !== undefined) schema.description += ` Default: ${otherwise}.`;
  delete schema[TYPE_KEYWORD];
  delete schema[UNIT_KEYWORD];
  delete schema[OTHERWISE_KEYWORD];
}
