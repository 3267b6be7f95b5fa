import { PerchError } from "@perch/core";
import { authorize, parseChallenge } from "./authorization.ts";
import { readBody, readTags, unusable } from "./body.ts";
import { type Credentials, credentialsFor } from "./credentials.ts";
import { type ImageName, originOf } from "./image.ts";

/** The tags of one image, and the way to take them away. */
export interface ImageTags {
  /** Every tag, in no order that means anything; none where the image was never pushed. */
  tags(): Promise<string[]>;
  /** Whether something that is to stay needs what a tag points at. */
  isShared(tag: string, alsoRemovable: (tag: string) => boolean): Promise<boolean>;
  /**
   * Takes a tag away. Where the registry can only delete what it points at, with all its tags, that happens only if the
   * other tags are to go too; false: it was left.
   * @param alsoRemovable whether another tag of the same image may go with it
   */
  removeTag(tag: string, alsoRemovable: (tag: string) => boolean): Promise<boolean>;
}

/** One image in a registry, by the OCI distribution API: https://github.com/opencontainers/distribution-spec */
export interface ImageRepository extends ImageTags {
  /** Digest of what a tag points at; undefined: there is no such tag. */
  digest(tag: string): Promise<string | undefined>;
  /** Gives what one tag points at another tag too. Nothing is uploaded but the manifest. */
  copyTag(from: string, to: string): Promise<void>;
}

/** What can stand behind a tag: an image, or an index of images for several platforms. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Milliseconds that one request may take. */
const TIMEOUT = 30_000;
const PAGE = 1_000;
/** Tags of one image at most. */
const MOST = 100_000;

/** @param credentials by default those of the environment or of `docker login` */
export async function openRepository(image: ImageName, credentials?: Credentials): Promise<ImageRepository> {
  const ask = requester(image, credentials ?? (await credentialsFor(image.host)));
  const manifest = (reference: string) => `manifests/${encodeURIComponent(reference)}`;
  const digest = async (tag: string) => {
    const response = await ask("HEAD", manifest(tag), { headers: { accept: MANIFESTS } });
    if (response.status === 404) return undefined;
    return expect(image, response, 200).headers.get("docker-content-digest") ?? undefined;
  };
  const tags = () => allTags(image, ask);
  const isShared = async (tag: string, alsoRemovable: (tag: string) => boolean) => {
    const target = await digest(tag);
    if (target === undefined) return false;
    for (const other of await tags()) {
      if (other !== tag && !alsoRemovable(other) && (await digest(other)) === target) return true;
    }
    return false;
  };
  return {
    digest,
    tags,
    isShared,
    copyTag: async (from, to) => {
      const response = await ask("GET", manifest(from), { headers: { accept: MANIFESTS } });
      if (response.status === 404) throw notFound(image, from);
      const type = expect(image, response, 200).headers.get("content-type") ?? "";
      const body = await readBody(image, response);
      expect(image, await ask("PUT", manifest(to), { headers: { "content-type": type }, body }), 201);
    },
    removeTag: async (tag, alsoRemovable) => {
      const byTag = await ask("DELETE", manifest(tag));
      if ([202, 404].includes(byTag.status)) return true;
      const target = await digest(tag);
      if (target === undefined) return true;
      if (await isShared(tag, alsoRemovable)) return false;
      const byDigest = await ask("DELETE", manifest(target));
      if (byDigest.status === 405) return false;
      return [202, 404].includes(byDigest.status) || expect(image, byDigest, 202).ok;
    },
  };
}

type Ask = (method: string, path: string, init?: Init) => Promise<Response>;

interface Init {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

function requester(image: ImageName, credentials: Credentials | undefined): Ask {
  const origin = originOf(image);
  // By kind of access: who may read may not write with the same token.
  const known = new Map<string, string>();
  return async (method, path, { headers = {}, body } = {}) => {
    const signal = AbortSignal.timeout(TIMEOUT);
    const send = (authorization: string | undefined) =>
      fetch(`${origin}/v2/${image.path}/${path}`, {
        method,
        headers: { ...headers, ...(authorization !== undefined && { authorization }) },
        ...(body !== undefined && { body }),
        // What a registry leads elsewhere to is a blob; nothing here asks for one.
        redirect: "error",
        signal,
      });
    const kind = ["GET", "HEAD"].includes(method) ? "read" : method;
    try {
      const first = await send(known.get(kind));
      const challenge =
        first.status === 401 ? parseChallenge(first.headers.get("www-authenticate")) : undefined;
      if (challenge === undefined) return first;
      const authorization = await authorize(challenge, origin, credentials, signal);
      if (authorization === undefined) return first;
      known.set(kind, authorization);
      return await send(authorization);
    } catch (cause) {
      throw unreachable(image, cause);
    }
  };
}

async function allTags(image: ImageName, ask: Ask): Promise<string[]> {
  const found: string[] = [];
  for (let last: string | undefined, more = true; more; ) {
    const from = last === undefined ? "" : `&last=${encodeURIComponent(last)}`;
    const response = await ask("GET", `tags/list?n=${PAGE}${from}`);
    if (response.status === 404) return found;
    const tags = await readTags(image, expect(image, response, 200));
    found.push(...tags);
    // Some registries know nothing of `last`, and would begin again for ever.
    if (tags.at(-1) === last && last !== undefined) throw unusable(image, "the same page again");
    if (found.length > MOST) throw unusable(image, `more than ${MOST} tags`);
    last = tags.at(-1);
    more = response.headers.get("link") !== null && last !== undefined;
  }
  return found;
}

function expect(image: ImageName, response: Response, status: number): Response {
  if (response.status === status) return response;
  const isRefused = [401, 403].includes(response.status);
  throw new PerchError({
    code: "REGISTRY_FAILED",
    message: `${image.host} answered ${response.status} about ${image.path}, not ${status}.`,
    hint: isRefused
      ? `Log in with \`docker login ${image.host}\`, or set PERCH_REGISTRY_USER and PERCH_REGISTRY_PASSWORD, as somebody who may do this.`
      : "Try again; if it stays so, look at the registry.",
    fault: isRefused ? "user" : "environment",
  });
}

function notFound({ host, path }: ImageName, tag: string): PerchError {
  return new PerchError({
    code: "IMAGE_NOT_FOUND",
    message: `${host}/${path} has no tag ${tag}.`,
    hint: "Push the image first.",
    fault: "user",
  });
}

function unreachable({ host }: ImageName, cause: unknown): PerchError {
  const { name, cause: inner } = cause as Error & { cause?: { code?: string; message?: string } };
  return new PerchError(
    {
      code: "REGISTRY_FAILED",
      message: `The registry ${host} could not be asked: ${name === "TimeoutError" ? "it did not answer in time" : (inner?.code ?? inner?.message ?? (cause as Error).message)}.`,
      hint: "Check `registry:` in perch.yaml, and that this machine reaches it.",
      fault: "environment",
    },
    { cause },
  );
}
