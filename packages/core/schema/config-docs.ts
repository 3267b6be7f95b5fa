import { documentedJsonSchema, type JsonSchema } from "../src/config/json-schema.ts";

const INTRODUCTION = `# perch.yaml

<!-- Generated from packages/core/src/config by packages/core/schema/generate.ts; a test holds it to that. -->

One file at the root of the environment's repository says what perch runs. A team's own repository needs nothing else.
The file is strict: an unknown key, a wrong type or a name that leads nowhere is an error, and all errors are told at
once, each with line, column and what to write instead. YAML 1.2, one document; anchors and aliases work.

Editors that know YAML's language server complete and check it by its first line, which \`perch init\` writes where
perch is installed in the repository:

\`\`\`yaml
# yaml-language-server: $schema=node_modules/@perch/core/schema/perch.schema.json
\`\`\`

pnpm puts it there only where \`@perch/core\` is a dependency of its own.

**Types.** A _duration_ is a whole number with one unit: \`500ms\`, \`30s\`, \`15m\`, \`2h\`, \`7d\`; never zero. A _quantity_
is Kubernetes' own: \`500m\` or \`"2"\` cores, \`512Mi\` or \`2Gi\` bytes. _Folders and files_ are relative to the root of
the service's repository, with \`/\` between names; they are no patterns, and a folder stands for all that is below it.
`;

interface Section {
  readonly title: string;
  readonly path: string;
  readonly schema: JsonSchema;
}

/** docs/config.md: every key with type, default, unit and meaning. */
export function configDocs(): string {
  const root = documentedJsonSchema();
  const sections: Section[] = [{ title: "Top level", path: "", schema: root }, ...sectionsBelow(root, "")];
  return [INTRODUCTION, ...sections.map(renderSection)].join("\n");
}

/** A section for each map with keys of its own, in the order of the schema. */
function sectionsBelow(schema: JsonSchema, path: string): Section[] {
  return keysOf(schema).flatMap(([key, value]): Section[] => {
    const own = path === "" ? key : `${path}.${key}`;
    const entry = value.additionalProperties;
    const isMapOfMaps = typeof entry === "object" && keysOf(entry).length > 0;
    const target = isMapOfMaps ? entry : value;
    const name = isMapOfMaps ? `${own}.<name>` : own;
    if (keysOf(target).length === 0) return [];
    return [{ title: `\`${name}\``, path: name, schema: target }, ...sectionsBelow(target, name)];
  });
}

function renderSection({ title, path, schema }: Section): string {
  const required = new Set(schema.required);
  const rows = keysOf(schema).map(([key, value]) => {
    const name = path === "" ? key : `${path}.${key}`;
    const cells = [`\`${name}\``, typeOf(value), defaultOf(value, required.has(key)), unitOf(value)];
    return [...cells, value.description ?? ""];
  });
  return `## ${title}\n\n${table([["key", "type", "default", "unit", "meaning"], ...rows])}`;
}

/** Columns of equal width, as the formatter wants them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const [head, ...body] = rows.map((row) =>
    line(widths.map((width, column) => (row[column] ?? "").padEnd(width))),
  );
  return [head, line(widths.map((width) => "-".repeat(width))), ...body].join("");
}

function keysOf(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries(schema.properties ?? {}).filter(
    (entry): entry is [string, JsonSchema] => typeof entry[1] === "object",
  );
}

function typeOf(schema: JsonSchema): string {
  const documented = schema["x-type"];
  if (typeof documented === "string") return documented;
  if (schema.type === "integer") return `whole number, ${schema.minimum} to ${schema.maximum}`;
  return String(schema.type);
}

function defaultOf(schema: JsonSchema, isRequired: boolean): string {
  if (isRequired) return "**required**";
  const otherwise = schema["x-otherwise"];
  if (typeof otherwise === "string") return otherwise;
  return keysOf(schema).length > 0 ? "its keys' defaults" : `\`${JSON.stringify(schema.default)}\``;
}

function unitOf(schema: JsonSchema): string {
  if (schema["x-type"] === "duration") return "ms, s, m, h or d";
  const unit = schema["x-unit"];
  return typeof unit === "string" ? unit : "";
}
