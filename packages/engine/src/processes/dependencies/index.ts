import { access, mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PerchError, type Variant } from "@perch/core";
import { readJson, writeJson } from "../../state/json-file.ts";
import { removeFolder } from "../../state/state-dir.ts";
import { installSite } from "./fingerprint.ts";
import { linkModules, moveModules } from "./link-tree.ts";

/** Installed dependencies, shared by all worktrees with the same lock file and trust. */
export interface Dependencies {
  /**
   * Gives a worktree its dependencies, from the cache or by `install`.
   * @param install runs the command in a folder relative to the worktree; it throws when the command fails.
   */
  provide(request: DependencyRequest): Promise<void>;
  /** Forgets what was installed for pull requests that are not among these. */
  retain(variants: readonly Variant[]): Promise<void>;
  /**
   * Forgets what no instance has links to: what was installed for old lock files.
   * @param instances the folder of all instances.
   * @param age milliseconds for which nothing is forgotten.
   */
  collect(instances: string, age: number): Promise<void>;
}

export interface DependencyRequest {
  readonly variant: Variant;
  /** Absolute path. */
  readonly worktree: string;
  /** Folder of the service in it. */
  readonly folder: string;
  readonly command: string;
  readonly install: (folder: string) => Promise<void>;
}

const STABLE_SCOPE = "stable";

/**
 * A pull request may use what stable installed, but never the other way round, nor what another one installed: its
 * install scripts are its author's.
 */
export function openDependencies(root: string): Dependencies {
  const inFlight = new Map<string, Promise<void>>();

  async function fill(entry: string, request: DependencyRequest, folder: string): Promise<void> {
    await request.install(folder);
    const partial = `${entry}.partial`;
    await removeFolder(partial);
    await mkdir(partial, { recursive: true });
    await moveModules(request.worktree, partial);
    await rename(partial, entry);
  }

  /** Installs of the same key are made once; others wait for the first, and share its failure. */
  async function once(entry: string, make: () => Promise<void>): Promise<void> {
    for (let first = inFlight.get(entry); first !== undefined; first = inFlight.get(entry)) {
      const wasDone = await first.then(
        () => true,
        (error: unknown) => {
          // Anything else says that the first was closed meanwhile: that is no failure of this one, which goes on by itself.
          if (error instanceof PerchError) throw error;
          return false;
        },
      );
      if (wasDone) return;
    }
    const running = make().finally(() => inFlight.delete(entry));
    inFlight.set(entry, running);
    await running;
  }

  return {
    provide: async (request) => {
      const site = await installSite(request.worktree, request.folder, request.command);
      if (site.key === undefined) return request.install(site.folder);
      const shared = join(root, STABLE_SCOPE, site.key);
      const own = join(root, scopeOf(request.variant), site.key);
      if (own !== shared) await inFlight.get(shared)?.catch(() => undefined);
      const entry = (await exists(shared)) ? shared : own;
      if (!(await exists(entry))) await once(entry, () => fill(entry, request, site.folder));
      await writeJson(join(dirname(request.worktree), USED), { entry });
      await linkModules(entry, request.worktree);
    },
    retain: async (variants) => {
      const kept = new Set([STABLE_SCOPE, ...variants.map(scopeOf)]);
      const scopes = await readdir(root).catch(() => []);
      await Promise.all(
        scopes.filter((scope) => !kept.has(scope)).map((scope) => removeFolder(join(root, scope))),
      );
    },
    collect: async (instances, age) => {
      const used = await usedEntries(instances);
      for (const scope of await readdir(root)) {
        for (const key of await readdir(join(root, scope))) {
          const entry = join(root, scope, key);
          const isBusy = used.has(entry) || inFlight.has(entry.replace(/\.partial$/, ""));
          if (!isBusy && Date.now() - (await stat(entry)).mtimeMs >= age) await removeFolder(entry);
        }
      }
    },
  };
}

/** File in an instance's folder: the entry that its worktree has links to. */
const USED = "dependencies.json";

async function usedEntries(instances: string): Promise<Set<string>> {
  const records = await Promise.all(
    (await readdir(instances)).map((id) => readJson(join(instances, id, USED))),
  );
  return new Set(records.map((record) => (record as { entry?: string } | undefined)?.entry ?? ""));
}

/** Folders of installed dependencies that these have a reason for. */
export function dependencyScopes(of: readonly { readonly variant: Variant }[]): string[] {
  return [...new Set([STABLE_SCOPE, ...of.map(({ variant }) => scopeOf(variant))])];
}

/** Two repositories may both have a PR 7; the service's name tells them apart. */
function scopeOf({ service, pr }: Variant): string {
  return pr === undefined ? STABLE_SCOPE : `${service}-pr-${pr}`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
