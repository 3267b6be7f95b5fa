import {
  Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  type ScalarTag,
  type Tags,
  visit,
} from "yaml";
import type { Described, Note, ObjectPath } from "./object.ts";

/** What is written: an object of Kubernetes, or of another format. */
export type Written = Pick<Described, "why" | "notes"> & { readonly object: object };

/**
 * Objects as the text of one file. Kubernetes reads YAML 1.1, where `name: n` is a boolean and `12:30` a number: such
 * text is quoted.
 * @param head comments at the top of the file
 */
export function yamlText(objects: readonly Written[], head: readonly (string | undefined)[] = []): string {
  const comment = head.filter((line) => line !== undefined).map(asComment);
  // What the file is for, apart from what its first object is for.
  const gap = comment.length > 1 && objects[0]?.why !== undefined ? "\n" : "";
  return [...comment, gap, objects.map(documentText).join("---\n")].join("");
}

function documentText({ object, why, notes = [] }: Written): string {
  const document = new Document(object, {
    version: "1.1",
    aliasDuplicateObjects: false,
    customTags: tagsToWrite,
  });
  // A look at every pair, for a key that manifests hardly ever have.
  if (JSON.stringify(object).includes('"<<":')) visit(document, { Pair: quoteMergeKey });
  for (const note of notes) comment(document, note);
  const text = document.toString({ lineWidth: 0, indentSeq: false, directives: false });
  return `${why === undefined ? "" : asComment(why)}${text}`;
}

/** The library would write the key `<<` bare, which a reader of YAML 1.1 takes for a merge: https://yaml.org/type/merge.html */
const tagsToWrite = (tags: Tags): Tags =>
  tags
    .filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:merge")
    .map((tag) => (isText(tag) ? remembering(tag) : tag));

function isText(tag: Tags[number]): tag is ScalarTag {
  return typeof tag === "object" && tag.tag === "tag:yaml.org,2002:str";
}

/**
 * Manifests say the same words again and again, and whether a word needs quotes takes a look at every tag of YAML: each
 * is looked at once an object. Text of one line is written alike wherever it stands, but for markers of documents.
 */
function remembering(text: ScalarTag): ScalarTag {
  const written = { key: new Map<string, string>(), value: new Map<string, string>() };
  return {
    ...text,
    stringify(item, context, ...rest) {
      const write = () => text.stringify?.(item, context, ...rest) ?? "";
      const { value, type } = item;
      if (typeof value !== "string" || type !== undefined || /\n|^---|^\.{3}/.test(value)) return write();
      const known = context.implicitKey === true ? written.key : written.value;
      const line = known.get(value) ?? write();
      known.set(value, line);
      return line;
    },
  };
}

function quoteMergeKey(_: unknown, { key }: Pair): void {
  if (isScalar(key) && key.value === "<<") key.type = Scalar.QUOTE_DOUBLE;
}

/** @throws RangeError for a note about a path that the object does not have */
function comment(document: Document, [path, text]: Note): void {
  const node = commentable(document.contents, path);
  if (node === undefined) throw new RangeError(`no ${path.join(".")} to write a note above`);
  node.commentBefore = text
    .split("\n")
    .map((line) => ` ${line}`)
    .join("\n");
}

/** The key of a pair, or an item of a list. */
function commentable(contents: unknown, path: ObjectPath): Node | undefined {
  const [segment, ...rest] = path;
  if (isSeq(contents)) {
    const item = contents.items[Number(segment)] as Node | undefined;
    return rest.length === 0 ? item : commentable(item, rest);
  }
  if (!isMap(contents)) return undefined;
  const pair = contents.items.find(
    (candidate) => isPair(candidate) && isScalar(candidate.key) && candidate.key.value === segment,
  );
  if (pair === undefined) return undefined;
  return rest.length === 0 ? (pair.key as Node) : commentable(pair.value, rest);
}

function asComment(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "#\n" : `# ${line}\n`))
    .join("");
}
