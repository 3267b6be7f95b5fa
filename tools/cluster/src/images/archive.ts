import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** What an image consists of: one layer, and how it is started. */
export interface ImageSpec {
  /** `name:tag` */
  readonly reference: string;
  /** Path in the image → file or folder to copy there; symbolic links are followed for files, kept inside folders. */
  readonly files: ReadonlyMap<string, string>;
  /** Path in the image → text of a file that is nowhere on this machine. */
  readonly texts?: ReadonlyMap<string, string>;
  readonly entrypoint: readonly string[];
}

/** Users of every image: root, and one without rights. */
const ACCOUNTS = [
  ["/etc/passwd", "root:x:0:0::/:/none\napp:x:1000:1000::/:/none\n"],
  ["/etc/group", "root:x:0:\napp:x:1000:\n"],
] as const;

/**
 * Writes an image as a docker archive (`manifest.json`, configuration, one layer), with no daemon. The same files make the same
 * archive: times, owners and order are fixed.
 */
export async function writeImage(archive: string, image: ImageSpec): Promise<void> {
  await mkdir(dirname(archive), { recursive: true });
  const work = await mkdtemp(`${archive}.`);
  try {
    const root = join(work, "root");
    await fill(root, image);
    const layer = join(work, "image", "layer.tar");
    await mkdir(dirname(layer));
    await tar(root, layer);
    await describe(join(work, "image"), image, await sha256(layer));
    await tar(join(work, "image"), join(work, "archive.tar"));
    await rename(join(work, "archive.tar"), archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fill(root: string, image: ImageSpec): Promise<void> {
  await mkdir(join(root, "tmp"), { recursive: true });
  await chmod(join(root, "tmp"), 0o1777);
  const place = async (path: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  for (const [path, text] of [...ACCOUNTS, ...(image.texts ?? [])]) await writeFile(await place(path), text);
  for (const [path, source] of image.files) {
    const target = await place(path);
    const found = await stat(source);
    if (found.isDirectory()) await cp(source, target, { recursive: true, verbatimSymlinks: true });
    else await copyFile(source, target);
  }
}

async function describe(folder: string, image: ImageSpec, layer: string): Promise<void> {
  const config = JSON.stringify({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Entrypoint: image.entrypoint,
      Env: ["PATH=/usr/local/bin:/usr/bin:/bin"],
      WorkingDir: "/",
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
    history: [{ created_by: "perch test bed" }],
  });
  const id = createHash("sha256").update(config).digest("hex");
  await writeFile(join(folder, `${id}.json`), config);
  const manifest = [{ Config: `${id}.json`, RepoTags: [image.reference], Layers: ["layer.tar"] }];
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
}

async function tar(folder: string, archive: string): Promise<void> {
  const stable = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  await execa("tar", [...stable, "-C", folder, "-cf", archive, "."]);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
