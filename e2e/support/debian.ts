import { readFile } from "node:fs/promises";
import { execa } from "execa";

/** Two test files may install at once: apt waits for its own lock. A server that says nothing is given up. */
const PATIENCE = ["DPkg::Lock::Timeout=600", "Acquire::Retries=2", "Acquire::http::Timeout=30"].flatMap(
  (option) => ["-o", option],
);

/** Milliseconds for what is fetched. */
const FETCHED_WITHIN = 15 * 60_000;

/** Debian packages by the program that is taken from each. */
const PACKAGES = {
  buildah: "buildah",
  busybox: "busybox-static",
  catatonit: "catatonit",
  "docker-registry": "docker-registry",
  h2load: "nghttp2-client",
  java: "default-jre-headless",
  jq: "jq",
  kubectl: "kubernetes-client",
  nginx: "nginx-light",
  podman: "podman",
  prometheus: "prometheus",
  promtool: "prometheus",
  runc: "runc",
  skopeo: "skopeo",
  wrk: "wrk",
  xdotool: "xdotool",
  Xvfb: "xvfb",
} as const;

export type DebianProgram = keyof typeof PACKAGES;

/** What apt printed, by package that could not be installed: test files of one run do not try those again. */
const FAILURES = "PERCH_DEBIAN_FAILURES";

/** Where a program is on PATH; undefined where it is not. */
export async function onPath(program: string): Promise<string | undefined> {
  const { stdout, exitCode } = await execa("sh", ["-c", 'command -v "$0"', program], { reject: false });
  return exitCode === 0 ? stdout : undefined;
}

/** A program by its name on PATH; installed where it is missing and this may be done. */
export async function fromDebian(program: DebianProgram): Promise<string> {
  const found = await onPath(program);
  if (found !== undefined) return found;
  const failure = await installDebian(PACKAGES[program]);
  const installed = await onPath(program);
  if (installed !== undefined) return installed;
  const tried = failure === undefined ? "" : `\nIt was tried:\n${failure}`;
  throw new Error(`${program} is missing. Install it: apt-get install ${PACKAGES[program]}${tried}`);
}

/**
 * Installs, for all test files that this process will start, what of these programs is missing and may be installed, and other
 * packages. A file that needs what could not be installed says so at once.
 */
export async function prepareDebian(
  programs: readonly DebianProgram[],
  others: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const missing = new Set(others);
  for (const program of programs) if ((await onPath(program)) === undefined) missing.add(PACKAGES[program]);
  if (missing.size === 0 || !(await mayInstall())) return;
  say(`installing Debian packages, once: ${[...missing].join(" ")}`);
  const deadline = AbortSignal.timeout(FETCHED_WITHIN);
  if ((await install([...missing], deadline)).failure === undefined) return;
  // One that is not to be had keeps all others from being installed with it.
  const failures: Record<string, string> = {};
  for (const name of missing) {
    const { failure } = await install([name], deadline);
    if (failure !== undefined) failures[name] = failure;
  }
  process.env[FAILURES] = JSON.stringify(failures);
}

/**
 * Installs a package where that may be done: as root, on Debian.
 * @returns why that failed, as apt printed it; undefined: it was not tried, or is there
 */
export async function installDebian(debianPackage: string): Promise<string | undefined> {
  const failures = JSON.parse(process.env[FAILURES] ?? "{}") as Readonly<Record<string, string>>;
  if (failures[debianPackage] !== undefined) return failures[debianPackage];
  if (!(await mayInstall())) return undefined;
  return (await install([debianPackage], AbortSignal.timeout(FETCHED_WITHIN))).failure;
}

/** Only what is fetched has a bound: dpkg that is ended half-way installs nothing any more. */
async function install(
  packages: readonly string[],
  deadline: AbortSignal,
): Promise<{ readonly failure: string | undefined }> {
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "ignore",
    reject: false,
    all: true,
  } as const;
  const command = ["install", "-y", "--no-install-recommends", ...PATIENCE, ...packages];
  const fetching = { ...options, cancelSignal: deadline };
  await execa("apt-get", ["update", "-qq", ...PATIENCE], fetching);
  const fetched = await execa("apt-get", [...command, "--download-only"], fetching);
  const { failed, all } = fetched.failed ? fetched : await execa("apt-get", command, options);
  if (!failed) return { failure: undefined };
  const end = fetched.isCanceled ? "\nIt was not fetched within a quarter of an hour." : "";
  return { failure: `${String(all ?? "").slice(-2_000)}${end}` };
}

async function mayInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  // Ubuntu's chromium is a stub for a snap, which containers cannot run.
  return /^ID="?debian"?$/m.test(release);
}
