import { PerchError } from "@perch/core";
import type { ImageName } from "./image.ts";

/** Bytes of an answer at most: a manifest has 4 MiB by the distribution specification, a page of 1000 tags less. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The body of a registry's answer, which is not trusted to end.
 * @throws PerchError REGISTRY_FAILED
 */
export async function readBody(image: ImageName, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw unusable(image, `more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/**
 * The tags in a page of a list of tags; a registry may have null for none.
 * @throws PerchError REGISTRY_FAILED
 */
export async function readTags(image: ImageName, response: Response): Promise<string[]> {
  const text = Buffer.from(await readBody(image, response)).toString("utf8");
  const { tags = [] } = parsed(image, text);
  if (tags === null) return [];
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string"))
    throw unusable(image, "something else than tags");
  return tags;
}

function parsed(image: ImageName, text: string): { readonly tags?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // said below
  }
  throw unusable(image, "something else than a list of tags in JSON");
}

/** An answer that cannot be right. */
export function unusable({ host, path }: ImageName, what: string): PerchError {
  return new PerchError({
    code: "REGISTRY_FAILED",
    message: `${host} answered with ${what} about ${path}.`,
    hint: "Check `registry:` in perch.yaml: it has to be a registry of OCI images.",
    fault: "environment",
  });
}
