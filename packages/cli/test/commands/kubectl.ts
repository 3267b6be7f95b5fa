import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const FIXTURE = join(import.meta.dirname, "..", "fixtures", "kubectl.js");

/** Puts a kubectl on PATH that knows what to print for arguments that begin so; the environment to run with. */
export async function kubectlIn(
  folder: string,
  answers: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  await symlink(FIXTURE, join(bin, "kubectl"));
  await writeFile(join(folder, "objects.json"), JSON.stringify(answers));
  return { PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}`, KUBECTL_FOLDER: folder };
}

/** What it was asked, in order. */
export async function asked(folder: string): Promise<string[]> {
  return (await readFile(join(folder, "asked"), "utf8")).trim().split("\n");
}
