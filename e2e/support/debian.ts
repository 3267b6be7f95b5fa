import { readFile } from "node:fs/promises";
import { execa } from "execa";

/** Two test files may install at once: apt waits for its own lock. */
const OPTIONS = ["-y", "-o", "DPkg::Lock::Timeout=600", "--no-install-recommends"];

/** Where a program is on PATH; undefined where it is not. */
export async function onPath(program: string): Promise<string | undefined> {
  const { stdout, exitCode } = await execa("sh", ["-c", 'command -v "$0"', program], { reject: false });
  return exitCode === 0 ? stdout : undefined;
}

/** A program by its name on PATH; installed as a Debian package where it is missing and this may be done. */
export async function fromDebian(program: string, debianPackage: string): Promise<string> {
  const found = await onPath(program);
  if (found !== undefined) return found;
  const printed = await installDebian(debianPackage);
  const installed = await onPath(program);
  if (installed !== undefined) return installed;
  const tried = printed === undefined ? "" : `\nIt was tried:\n${printed}`;
  throw new Error(`${program} is missing. Install it: apt-get install ${debianPackage}${tried}`);
}

/** Installs a package where that may be done: as root, on Debian. Returns the end of what apt printed; undefined: it was not tried. */
export async function installDebian(debianPackage: string): Promise<string | undefined> {
  if (!(await mayInstall())) return undefined;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await execa("apt-get", ["update", "-qq"], { env, reject: false });
  const { all } = await execa("apt-get", ["install", ...OPTIONS, debianPackage], {
    env,
    reject: false,
    all: true,
  });
  return String(all).slice(-2_000);
}

async function mayInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  // Ubuntu's chromium is a stub for a snap, which containers cannot run.
  return /^ID="?debian"?$/m.test(release);
}
