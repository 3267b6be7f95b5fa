import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { PerchError } from "@perch/core";
import { execa } from "execa";
import { startTime } from "../bed/process-identity.ts";
import { cacheKey, sourceFiles } from "./key.ts";
import { PARTS_FOLDER, type Part } from "./parts.ts";

/** Tells people what goes on; one line at a time. */
export type Say = (line: string) => void;

const PROGRESS_MS = 20_000;

/**
 * Folder of a part's built files: `<cache>/<part>-<key>`. Builds it where it is missing, into a folder beside that gets its name
 * when all is there, so that an interrupted build leaves nothing half done. Throws BUILD_FAILED with the end of the log.
 */
export async function buildPart(part: Part, cache: string, say: Say): Promise<string> {
  const source = join(PARTS_FOLDER, part.name);
  const folder = join(cache, `${part.name}-${cacheKey(await sourceFiles(source), process.arch)}`);
  if (await exists(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  const log = join(cache, `${part.name}.log`);
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  say(`${part.name}: building; the first time takes about ${part.minutes} min on two cores; log: ${log}`);
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const progress = setInterval(() => say(`${part.name}: building for ${seconds()} s`), PROGRESS_MS);
  try {
    await run(join(source, "build.sh"), partial, log);
    await rename(partial, folder).catch(async (error: unknown) => {
      // somebody else built the same in the meantime
      if (!(await exists(folder))) throw error;
    });
  } finally {
    clearInterval(progress);
    await rm(partial, { recursive: true, force: true });
  }
  say(`${part.name}: built in ${seconds()} s`);
  return folder;
}

/** Removes what builds that were killed left behind. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /\.(\d+)\.partial$/.exec(name)?.[1];
    if (pid !== undefined && (await startTime(Number(pid))) === undefined)
      await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** What a part's build changes in the original, in the words of its build script; undefined if nothing. */
export async function patchedIn(part: Part): Promise<string | undefined> {
  const script = await readFile(join(PARTS_FOLDER, part.name, "build.sh"), "utf8");
  return patchedNote(script);
}

/** The comment that starts with `# PATCHED: `, up to its last line, as one line of text. */
export function patchedNote(script: string): string | undefined {
  const [, note] = /^# PATCHED: ((?:.*)(?:\n# .*)*)/m.exec(script) ?? [];
  return note?.replaceAll("\n# ", " ");
}

async function run(script: string, output: string, log: string): Promise<void> {
  const { failed, exitCode } = await execa("bash", [script, output], {
    stdin: "ignore",
    stdout: { file: log },
    stderr: { file: log, append: true },
    buffer: false,
    reject: false,
  });
  if (!failed) return;
  const tail = (await readFile(log, "utf8")).trimEnd().split("\n").slice(-15).join("\n");
  throw new PerchError({
    code: "BUILD_FAILED",
    message: `${script} ended with code ${exitCode}. The end of ${log}:\n${tail}`,
    hint: "Name the official binaries by PERCH_BIN=<folder> instead, or mend what the log says and run it again.",
    fault: "environment",
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
