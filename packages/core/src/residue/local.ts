/** What is on this machine in a state folder. Paths are relative to it. */
export interface LocalInventory {
  /** Folders of instances. */
  readonly instances: readonly string[];
  /** Processes that were started for something in the state folder, by what they were started for. */
  readonly processes: readonly { readonly pid: number; readonly owner: string }[];
  /** Worktrees that a mirror keeps a record of, by the folder that they were in. */
  readonly worktrees: readonly {
    readonly mirror: string;
    readonly folder: string;
    readonly exists: boolean;
  }[];
  /** Scopes of installed dependencies and caches: `stable`, and one per canary. */
  readonly dependencies: readonly string[];
  /** Mirrors of repositories. */
  readonly mirrors: readonly string[];
  /** Refs of mirrors that are kept for a pull request. */
  readonly refs: readonly { readonly mirror: string; readonly ref: string; readonly pr: number }[];
  /** Control groups, by the instance that they hold. */
  readonly groups: readonly { readonly id: string; readonly folder: string }[];
  /** Files that were not written to their end. */
  readonly partial: readonly string[];
}

/** What the engine that runs on the state folder has a reason for. */
export interface LocalReasons {
  /** Folders of instances, those on their way out too, and of the database. */
  readonly instances: ReadonlySet<string>;
  readonly dependencies: ReadonlySet<string>;
  readonly mirrors: ReadonlySet<string>;
  /** Pull requests that mirrors keep refs for, as `<mirror>#<number>`. */
  readonly pullRequests: ReadonlySet<string>;
}

/** What exists without a reason. */
export interface LocalResidue {
  readonly kind:
    | "instance"
    | "process"
    | "control group"
    | "worktree"
    | "dependencies"
    | "mirror"
    | "ref"
    | "file";
  /** Path relative to the state folder; of a control group absolute, of a process its number, of a ref its mirror and its name. */
  readonly name: string;
  readonly reason: string;
}

/**
 * What is left on a machine. Without an engine nothing may run and no instance may be there; mirrors and installed
 * dependencies stay, for the next one.
 * @param reasons `undefined`: no engine runs on the state folder.
 */
export function localResidue(inventory: LocalInventory, reasons: LocalReasons | undefined): LocalResidue[] {
  const hasInstance = (name: string) => reasons?.instances.has(name) === true;
  const nobody = reasons === undefined ? "no engine runs" : "no canary and no stable needs it";
  return [
    ...inventory.processes
      .filter(({ owner }) => !isWanted(owner, reasons))
      .map(({ pid, owner }) => left("process", String(pid), `it was started for ${owner}, and ${nobody}`)),
    ...inventory.instances
      .filter((name) => !hasInstance(name))
      .map((name) => left("instance", `instances/${name}`, nobody)),
    ...inventory.groups
      .filter(({ id }) => !hasInstance(id))
      .map(({ folder }) => left("control group", folder, nobody)),
    ...inventory.worktrees
      .filter(({ exists }) => !exists)
      .map(({ mirror, folder }) =>
        left("worktree", `git/${mirror}`, `its record of ${folder}, which is gone`),
      ),
    ...without(inventory.dependencies, reasons?.dependencies).map((name) =>
      left("dependencies", `dependencies/${name}`, nobody),
    ),
    ...without(inventory.mirrors, reasons?.mirrors).map((name) =>
      left("mirror", `git/${name}`, "perch.yaml has no service of that repository"),
    ),
    ...inventory.refs
      .filter(({ mirror, pr }) => isForgotten(mirror, pr, reasons))
      .map(({ mirror, ref }) => left("ref", `git/${mirror} ${ref}`, "no open pull request needs it")),
    ...inventory.partial.map((name) => left("file", name, "it was not written to its end")),
  ];
}

function isWanted(owner: string, reasons: LocalReasons | undefined): boolean {
  if (reasons === undefined) return false;
  const [place, name = ""] = owner.split("/");
  return place === "instances" ? reasons.instances.has(name) : place === "git" && reasons.mirrors.has(name);
}

/** Those of a mirror that is itself left go with it. */
function isForgotten(mirror: string, pr: number, reasons: LocalReasons | undefined): boolean {
  return reasons?.mirrors.has(mirror) === true && !reasons.pullRequests.has(`${mirror}#${pr}`);
}

/** Those that are not wanted; all are where nobody can say. */
function without(names: readonly string[], wanted: ReadonlySet<string> | undefined): readonly string[] {
  return wanted === undefined ? [] : names.filter((name) => !wanted.has(name));
}

function left(kind: LocalResidue["kind"], name: string, reason: string): LocalResidue {
  return { kind, name, reason };
}
