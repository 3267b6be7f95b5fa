import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { readJson, writeJson } from "../../state/json-file.ts";
import type { Quotas, QuotasOptions } from "../quotas.ts";
import { enter } from "./enter.ts";
import { findHierarchies, type Hierarchy } from "./place.ts";
import { killCount, killCountFile, settings } from "./settings.ts";

/** The file of a state folder that says where its groups are, for whoever comes after a crash. */
const RECORD = "control-groups.json";
const PROBE = "probe";

/**
 * Control groups: what holds all processes of a canary together. Removes what earlier engines left, and tries once whether a process
 * can be held; `undefined`: none can.
 */
export async function openControlGroups(options: QuotasOptions): Promise<Quotas | undefined> {
  const { root, logger, keep } = options;
  const left = await controlGroupsOf(root);
  for (const { id, folder } of left) if (!keep.has(id)) await removeGroup(folder);
  const name = `perch-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`;
  const hierarchies = (await findHierarchies()).map((found) => ({
    ...found,
    folder: join(found.folder, name),
  }));
  if (hierarchies.length === 0) return undefined;
  const groups = new Groups(options, hierarchies);
  try {
    await groups.prepare();
    await probe(groups);
  } catch (error) {
    logger.info({ err: error }, "control groups cannot be used here");
    await groups.close();
    return undefined;
  }
  // An earlier engine may have been in another place, and what is kept of it still is there.
  const elsewhere = left.filter(({ id }) => keep.has(id)).map(({ folder }) => dirname(folder));
  const folders = [...new Set([...hierarchies.map(({ folder }) => folder), ...elsewhere])];
  await writeJson(join(root, RECORD), { folders });
  return groups;
}

/** Every group that is there for a state folder, of whichever engine. */
export async function controlGroupsOf(root: string): Promise<{ id: string; folder: string }[]> {
  const written = (await readJson(join(root, RECORD))) as { folders?: unknown } | undefined;
  const folders = Array.isArray(written?.folders) ? written.folders : [];
  const found = folders.map(async (folder) => {
    if (typeof folder !== "string") return [];
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => ({ id: entry.name, folder: join(folder, entry.name) }));
  });
  return (await Promise.all(found)).flat();
}

class Groups implements Quotas {
  readonly kind = "control groups";
  readonly #options: QuotasOptions;
  readonly #hierarchies: readonly Hierarchy[];
  readonly #kills = new Map<string, number>();

  constructor(options: QuotasOptions, hierarchies: readonly Hierarchy[]) {
    this.#options = options;
    this.#hierarchies = hierarchies;
  }

  async prepare(): Promise<void> {
    for (const { version, folder, controllers } of this.#hierarchies) {
      await mkdir(folder, { recursive: true });
      if (version === 1) continue;
      const wanted = controllers.map((controller) => `+${controller}`).join(" ");
      for (const above of [dirname(folder), folder])
        await writeFile(join(above, "cgroup.subtree_control"), wanted);
    }
  }

  /** @throws Error where the system refuses */
  async make(id: string): Promise<string[]> {
    for (const hierarchy of this.#hierarchies) {
      const group = join(hierarchy.folder, id);
      await mkdir(group, { recursive: true });
      for (const { file, value, optional } of settings(hierarchy, this.#options.quota)) {
        const written = writeFile(join(group, file), value);
        await (optional === true ? written.catch(() => undefined) : written);
      }
    }
    return this.#hierarchies.map(({ folder }) => join(folder, id, "cgroup.procs"));
  }

  /** A canary that cannot be held is better than none; the log tells. */
  async of(id: string): Promise<readonly string[]> {
    return this.make(id).catch((error: unknown) => {
      this.#options.logger.error({ err: error, instance: id }, "not held to its quota");
      return [];
    });
  }

  async ranOutOfMemory(id: string): Promise<boolean> {
    const hierarchy = this.#hierarchies.find(({ controllers }) => controllers.includes("memory"));
    if (hierarchy === undefined) return false;
    const path = join(hierarchy.folder, id, killCountFile(hierarchy));
    const count = killCount(await readFile(path, "utf8").catch(() => ""));
    const before = this.#kills.get(id) ?? 0;
    this.#kills.set(id, count);
    return count > before;
  }

  async remove(id: string): Promise<void> {
    this.#kills.delete(id);
    const own = this.#hierarchies.map(({ folder }) => join(folder, id));
    const all = (await controlGroupsOf(this.#options.root)).filter((group) => group.id === id);
    const folders = new Set([...own, ...all.map(({ folder }) => folder)]);
    await Promise.all([...folders].map(removeGroup));
  }

  async close(): Promise<void> {
    // One that still holds something stays, and `perch residue` lists it.
    await Promise.all(this.#hierarchies.map(({ folder }) => rmdir(folder).catch(() => undefined)));
  }
}

async function probe(groups: Groups): Promise<void> {
  const files = await groups.make(PROBE);
  try {
    const { program, args } = enter({ program: "/bin/cat", args: ["/proc/self/cgroup"] }, files);
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: 10_000 });
    if (!stdout.includes(`/${PROBE}`)) throw new Error("a process did not enter its group");
  } finally {
    await groups.remove(PROBE);
  }
}

/** Milliseconds between two tries: a process that has ended leaves its group a moment later. */
const PAUSE = 50;
const TRIES = 40;

async function removeGroup(folder: string): Promise<void> {
  for (let i = 0; i < TRIES; i += 1) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      if (code !== "EBUSY") throw error;
      await sleep(PAUSE);
    }
  }
}
