import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { execa } from "execa";
import type { Tool } from "./parts.ts";
import { isCompatible, variableOf, versionIn } from "./version.ts";

/** Where a tool was found. */
export interface Found {
  readonly path: string;
  readonly origin: "environment" | "PATH" | "built";
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A tool that need not be built: the file that `PERCH_<TOOL>` names, the one in the folder `PERCH_BIN`, or one on PATH whose
 * version fits. What a variable names is taken as it is. Throws a RangeError if a variable names a file that cannot be run.
 */
export async function findTool(tool: Tool, environment: Environment): Promise<Found | undefined> {
  const named = environment[variableOf(tool.name)];
  if (named !== undefined && named !== "") {
    if (await isExecutable(named)) return { path: resolve(named), origin: "environment" };
    throw new RangeError(`${variableOf(tool.name)} names ${named}, which cannot be run.`);
  }
  const folder = environment.PERCH_BIN;
  if (folder !== undefined && folder !== "" && (await isExecutable(join(folder, tool.name))))
    return { path: resolve(folder, tool.name), origin: "environment" };
  for (const onPath of (environment.PATH ?? "").split(delimiter)) {
    const path = resolve(onPath, tool.name);
    if (onPath !== "" && (await isExecutable(path)) && (await fits(path, tool)))
      return { path, origin: "PATH" };
  }
  return undefined;
}

async function fits(path: string, tool: Tool): Promise<boolean> {
  // without a version to compare, a command of that name may be anything
  if (tool.versionArgs === undefined) return false;
  const { all } = await execa(path, [...tool.versionArgs], { all: true, reject: false, timeout: 20_000 });
  const version = versionIn(all ?? "");
  return version !== undefined && isCompatible(version, tool.version);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
