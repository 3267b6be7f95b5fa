import { parseDocument, type YAMLError } from "yaml";
import { lineIndex, type Position } from "./lines.ts";
import { type Flaw, NodeIndex } from "./node-index.ts";
import { printable } from "./text.ts";

/** A file larger than this is not a configuration. Characters. */
export const MAX_FILE_LENGTH = 256 * 1024;

/** How often aliases may repeat anchored nodes: enough for shared lists, too few for a "billion laughs". */
export const MAX_ALIASES = 1000;

export interface YamlDocument {
  /** The document as plain data: `undefined` when its text has errors that leave its meaning open. */
  readonly data: { readonly value: unknown } | undefined;
  readonly flaws: readonly Flaw[];
  /** Where a path is; for one that does not exist, the nearest key above it. */
  locate(path: readonly PropertyKey[], at: "key" | "value"): Position;
}

/** Reads one YAML 1.2 document. Never throws. */
export function readDocument(text: string): YamlDocument {
  if (text.length > MAX_FILE_LENGTH) {
    return refused(`${text.length} characters; a configuration has at most ${MAX_FILE_LENGTH}`);
  }
  try {
    return readWithinStack(text);
  } catch (error) {
    // The parser descends by recursion, and refuses aliases by throwing.
    if (error instanceof RangeError) return refused("nested too deeply");
    if (error instanceof ReferenceError) return refused(`more than ${MAX_ALIASES} repetitions by aliases`);
    return refused(error instanceof Error ? printable(error.message) : "not readable as YAML");
  }
}

function refused(message: string): YamlDocument {
  const start = { line: 1, column: 1 };
  return { data: undefined, flaws: [{ ...start, path: "", message }], locate: () => start };
}

function readWithinStack(text: string): YamlDocument {
  const document = parseDocument(text, {
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: "error",
  });
  const position = lineIndex(text);
  const syntax = syntaxFlaws([...document.errors, ...document.warnings], position);
  const index = new NodeIndex(position);
  index.visit(document.contents, []);
  const readable = syntax.length === 0 && index.resolves;
  return {
    data: readable ? { value: document.toJS({ maxAliasCount: MAX_ALIASES }) } : undefined,
    flaws: [...syntax, ...index.flaws],
    locate: (path, at) => position(index.offsetOf(document, path, at)),
  };
}

function syntaxFlaws(errors: readonly YAMLError[], position: (offset: number) => Position): Flaw[] {
  const tooDeep = errors.find((error) => error.code === "RESOURCE_EXHAUSTION");
  if (tooDeep !== undefined) return [{ ...position(tooDeep.pos[0]), path: "", message: "nested too deeply" }];
  return errors.map((error) => ({ ...position(error.pos[0]), path: "", ...explain(error) }));
}

function explain(error: YAMLError): { message: string; hint?: string } {
  switch (error.code) {
    case "MULTIPLE_DOCS":
      return { message: "a second YAML document starts here; expected one", hint: 'remove the "---"' };
    case "TAB_AS_INDENT":
      return { message: "a tab as indentation", hint: "YAML indents with spaces" };
    case "NON_STRING_KEY":
      return { message: "a key that is no plain text" };
    default:
      return { message: `invalid YAML: ${printable(error.message)}` };
  }
}
