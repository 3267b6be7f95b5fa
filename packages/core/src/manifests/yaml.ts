import {
  Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
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
    customTags: noMerge,
  });
  visit(document, { Pair: quoteMergeKey });
  for (const note of notes) comment(document, note);
  const text = document.toString({ lineWidth: 0, indentSeq: false, directives: false });
  return `${why === undefined ? "" : asComment(why)}${text}`;
}

/** The library would write the key `<<` bare, which a reader of YAML 1.1 takes for a merge: https://yaml.org/type/merge.html */
const noMerge = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:merge");

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
