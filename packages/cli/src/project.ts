import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Config, configError, PerchError, parseConfig } from "@perch/core";

/** A perch.yaml that was found, and the folder that it speaks of. */
export interface Project {
  readonly file: string;
  /** Absolute path of the folder that perch.yaml is in. */
  readonly folder: string;
}

/**
 * The perch.yaml to use: the one named, or the nearest from here upwards.
 * @throws PerchError CONFIG_NOT_FOUND
 */
export async function findProject(flag: string | undefined, from = process.cwd()): Promise<Project> {
  if (flag !== undefined) {
    const file = resolve(flag);
    if (!(await isFile(file))) throw notFound(`There is no file ${file}.`);
    return { file, folder: dirname(file) };
  }
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, "perch.yaml");
    if (await isFile(file)) return { file, folder };
    if (folder === dirname(folder))
      throw notFound(`There is no perch.yaml in ${resolve(from)} or in a folder above it.`);
  }
}

/** @throws PerchError CONFIG_INVALID with every problem of the file. */
export async function readConfig(project: Project): Promise<Config> {
  return (await readConfigFile(project)).config;
}

/** The config with the text that says it. @throws PerchError CONFIG_INVALID with every problem of the file. */
export async function readConfigFile(project: Project): Promise<{ config: Config; text: string }> {
  const text = await readFile(project.file, "utf8");
  const result = parseConfig(text, project.file);
  if (!result.ok) throw configError(result.problems);
  return { config: result.config, text };
}

function notFound(message: string): PerchError {
  return new PerchError({
    code: "CONFIG_NOT_FOUND",
    message,
    hint: "Go to the repository that has one, name it with --config, or let `perch init` write one.",
    fault: "user",
  });
}

/** For a service that somebody named and perch.yaml does not have. */
export function unknownService(name: string, known: Iterable<string>): PerchError {
  return new PerchError({
    code: "UNKNOWN_SERVICE",
    message: `perch.yaml has no service ${JSON.stringify(name.slice(0, 100))}.`,
    hint: `It has ${[...known].join(", ")}.`,
    fault: "user",
  });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** The state folder that a command means: the one named, or `.perch` beside the nearest perch.yaml. */
export async function locateStateDir(flags: {
  readonly config?: string;
  readonly stateDir?: string;
}): Promise<string> {
  if (flags.stateDir !== undefined) return resolve(flags.stateDir);
  return join((await findProject(flags.config)).folder, ".perch");
}
