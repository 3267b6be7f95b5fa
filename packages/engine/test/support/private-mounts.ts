import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const FIXTURE = join(import.meta.dirname, "..", "fixtures", "holds-processes.ts");

/** The exit code of what could not make its mounts. */
const NO_MOUNTS = 77;

/**
 * What systemd mounts (systemd.exec(5)) for ProtectSystem=full, ProtectKernelModules and PrivateDevices, in this order.
 * `$1` is an empty folder.
 */
export const AS_IN_THE_UNIT = `
for folder in /usr /boot /etc; do
  if [ -d "$folder" ]; then
    mount --rbind "$folder" "$folder"
    mount -o remount,bind,ro "$folder"
  fi
done
if [ -d /usr/lib/modules ]; then
  mkdir -m 0 "$1/none"
  mount --bind "$1/none" /usr/lib/modules
fi
mkdir "$1/dev"
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$1/dev"
for name in null zero full random urandom tty; do
  : > "$1/dev/$name"
  mount --bind "/dev/$name" "$1/dev/$name"
done
for name in pts shm; do
  mkdir "$1/dev/$name"
  mount --rbind "/dev/$name" "$1/dev/$name"
done
ln -s pts/ptmx "$1/dev/ptmx"
ln -s /proc/self/fd "$1/dev/fd"
mount -o remount,bind,ro,nosuid,noexec "$1/dev"
mount --rbind "$1/dev" /dev
`;

/** Beside these mounts, all of which must succeed, it becomes the program that comes after `$1`. */
const beside = (mounts: string) =>
  `trap "exit ${NO_MOUNTS}" EXIT; set -e\n${mounts}\ntrap - EXIT; shift; exec "$@"`;

/**
 * Whether the sandbox of somebody who is not root has a PID namespace, in a mount namespace of its own with these mounts.
 * @param mounts a shell script
 * @returns a text: why it cannot be tried here
 */
export async function holdsProcessesBeside(mounts: string): Promise<boolean | string> {
  const { getuid, getgid } = process;
  if (getuid === undefined || getgid === undefined) return "this system has no users by number";
  const folder = await mkdtemp(join(tmpdir(), "perch-mounts-"));
  await chmod(folder, 0o777);
  const isRoot = getuid() === 0;
  const own = [...(isRoot ? [] : ["--user", "--map-root-user"]), "--mount", "--propagation", "private"];
  const back = isRoot ? [] : ["unshare", "--user", `--map-user=${getuid()}`, `--map-group=${getgid()}`];
  const node = [process.execPath, "--conditions=perch-source", FIXTURE, folder];
  try {
    const args = [...own, "/bin/sh", "-c", beside(mounts), "sh", folder, ...back, ...node];
    const { stdout } = await promisify(execFile)("unshare", args);
    return stdout === "true";
  } catch (error) {
    const { code, stderr = "" } = error as { code: unknown; stderr?: string };
    if (code === "ENOENT") return "there is no unshare";
    if (code === NO_MOUNTS || stderr.startsWith("unshare: "))
      return `such mounts cannot be made here: ${stderr.trim()}`;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
