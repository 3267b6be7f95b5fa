import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export type Controller = "memory" | "cpu" | "pids";

/** A folder of a hierarchy of control groups in which groups can be made, and what those can hold. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly folder: string;
  readonly controllers: readonly Controller[];
}

const CONTROLLERS: readonly Controller[] = ["memory", "cpu", "pids"];

/** Name of the group that systemd puts the engine into (`DelegateSubgroup=` of its unit), so that groups can be made beside it. */
const OWN_SUBGROUP = "engine";

/**
 * Where control groups can be made for what the engine starts (cgroups(7)); none: nowhere. Version 1 allows it below the engine's
 * own groups, to root. Version 2 allows it only in a group that has no process of its own: in that of a unit which systemd delegates.
 * @param system where the kernel's files are; another folder only in tests.
 */
export async function findHierarchies(system = "/"): Promise<Hierarchy[]> {
  const memberships = await text(join(system, "proc/self/cgroup"));
  const root = join(system, "sys/fs/cgroup");
  const found = memberships.split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers, path }];
  });
  const isUnified = (await text(join(root, "cgroup.controllers"))) !== "";
  if (isUnified) return delegated(root, found.find(({ controllers }) => controllers === "")?.path);
  const hierarchies = CONTROLLERS.flatMap((controller) => {
    const own = found.find(({ controllers }) => controllers.split(",").includes(controller));
    const of = { version: 1, controllers: [controller] } as const;
    return own === undefined ? [] : [{ ...of, folder: join(root, controller, own.path) }];
  });
  return hierarchies.some(({ controllers }) => controllers.includes("memory")) ? hierarchies : [];
}

async function delegated(root: string, path = "/"): Promise<Hierarchy[]> {
  if (basename(path) !== OWN_SUBGROUP) return [];
  const folder = join(root, dirname(path));
  const offered = (await text(join(folder, "cgroup.controllers"))).trim().split(" ");
  const controllers = CONTROLLERS.filter((controller) => offered.includes(controller));
  return controllers.includes("memory") ? [{ version: 2, folder, controllers }] : [];
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
