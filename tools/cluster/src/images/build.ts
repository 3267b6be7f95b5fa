import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { BASE_IMAGE, writeBaseImage } from "./base.ts";

/** An image of a service, built from its Dockerfile on the bed's base image. */
export interface BuildRequest {
  /** Folder that the Dockerfile copies from. */
  readonly context: string;
  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfile: string;
  /** `registry/name:tag` */
  readonly reference: string;
}

/** Where images are built. */
export interface Workshop {
  /** Folder of the archives. */
  readonly images: string;
  /** Folder of buildah's storage. */
  readonly storage: string;
  /** Folder of buildah's state while it runs. */
  readonly runtime: string;
}

/** Archive of the base image in that folder; made at the first call. */
export async function baseImageIn(images: string): Promise<string> {
  const archive = join(images, `base-node-${process.version}.tar`);
  if (!(await access(archive).then(isTrue, isFalse))) await writeBaseImage(archive);
  return archive;
}

/** Builds an image in a folder that holds all that this needs, and returns its docker archive. */
export async function buildImageArchive(folder: string, request: BuildRequest): Promise<string> {
  const workshop = { images: folder, storage: join(folder, "buildah"), runtime: join(folder, "run") };
  await mkdir(folder, { recursive: true });
  return buildImage(workshop, request);
}

/**
 * Builds an image with buildah, whose storage is the workshop's own, and returns its docker archive. `RUN` steps use the host's
 * network: the bed's leads nowhere. Throws an ExecaError with buildah's output.
 */
export async function buildImage(workshop: Workshop, request: BuildRequest): Promise<string> {
  const base = await baseImageIn(workshop.images);
  const archive = join(workshop.images, `${request.reference.replaceAll(/[^\w.-]/g, "_")}.tar`);
  const storage = ["--root", workshop.storage, "--runroot", workshop.runtime];
  const buildah = (command: string, ...args: string[]) =>
    execa("buildah", [...storage, command, ...args], { cwd: request.context, stdin: "ignore" });
  await buildah("pull", "--quiet", `docker-archive:${base}`);
  await buildah(
    "bud",
    "--isolation=chroot",
    "--network=host",
    // a second image from the same files costs no second install
    "--layers",
    "--pull=never",
    `--build-arg=BASE=${BASE_IMAGE}`,
    `--tag=${request.reference}`,
    `--file=${request.dockerfile}`,
    request.context,
  );
  // buildah appends to an archive that is there
  await rm(`${archive}.new`, { force: true });
  await buildah("push", "--quiet", request.reference, `docker-archive:${archive}.new:${request.reference}`);
  await rename(`${archive}.new`, archive);
  return archive;
}

const isTrue = () => true;
const isFalse = () => false;
