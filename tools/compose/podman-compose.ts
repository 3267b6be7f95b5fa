import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipInstall } from "../pip.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/** A Python program, and the environment in which it finds its packages. */
export interface PythonProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * podman-compose at a pinned version: that of Debian 12 does not know aliases of networks. Made once, for all checkouts, in
 * `~/.cache/perch/compose`. Throws an Error that says what to install.
 */
export async function podmanCompose(): Promise<PythonProgram> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "perch", "compose");
  const hash = createHash("sha256").update(await readFile(REQUIREMENTS));
  const folder = join(cache, hash.digest("hex").slice(0, 16));
  if (!(await exists(folder))) await install(cache, folder);
  return { path: join(folder, "bin", "podman-compose"), env: { PYTHONPATH: folder } };
}

async function install(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, "partial-"));
  try {
    await pipInstall(REQUIREMENTS, partial);
    // Somebody else may have made the same meanwhile.
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
