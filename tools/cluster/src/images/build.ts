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
  /** What the image says of itself. */
  readonly labels?: Readonly<Record<string, string>>;
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
  return buildImage(await workshopIn(folder), request);
}

/** The same, without an archive: the image is in the storage of the workshop that is returned. */
export async function buildImageInStorage(folder: string, request: BuildRequest): Promise<Workshop> {
  const workshop = await workshopIn(folder);
  await build(workshop, request);
  return workshop;
}

/** Runs buildah on a workshop's storage. Throws an ExecaError with its output. */
export async function buildah(workshop: Workshop, args: readonly string[], cwd = "/"): Promise<string> {
  const storage = ["--root", workshop.storage, "--runroot", workshop.runtime];
  return (await execa("buildah", [...storage, ...args], { cwd, stdin: "ignore" })).stdout;
}

async function workshopIn(folder: string): Promise<Workshop> {
  await mkdir(folder, { recursive: true });
  return { images: folder, storage: join(folder, "buildah"), runtime: join(folder, "run") };
}

/**
 * Builds an image with buildah, whose storage is the workshop's own, and returns its docker archive. `RUN` steps use the host's
 * network: the bed's leads nowhere. Throws an ExecaError with buildah's output.
 */
export async function buildImage(workshop: Workshop, request: BuildRequest): Promise<string> {
  await build(workshop, request);
  const archive = join(workshop.images, `${request.reference.replaceAll(/[^\w.-]/g, "_")}.tar`);
  // buildah appends to an archive that is there
  await rm(`${archive}.new`, { force: true });
  const target = `docker-archive:${archive}.new:${request.reference}`;
  await buildah(workshop, ["push", "--quiet", request.reference, target]);
  await rename(`${archive}.new`, archive);
  return archive;
}

async function build(workshop: Workshop, request: BuildRequest): Promise<void> {
  const { context, dockerfile, reference, labels = {} } = request;
  const base = await baseImageIn(workshop.images);
  await buildah(workshop, ["pull", "--quiet", `docker-archive:${base}`]);
  const options = [
    "--isolation=chroot",
    "--network=host",
    // a second image from the same files costs no second install
    "--layers",
    // a build that failed leaves no container
    "--force-rm",
    "--pull=never",
    `--build-arg=BASE=${BASE_IMAGE}`,
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    `--tag=${reference}`,
    `--file=${dockerfile}`,
  ];
  await buildah(workshop, ["bud", ...options, context], context);
}

const isTrue = () => true;
const isFalse = () => false;
