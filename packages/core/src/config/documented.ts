import type * as z from "zod";

/** What documentation says of a key, beyond what its schema says. One line each, Markdown. */
export interface KeyDocumentation {
  readonly what: string;
  /** What to write; absent: the schema's own type. */
  readonly type?: string;
  readonly unit?: string;
  /** What an absent key means, where the schema itself cannot hold that default. */
  readonly otherwise?: string;
}

// Keywords that start with "x-" are for docs/config.md; the published JSON Schema has them as text.
export const TYPE_KEYWORD = "x-type";
export const UNIT_KEYWORD = "x-unit";
export const OTHERWISE_KEYWORD = "x-otherwise";

/** The same schema with its documentation, which the JSON Schema for editors and docs/config.md are generated from. */
export function documented<T extends z.ZodType>(schema: T, documentation: KeyDocumentation): T {
  const { what, type, unit, otherwise } = documentation;
  return schema.meta({
    description: what,
    ...(type !== undefined && { [TYPE_KEYWORD]: type }),
    ...(unit !== undefined && { [UNIT_KEYWORD]: unit }),
    ...(otherwise !== undefined && { [OTHERWISE_KEYWORD]: otherwise }),
  });
}
