import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Lines of `.npmrc` that say where packages come from, and by which proxy. Credentials are in lines of other names, or before an `@`. */
const HARMLESS =
  /^(?:@[\w.-]+:)?registry\s*=|^(?:https?-)?proxy\s*=|^noproxy\s*=|^cafile\s*=|^strict-ssl\s*=/;

/** What a pull request's processes may write to beside their worktree. Absolute paths. */
export interface OwnFolders {
  /** In the instance's folder, and goes with it. */
  readonly home: string;
  /** In the instance's folder, and goes with it. */
  readonly temporary: string;
  /** The pull request's: the next instance finds what this one has fetched and compiled. */
  readonly cache: string;
}

/** @param folder the instance's. @param cache the pull request's. */
export function ownFolders(folder: string, cache: string): OwnFolders {
  return { home: join(folder, "home"), temporary: join(folder, "tmp"), cache };
}

/** Makes the folders, and tells where they are in the variables that programs look at. */
export async function ownHome(
  { home, temporary, cache }: OwnFolders,
  engineEnv: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  for (const folder of [home, temporary, cache]) await mkdir(folder, { recursive: true });
  const npmrc = await readFile(join(engineEnv.HOME ?? "", ".npmrc"), "utf8").catch(() => "");
  // An earlier command may have put a symbolic link there: nothing is written through it.
  const own = join(home, ".npmrc");
  await rm(own, { recursive: true, force: true });
  await writeFile(own, harmlessLines(npmrc), { flag: "wx" });
  return { HOME: home, TMPDIR: temporary, ...cacheVariables(cache) };
}

/** The folder that the XDG base directory specification names, and what package managers look at that have theirs elsewhere, if only on macOS. */
function cacheVariables(cache: string): Record<string, string> {
  return {
    XDG_CACHE_HOME: cache,
    GOCACHE: join(cache, "go-build"),
    GOMODCACHE: join(cache, "go-mod"),
    PIP_CACHE_DIR: join(cache, "pip"),
    npm_config_cache: join(cache, "npm"),
    PNPM_HOME: join(cache, "pnpm"),
    YARN_GLOBAL_FOLDER: join(cache, "yarn"),
  };
}

function harmlessLines(npmrc: string): string {
  const lines = npmrc.split("\n").filter((line) => HARMLESS.test(line) && !/=.*@/.test(line));
  return lines.map((line) => `${line}\n`).join("");
}
