import { readFile } from "node:fs/promises";
import { execa } from "execa";

/** Two test files may install at once: apt waits for its own lock. A server that says nothing is given up. */
const PATIENCE = ["DPkg::Lock::Timeout=600", "Acquire::Retries=2", "Acquire::http::Timeout=30"].flatMap(
  (option) => ["-o", option],
);

/** Milliseconds; what takes longer is ended. */
const AT_MOST = 15 * 60_000;

/** Tells the test files of one run what apt printed when their programs could not be installed: none of them tries again. */
const FAILED = "PERCH_DEBIAN_FAILED";

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

/**
 * Installs at once, for all test files that this process will start, what of these programs is missing and may be installed.
 * Keys are names on PATH, values Debian packages. Where that fails, the files that need one say so, at once.
 */
export async function prepareDebian(
  programs: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<void> {
  const missing = new Set<string>();
  for (const [program, debianPackage] of Object.entries(programs))
    if ((await onPath(program)) === undefined) missing.add(debianPackage);
  if (missing.size === 0 || !(await mayInstall())) return;
  say(`installing Debian packages, once: ${[...missing].join(" ")}`);
  const { failed, printed } = await apt([...missing]);
  if (failed) process.env[FAILED] = printed;
}

/** Installs a package where that may be done: as root, on Debian. Returns the end of what apt printed; undefined: it was not tried. */
export async function installDebian(debianPackage: string): Promise<string | undefined> {
  const failed = process.env[FAILED];
  if (failed !== undefined) return failed;
  return (await mayInstall()) ? (await apt([debianPackage])).printed : undefined;
}

async function apt(
  packages: readonly string[],
): Promise<{ readonly failed: boolean; readonly printed: string }> {
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "ignore",
    reject: false,
    all: true,
    timeout: AT_MOST,
  } as const;
  await execa("apt-get", ["update", "-qq", ...PATIENCE], options);
  const { failed, timedOut, all } = await execa(
    "apt-get",
    ["install", "-y", "--no-install-recommends", ...PATIENCE, ...packages],
    options,
  );
  const end = timedOut ? "\nIt took over a quarter of an hour, and was ended." : "";
  return { failed, printed: `${String(all).slice(-2_000)}${end}` };
}

async function mayInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  // Ubuntu's chromium is a stub for a snap, which containers cannot run.
  return /^ID="?debian"?$/m.test(release);
}
