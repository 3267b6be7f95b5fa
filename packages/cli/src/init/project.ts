import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  configError,
  type Discovery,
  discover,
  PerchError,
  parseConfig,
  perchYaml,
  questionsOf,
} from "@perch/core";
import type { InitFlags } from "../commands/init.ts";
import { askOnTerminal } from "./ask.ts";
import { describeDiscovery, describeNext } from "./describe.ts";
import { type Repository, readRepository } from "./repository.ts";

/**
 * `perch init`: looks at the repository, asks what it cannot know, and writes perch.yaml.
 * @throws PerchError USAGE where there is one already, or nothing to run was found
 */
export async function initProject(flags: InitFlags): Promise<void> {
  const repository = await readRepository(flags.out);
  const file = join(repository.root, "perch.yaml");
  await refuseToOverwrite(file);
  const found = discover(repository.files, repository.surroundings);
  if (found.services.length === 0) throw nothingFound(repository, found);
  const isAsking = flags.yes !== true && flags.json !== true && process.stdin.isTTY && process.stdout.isTTY;
  if (flags.json !== true) process.stdout.write(describeDiscovery(repository, found));
  const discovery = isAsking && questionsOf(found).length > 0 ? await askOnTerminal(found) : found;
  await write(file, perchYaml(discovery, await schemaIn(repository.root)));
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(asData(file, discovery), undefined, 2)}\n`
      : describeNext(file, discovery),
  );
}

async function refuseToOverwrite(file: string): Promise<void> {
  if (await exists(file)) throw alreadyThere(file);
}

/** Where npm puts the schema that editors check perch.yaml by. A path out of the repository would be of this machine alone. */
const SCHEMA = "node_modules/@perch/core/schema/perch.schema.json";

async function schemaIn(root: string): Promise<string | undefined> {
  return (await exists(join(root, SCHEMA))) ? SCHEMA : undefined;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function write(file: string, text: string): Promise<void> {
  const result = parseConfig(text, file);
  // Whatever was found: a file that the engine would refuse is never written.
  if (!result.ok) throw configError(result.problems);
  await writeFile(file, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? alreadyThere(file) : cannotWrite(file, error);
  });
}

function asData(file: string, { repo, services, notes }: Discovery) {
  return {
    file,
    repo,
    services: services.map(({ name, path, protocol, edge, start, evidence, doubts }) => ({
      ...{ name, path, protocol, start, evidence, doubts },
      ...(edge !== undefined && { edge }),
    })),
    notes,
  };
}

function alreadyThere(file: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `There is a ${file} already, and perch init overwrites nothing.`,
    hint: "`perch doctor` says whether it is right. To begin anew, move it away first.",
    fault: "user",
  });
}

function cannotWrite(file: string, cause: Error): PerchError {
  return new PerchError(
    {
      code: "USAGE",
      message: `${file} cannot be written: ${cause.message}.`,
      hint: "Mend the folder's permissions, or name the repository's folder with --out.",
      fault: "environment",
    },
    { cause },
  );
}

function nothingFound({ root, files }: Repository, { notes }: Discovery): PerchError {
  const seen = notes.map((note) => `\n  ${note}`).join("");
  return new PerchError({
    code: "USAGE",
    message: `No service was found in ${root}, in ${files.length} files that could tell of one.${seen}`,
    hint: "perch looks for start scripts, Go commands, Python servers, Dockerfiles and compose files. Write perch.yaml by hand: docs/config.md has every key.",
    fault: "user",
  });
}
