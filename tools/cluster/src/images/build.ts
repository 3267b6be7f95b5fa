import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Layout } from "../bed/layout.ts";
import { BASE_IMAGE } from "./base.ts";

/** An image of a service, built from its Dockerfile on the bed's base image. */
export interface BuildRequest {
  /** Folder that the Dockerfile copies from. */
  readonly context: string;
  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfile: string;
  /** `registry/name:tag` */
  readonly reference: string;
}

/**
 * Builds an image with buildah, whose storage is the bed's own, and returns its docker archive. `RUN` steps use the host's network:
 * the bed's leads nowhere. Throws an ExecaError with buildah's output.
 */
export async function buildImage(layout: Layout, base: string, request: BuildRequest): Promise<string> {
  const archive = join(layout.images, `${request.reference.replaceAll(/[^\w.-]/g, "_")}.tar`);
  const storage = ["--root", join(layout.state, "buildah"), "--runroot", join(layout.runtime, "buildah")];
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
