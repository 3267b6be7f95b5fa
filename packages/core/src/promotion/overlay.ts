import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { PerchError } from "../errors.ts";

/** A tag as registries allow them: https://github.com/opencontainers/distribution-spec, "Pulling manifests". */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Whether a text is a tag of an image. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/**
 * The tag that an overlay of stable gives its service.
 * @param path of the overlay, for the error
 * @throws PerchError OVERLAY_UNREADABLE
 */
export function stableTag(text: string, service: string, path: string): string {
  return String(tagNode(text, service, path).value);
}

/**
 * The overlay with another tag, and everything else, comments and order included, as it was.
 * @throws PerchError OVERLAY_UNREADABLE, USAGE when the tag is none
 */
export function withStableTag(text: string, service: string, tag: string, path: string): string {
  if (!isTag(tag)) throw noTag(tag);
  const { range } = tagNode(text, service, path);
  // Only the value's own characters change: nothing else in the file can.
  return `${text.slice(0, range[0])}${quotedWhereNeeded(tag)}${text.slice(range[1])}`;
}

/**
 * The tag before the one that is there now: what a rollback goes to. Where an earlier run has written it and nobody has committed it
 * yet, it is the one that is there now, so that a second run changes nothing.
 * @param history of what was committed, newest first
 */
export function previousTag(now: string, history: readonly string[]): string | undefined {
  const [committed] = history;
  const beforeCommitted = history.find((tag) => tag !== committed);
  if (now !== committed && now === beforeCommitted) return now;
  return history.find((tag) => tag !== now);
}

interface TagNode {
  readonly value: unknown;
  /** Where the value is in the text. */
  readonly range: readonly [start: number, end: number];
}

function tagNode(text: string, service: string, path: string): TagNode {
  const document = parseDocument(text, { version: "1.1" });
  if (document.errors.length > 0) throw unreadable(path, document.errors[0]?.message ?? "");
  const images = isMap(document.contents) ? document.contents.get("images", true) : undefined;
  const image = isSeq(images)
    ? images.items.find((item) => isMap(item) && item.get("name") === service)
    : undefined;
  const tag = isMap(image) ? (image as YAMLMap).get("newTag", true) : undefined;
  if (!isScalar(tag) || tag.range == null) {
    throw unreadable(path, `it has no newTag of an image that is called ${service}`);
  }
  return { value: tag.source ?? tag.value, range: [tag.range[0], tag.range[1]] };
}

/** YAML reads `1.10` as a number and `no` as false. */
function quotedWhereNeeded(tag: string): string {
  const isPlain = /^[A-Za-z]/.test(tag) && !/^(?:y|n|yes|no|on|off|true|false|null|e[-+0-9_]+)$/i.test(tag);
  return isPlain ? tag : `"${tag}"`;
}

function unreadable(path: string, why: string): PerchError {
  return new PerchError({
    code: "OVERLAY_UNREADABLE",
    message: `${path} cannot be read: ${why.split("\n", 1)[0]?.replace(/:$/, "")}.`,
    hint: "Nothing was written. `perch render --diff` shows how it should be.",
    fault: "user",
  });
}

function noTag(tag: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `${JSON.stringify(tag.slice(0, 200))} is no tag of an image.`,
    hint: "A tag has letters, digits, '.', '_' and '-', at most 128 characters.",
    fault: "user",
  });
}
