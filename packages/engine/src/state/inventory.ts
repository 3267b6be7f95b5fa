import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { LocalInventory } from "@perch/core";
import { controlGroupsOf } from "../processes/control-groups/index.ts";
import { ownedProcesses } from "../processes/strays.ts";
import { stateDirAt } from "./state-dir.ts";
import { unfinished } from "./unfinished.ts";

/** Looks at all that is there for a state folder: on its disk, in its mirrors, and among this machine's processes. */
export async function localInventory(root: string): Promise<LocalInventory> {
  const { git, instances, dependencies } = stateDirAt(root);
  const mirrors = await list(git);
  const owned = await ownedProcesses(root);
  return {
    instances: await list(instances),
    processes: owned.map(({ pid, owner }) => ({ pid, owner: relative(root, owner) })),
    groups: await controlGroupsOf(root),
    worktrees: (await Promise.all(mirrors.map((mirror) => worktreesOf(root, git, mirror)))).flat(),
    dependencies: await list(dependencies),
    mirrors,
    refs: (await Promise.all(mirrors.map((mirror) => refsOf(git, mirror)))).flat(),
    partial: await unfinished(root),
  };
}

/** A record's file `gitdir` names the `.git` file of its worktree (gitrepository-layout(5)). */
async function worktreesOf(root: string, git: string, mirror: string): Promise<LocalInventory["worktrees"]> {
  const records = await list(join(git, mirror, "worktrees"));
  return Promise.all(
    records.map(async (record) => {
      const file = await readFile(join(git, mirror, "worktrees", record, "gitdir"), "utf8").catch(() => "");
      const path = file.trim();
      return { mirror, folder: relative(root, dirname(path)), exists: path !== "" && (await exists(path)) };
    }),
  );
}

/** Heads of pull requests, and for which of them somebody vouched. What is no commit is no pull request's. */
async function refsOf(git: string, mirror: string): Promise<LocalInventory["refs"]> {
  // Loaded only here: every command loads this file.
  const { PULL_REFS, pullRequestOf, VOUCHED_REFS } = await import("../pull-requests/git/refs.ts");
  const { git: run } = await import("../pull-requests/git/git.ts");
  const args = ["for-each-ref", "--format=%(objecttype) %(refname)", PULL_REFS, VOUCHED_REFS];
  const lines = (await run(args, { cwd: join(git, mirror) }).catch(() => "")).split("\n");
  return lines.flatMap((line) => {
    const [type, ref = ""] = line.split(" ");
    const pr = pullRequestOf(ref);
    return type === "commit" && pr !== undefined ? [{ mirror, ref, pr }] : [];
  });
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
