import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Config, PerchError, stableTag } from "@perch/core";
import { execa } from "execa";
import { assertService } from "./image.ts";

/** The overlay of one service's stable, in the environment repository. */
export interface OverlayFile {
  /** Relative to the folder of `perch.yaml`. */
  readonly path: string;
  readonly text: string;
  /** The tag that is there now. */
  readonly tag: string;
  /** Replaces the file whole, or not at all. */
  write(text: string): Promise<void>;
  /** Tags that it had, newest first, as git knows; with the one that is there now. */
  history(): Promise<string[]>;
}

const LONGEST_HISTORY = 50;

/**
 * @param folder of `perch.yaml`
 * @throws PerchError UNKNOWN_SERVICE, OVERLAY_UNREADABLE
 */
export async function openOverlay(folder: string, config: Config, service: string): Promise<OverlayFile> {
  assertService(config, service);
  const path = `manifests/stable/${service}/kustomization.yaml`;
  const file = join(folder, path);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw missing(path, cause);
  });
  return {
    path,
    text,
    tag: stableTag(text, service, path),
    write: async (next) => {
      // In the same folder, so that the rename is one step.
      await writeFile(`${file}.new`, next);
      await rename(`${file}.new`, file);
    },
    history: () => history(folder, path, service),
  };
}

async function history(folder: string, path: string, service: string): Promise<string[]> {
  const git = async (...args: string[]) => (await execa("git", args, { cwd: folder })).stdout;
  const commits = await git("log", `--max-count=${LONGEST_HISTORY}`, "--format=%H", "--", path).catch(
    () => "",
  );
  const tags: string[] = [];
  for (const commit of commits.split("\n").filter((line) => line !== "")) {
    const text = await git("show", `${commit}:./${path}`).catch(() => "");
    const tag = tagIn(text, service);
    if (tag !== undefined && tags.at(-1) !== tag) tags.push(tag);
  }
  return tags;
}

/** What an old overlay said, if it can still be read. */
function tagIn(text: string, service: string): string | undefined {
  try {
    return stableTag(text, service, "");
  } catch {
    return undefined;
  }
}

function missing(path: string, cause: unknown): PerchError {
  return new PerchError(
    {
      code: "OVERLAY_UNREADABLE",
      message: `${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`,
      hint: "`perch render` writes it, in the environment repository.",
      fault: "user",
    },
    { cause },
  );
}
