import type * as z from "zod";
import { configJsonSchema, type JsonSchema } from "./json-schema.ts";
import type { Finding } from "./problems.ts";
import { describe, didYouMean, formatPath, someOf } from "./text.ts";

type Issue = z.core.$ZodIssue;

/** What zod found, in the words of this file: one finding for each key or value. */
export function findingsOf(issues: readonly Issue[], value: unknown): Finding[] {
  const schema = issues.some((issue) => issue.code === "unrecognized_keys") ? configJsonSchema() : {};
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => unknownKey(schema, issue.path, key))
      : [wrongValue(issue, valueAt(value, issue.path))],
  );
}

function wrongValue(issue: Issue, found: unknown): Finding {
  const { path, message } = issue;
  if (found === undefined) return { path, at: "key", message: `missing; ${message}` };
  const hint =
    issue.code === "invalid_value" && typeof found === "string"
      ? didYouMean(found, issue.values.map(String))
      : undefined;
  return {
    path,
    at: "value",
    message: `${message}; found ${describe(found)}`,
    ...(hint !== undefined && { hint }),
  };
}

function unknownKey(schema: JsonSchema, parent: readonly PropertyKey[], key: string): Finding {
  const found = { path: [...parent, key], at: "key", message: "unknown key" } as const;
  if (key === "<<") return { ...found, hint: "YAML 1.2 has no merge keys; repeat the keys" };
  const known = Object.keys(schemaAt(schema, parent)?.properties ?? {});
  const hint = didYouMean(key, known) ?? elsewhere(schema, parent, key) ?? `known here: ${someOf(known)}`;
  return { ...found, hint };
}

/** A key that is right but in the wrong map, such as `start` outside of `local`. */
function elsewhere(schema: JsonSchema, parent: readonly PropertyKey[], key: string): string | undefined {
  const candidates = [...childMaps(schemaAt(schema, parent), parent), ...ancestors(parent)];
  const home = candidates.find((path) => Object.hasOwn(schemaAt(schema, path)?.properties ?? {}, key));
  if (home === undefined) return undefined;
  return home.length === 0 ? "it belongs at the top level" : `it belongs in ${formatPath(home)}`;
}

function childMaps(schema: JsonSchema | undefined, path: readonly PropertyKey[]): PropertyKey[][] {
  return Object.keys(schema?.properties ?? {}).map((key) => [...path, key]);
}

function ancestors(path: readonly PropertyKey[]): PropertyKey[][] {
  return path.map((_, depth) => path.slice(0, path.length - 1 - depth));
}

function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let node: JsonSchema | undefined = schema;
  for (const segment of path) {
    const next: unknown = node?.properties?.[String(segment)] ?? node?.additionalProperties;
    node = typeof next === "object" && next !== null ? (next as JsonSchema) : undefined;
  }
  return node;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const segment of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, segment)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[segment];
  }
  return found;
}
