import { execa } from "execa";

/**
 * Installs wheels, checked against the hashes of a requirements file, into a folder; `--target` leaves the system's Python alone. Where
 * that may be done, pip itself is installed first. Throws an Error that says what to install.
 */
export async function pipInstall(requirements: string, target: string): Promise<void> {
  await ensurePip();
  const options = [
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
  ];
  await execa("python3", [
    ...["-m", "pip", "install", ...options, "--target", target],
    ...["--requirement", requirements],
  ]);
}

async function ensurePip(): Promise<void> {
  const has = async () => !(await execa("python3", ["-m", "pip", "--version"], { reject: false })).failed;
  if (await has()) return;
  if (process.getuid?.() === 0) {
    const apt = (...args: string[]) =>
      execa("apt-get", args, { env: { DEBIAN_FRONTEND: "noninteractive" }, reject: false });
    await apt("update", "-qq");
    await apt("install", "-y", "-qq", "--no-install-recommends", "python3-pip");
  }
  if (!(await has()))
    throw new Error(
      "This comes with pip. Install Python 3 with pip (on Debian: apt-get install python3-pip).",
    );
}
