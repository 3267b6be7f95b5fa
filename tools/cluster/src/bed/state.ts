import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PerchError } from "@perch/core";
import type { Toolbox } from "../parts/index.ts";
import { ARGOCD_ROLES } from "./argocd.ts";
import type { Layout } from "./layout.ts";

const MARKER = "bed.json";

/** Whether the layout's folder holds a bed, running or not. */
export async function hasBed(layout: Layout): Promise<boolean> {
  return (await readFile(join(layout.state, MARKER), "utf8").catch(() => undefined)) !== undefined;
}

/** Makes the bed's folders. Throws STATE_DIR_UNUSABLE for a folder with other things in it: `down` removes it whole. */
export async function claimState(layout: Layout): Promise<void> {
  const entries = await readdir(layout.state).catch((): string[] => []);
  if (entries.length > 0 && !entries.includes(MARKER))
    throw new PerchError({
      code: "STATE_DIR_UNUSABLE",
      message: `${layout.state} holds something else than a cluster.`,
      hint: "Name an empty folder, or one that does not exist yet.",
      fault: "user",
    });
  await mkdir(layout.state, { recursive: true });
  await writeFile(join(layout.state, MARKER), `${JSON.stringify({ bed: layout.bed })}\n`);
  await mkdir(layout.runtime, { recursive: true, mode: 0o700 });
  const folders = ["argocd/tls", "argocd/ssh", "argocd/tmp"].map((name) => join(layout.state, name));
  for (const folder of [layout.etc, layout.bin, layout.repositories, layout.images, ...folders])
    await mkdir(folder, { recursive: true });
}

/** Links every tool by its name into one folder, which is first on the bed's PATH. */
export async function linkTools(layout: Layout, toolbox: Toolbox): Promise<void> {
  for (const [name, { path }] of toolbox.tools) await link(join(layout.bin, name), path);
  const argocd = toolbox.tools.get("argocd");
  if (argocd !== undefined) for (const role of ARGOCD_ROLES) await link(join(layout.bin, role), argocd.path);
}

async function link(from: string, to: string): Promise<void> {
  if ((await lstat(from).catch(() => undefined)) !== undefined) await rm(from);
  await symlink(to, from);
}
