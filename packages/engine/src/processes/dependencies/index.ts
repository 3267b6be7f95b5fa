import { randomUUID } from "node:crypto";
import { renameSync } from "node:fs";
import { access, mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PerchError, type Variant } from "@perch/core";
import { readJson, writeJson } from "../../state/json-file.ts";
import { isPartial, removeFolder } from "../../state/state-dir.ts";
import { CACHE, retainScopes, STABLE_SCOPE, scopeOf } from "../scopes.ts";
import { unlessTooMany } from "./bounds.ts";
import { type InstallRequest, installSite } from "./fingerprint.ts";
import { foldersWithModules, linkModules, moveModules } from "./link-tree.ts";
import { type Beside, firstChange, firstGenerated, lookBeside } from "./made.ts";

/** Installed dependencies, shared by all worktrees with the same lock file and trust. */
export interface Dependencies {
  /**
   * Gives a worktree its dependencies, from the cache or by `install`. What an install made is kept only if that was
   * `node_modules` and nothing else: then the next one has all of it by links. A virtual environment, generated code or
   * what Yarn makes without `node_modules` belongs to its worktree, and the install is run in each.
   * @returns why the install is run in each worktree, for its log; `undefined` where it has links.
   */
  provide(request: DependencyRequest): Promise<string | undefined>;
  /**
   * Forgets what was installed, and what was cached, for pull requests that are not among these.
   * @returns what could not be removed, by path.
   */
  retain(variants: readonly Variant[]): Promise<ReadonlyMap<string, unknown>>;
  /**
   * Forgets what no instance has links to: what was installed for old lock files.
   * @param instances the folder of all instances.
   * @param age milliseconds for which nothing is forgotten.
   */
  collect(instances: string, age: number): Promise<void>;
}

export interface DependencyRequest extends InstallRequest {
  readonly variant: Variant;
  /** Runs the command in a folder relative to the worktree; it throws when the command fails. */
  readonly install: (folder: string) => Promise<void>;
}

/**
 * A pull request may use what stable installed, but never the other way round, nor what another one installed: its
 * install scripts are its author's.
 */
export function openDependencies(root: string): Dependencies {
  const inFlight = new Map<string, Promise<void>>();
  /** Why the result of an install is not kept, by the entry that it would have been. */
  const unkept = new Map<string, string>();
  /** Entries that are being provided, and those that were since the last collection began. */
  const provided = { now: [] as string[], since: new Set<string>() };

  async function fill(entry: string, request: DependencyRequest, folder: string): Promise<void> {
    const { worktree } = request;
    const before = await unlessTooMany(lookBeside(worktree));
    await request.install(folder);
    const made = before && (await unlessTooMany(modulesToKeep(worktree, before)));
    const { folders, unlike } = made ?? { folders: [], unlike: "there are too many files to compare" };
    if (unlike !== undefined) return void unkept.set(entry, unlike);
    const partial = `${entry}.partial`;
    await removeFolder(partial);
    await mkdir(partial, { recursive: true });
    await moveModules(folders, worktree, partial);
    await rename(partial, entry);
  }

  /**
   * Installs of the same key are made once; others wait for the first, and share its failure.
   * @returns whether it was made by this one.
   */
  async function once(entry: string, make: () => Promise<void>): Promise<boolean> {
    for (let first = inFlight.get(entry); first !== undefined; first = inFlight.get(entry)) {
      const wasDone = await first.then(
        () => true,
        (error: unknown) => {
          // Anything else says that the first was closed meanwhile: that is no failure of this one, which goes on by itself.
          if (error instanceof PerchError) throw error;
          return false;
        },
      );
      if (wasDone) return false;
    }
    const running = make().finally(() => inFlight.delete(entry));
    inFlight.set(entry, running);
    await running;
    return true;
  }

  /** Stable's where it has one, once it is done with it. */
  async function entryOf(variant: Variant, key: string): Promise<string> {
    const shared = join(root, STABLE_SCOPE, key);
    const own = join(root, scopeOf(variant), key);
    if (own !== shared) await inFlight.get(shared)?.catch(() => undefined);
    return (await exists(shared)) ? shared : own;
  }

  async function link(entry: string, worktree: string): Promise<void> {
    await writeJson(join(dirname(worktree), USED), { entry });
    await linkModules(entry, worktree);
  }

  return {
    provide: async (request) => {
      const { folder, key } = await installSite(request);
      if (key === undefined) {
        await request.install(folder);
        return "there is no lock file";
      }
      const entry = await entryOf(request.variant, key);
      provided.now.push(entry);
      provided.since.add(entry);
      try {
        const isKnown = unkept.has(entry) || (await exists(entry));
        const isFirst = !isKnown && (await once(entry, () => fill(entry, request, folder)));
        const reason = unkept.get(entry);
        if (reason === undefined) await link(entry, request.worktree);
        else if (!isFirst) await request.install(folder);
        return reason;
      } finally {
        provided.now.splice(provided.now.indexOf(entry), 1);
      }
    },
    retain: (variants) => retainScopes(root, variants),
    collect: async (instances, age) => {
      // The next install of each is looked at again.
      unkept.clear();
      provided.since = new Set(provided.now);
      const used = await usedEntries(instances);
      for (const scope of (await readdir(root)).filter((name) => !isPartial(name))) {
        for (const key of await readdir(join(root, scope))) {
          if (key === CACHE) continue;
          const entry = join(root, scope, key);
          if (Date.now() - (await stat(entry)).mtimeMs < age) continue;
          const isUsed = used.has(entry) || provided.since.has(entry.replace(/\.partial$/, ""));
          // In the same turn: no install can begin to use it in between.
          if (!isUsed) await removeFolder(putAside(entry));
        }
      }
    },
  };
}

/** An entry of which a crash leaves a part, under its own name, would be linked to as if it were whole. @returns its new path. */
function putAside(entry: string): string {
  const leaving = `${entry}.${randomUUID()}.partial`;
  renameSync(entry, leaving);
  return leaving;
}

/** Folders with modules after an install, or in what it is unlike one that makes nothing else. @throws TooManyFiles */
async function modulesToKeep(
  worktree: string,
  before: Beside,
): Promise<{ folders: readonly string[]; unlike?: string }> {
  const changed = firstChange(before, await lookBeside(worktree));
  if (changed !== undefined) return { folders: [], unlike: `it changes ${changed}` };
  const folders = await foldersWithModules(worktree);
  if (folders.length === 0) return { folders, unlike: "it makes no node_modules" };
  const generated = await firstGenerated(worktree, folders);
  return generated === undefined ? { folders } : { folders: [], unlike: `it generates ${generated}` };
}

/** File in an instance's folder: the entry that its worktree has links to. */
const USED = "dependencies.json";

async function usedEntries(instances: string): Promise<Set<string>> {
  const records = await Promise.all(
    (await readdir(instances)).map((id) => readJson(join(instances, id, USED))),
  );
  return new Set(records.map((record) => (record as { entry?: string } | undefined)?.entry ?? ""));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
