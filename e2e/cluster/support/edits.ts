import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Edit } from "./pull-requests.ts";

/** Folder of a service's base in the repository acme/shop. */
export function baseOf(service: string): string {
  return `services/${service}/deploy/base`;
}

/** Replaces text in one file of a base. @throws Error when it is not there */
export function replaceIn(service: string, file: string, before: string | RegExp, after: string): Edit {
  return async (folder) => {
    const path = join(folder, baseOf(service), file);
    const text = await readFile(path, "utf8");
    const next = text.replace(before, after);
    if (next === text) throw new Error(`${file} has no ${before}`);
    await writeFile(path, next);
  };
}

/** Adds an object to a base. */
export function add(service: string, name: string, text: string): Edit {
  return async (folder) => {
    const base = join(folder, baseOf(service));
    await writeFile(join(base, name), text);
    const kustomization = join(base, "kustomization.yaml");
    const before = await readFile(kustomization, "utf8");
    await writeFile(kustomization, before.replace("resources:\n", `resources:\n- ${name}\n`));
  };
}

/** Appends to a base's kustomization. */
export function appendKustomization(service: string, text: string): Edit {
  return async (folder) => {
    const path = join(folder, baseOf(service), "kustomization.yaml");
    await writeFile(path, `${await readFile(path, "utf8")}${text}`);
  };
}

/** Makes a base what it is on main. */
export function asOnMain(service: string): Edit {
  return async (folder) => {
    await execa("git", ["fetch", "--quiet", "origin", "main"], { cwd: folder });
    await execa("git", ["checkout", "--quiet", "FETCH_HEAD", "--", baseOf(service)], { cwd: folder });
  };
}

export function all(...edits: readonly Edit[]): Edit {
  return async (folder) => {
    for (const edit of edits) await edit(folder);
  };
}
