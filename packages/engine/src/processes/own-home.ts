import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Lines of `.npmrc` that say where packages come from, without credentials: those are lines that begin with `//`, or hold `_`. */
const HARMLESS =
  /^(?:@[\w.-]+:)?registry\s*=|^(?:https?-)?proxy\s*=|^noproxy\s*=|^cafile\s*=|^strict-ssl\s*=/;

/** A home and a temporary folder of an instance's own, in its folder, which go with it. */
export async function ownHome(folder: string, engineEnv: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const home = join(folder, "home");
  const temporary = join(folder, "tmp");
  await mkdir(home, { recursive: true });
  await mkdir(temporary, { recursive: true });
  const npmrc = await readFile(join(engineEnv.HOME ?? "", ".npmrc"), "utf8").catch(() => "");
  await writeFile(join(home, ".npmrc"), harmlessLines(npmrc));
  return { HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: join(home, ".cache") };
}

function harmlessLines(npmrc: string): string {
  const lines = npmrc.split("\n").filter((line) => HARMLESS.test(line) && !/:\/\/[^/]*@/.test(line));
  return lines.map((line) => `${line}\n`).join("");
}
