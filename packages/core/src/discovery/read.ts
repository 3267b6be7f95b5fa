import { parseAllDocuments } from "yaml";

/** How often aliases may repeat anchored nodes of a found file. */
const MAX_ALIASES = 100;

/** A value as a map, if it is one. Its keys are somebody else's: look at them by `entries` or by a fixed name. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Text, or a number or boolean as YAML writes it. */
export function scalar(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value : undefined;
}

export function portNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 && number < 65_536
    ? number
    : undefined;
}

/** `undefined` for what is no JSON. */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

/** The documents of a YAML file that can be read; templates, which are no YAML yet, cannot. */
export function parseYaml(source: string): unknown[] {
  try {
    const documents = parseAllDocuments(source, { logLevel: "silent", prettyErrors: false });
    return [...documents].flatMap((document) =>
      document.errors.length === 0 ? [document.toJS({ maxAliasCount: MAX_ALIASES })] : [],
    );
  } catch {
    // Nested too deeply, or an alias that repeats too much: nobody's real file.
    return [];
  }
}
