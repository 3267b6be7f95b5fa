import { execFile } from "node:child_process";
import { access, constants, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** What the operating system holds a pull request's processes to. */
export interface Sandbox {
  /** Whether they can write to nothing but their own folder. */
  readonly holdsWrites: boolean;
  /** What to run, in place of a shell command, so that it is held. @param folder the only one that it may write to. */
  command(command: string, folder: string): SandboxedCommand;
}

export interface SandboxedCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Limits that every system has (`ulimit`): no core dumps, files of 16 GiB at most, 16,384 open files, and 4,096 processes of
 * this user. One that the system refuses, because a lower one holds already, is left as it is. The numbers stop
 * accidents and fork bombs; they are no quota.
 */
const LIMITS = [
  "ulimit -c 0",
  "ulimit -f 33554432",
  "ulimit -n 16384",
  "{ ulimit -u 4096 || ulimit -p 4096; }",
]
  .map((limit) => `${limit} 2>/dev/null`)
  .join("; ");

/** `$1` is the folder and `$2` the command; every step replaces the one before, so that the process stays the same. */
const LIMITED = `${LIMITS}; exec /bin/sh -c "$2"`;

/** Programs that hold a process, by their absolute paths: a pull request may have programs of these names on its PATH. */
interface Tools {
  readonly unshare: string;
  readonly mount: string;
  readonly setpriv: string;
  readonly perl: string;
}

/**
 * Makes every mount read-only but for the folder, in one call: mount_setattr(2), number 442 on every architecture, with
 * AT_RECURSIVE and MOUNT_ATTR_RDONLY. No program calls it before util-linux 2.39; perl can.
 */
const READ_ONLY = `
sub change { my ($path, $flags, $set, $clear) = @_; syscall(442, -100, $path, $flags, pack("Q4", $set, $clear, 0, 0), 32) == 0 }
change("/", 0x8000, 1, 0) && change($ARGV[0], 0, 0, 1) || exit 126;
change($_, 0, 0, 1) for "/proc", "/dev/shm";`;

/**
 * In a mount namespace of its own (mount_namespaces(7)): its folder stays as it is, all else is made read-only, and then the
 * right to undo that is given up. Shared memory is its own. What cannot be made read-only ends it.
 */
function setUp({ mount, perl }: Tools): string {
  return [
    `${mount} --bind "$1" "$1" || exit 126`,
    `${mount} -t tmpfs -o nosuid,nodev tmpfs /dev/shm 2>/dev/null`,
    `${perl} -e ${quote(READ_ONLY)} "$1" || exit 126`,
    // The folder as it was before is read-only too.
    `cd "$(pwd -P)" || exit 126`,
  ].join("\n");
}

/** Without root a user namespace gives the right to mount; a second one inside gives the user its own number back. */
function namespaces(
  tools: Tools,
  uid: number,
  gid: number,
): { readonly args: string[]; readonly last: string } {
  const noRights = `${tools.setpriv} --bounding-set=-all --inh-caps=-all --no-new-privs`;
  if (uid === 0) return { args: ["--mount", "--propagation", "private"], last: `exec ${noRights}` };
  return {
    args: ["--user", "--map-root-user", "--mount", "--propagation", "private"],
    last: `exec ${tools.unshare} --user --map-user=${uid} --map-group=${gid} ${noRights}`,
  };
}

const PLAIN: Sandbox = {
  holdsWrites: false,
  command: (command, folder) => ({ program: "/bin/sh", args: ["-c", LIMITED, "sh", folder, command] }),
};

/** Limits alone: for what is trusted, and where the system has nothing more. */
export function limitsOnly(): Sandbox {
  return PLAIN;
}

/** The strongest that this machine has: tried once, by a process that must not be able to write outside its folder. */
export async function findSandbox(): Promise<Sandbox> {
  const { getuid, getgid } = process;
  const tools = await findTools();
  if (tools === undefined || getuid === undefined || getgid === undefined) return PLAIN;
  const { args, last } = namespaces(tools, getuid(), getgid());
  const script = `${setUp(tools)}\n${last} /bin/sh -c ${quote(LIMITED)} sh "$1" "$2"`;
  const sandbox: Sandbox = {
    holdsWrites: true,
    command: (command, folder) => ({
      program: tools.unshare,
      args: [...args, "/bin/sh", "-c", script, "sh", folder, command],
    }),
  };
  return (await holds(sandbox)) ? sandbox : PLAIN;
}

async function findTools(): Promise<Tools | undefined> {
  if (process.platform !== "linux") return undefined;
  const [unshare, mount, setpriv, perl] = await Promise.all(
    ["unshare", "mount", "setpriv", "perl"].map(which),
  );
  if (unshare === undefined || mount === undefined || setpriv === undefined || perl === undefined)
    return undefined;
  return { unshare, mount, setpriv, perl };
}

/** Only where the system itself keeps its programs. */
async function which(name: string): Promise<string | undefined> {
  for (const folder of ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin"]) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function holds(sandbox: Sandbox): Promise<boolean> {
  const outside = await realpath(await mkdtemp(join(tmpdir(), "perch-outside-")));
  const inside = await realpath(await mkdtemp(join(tmpdir(), "perch-inside-")));
  try {
    const probe = `touch ${inside}/a || exit 1; touch ${outside}/b 2>/dev/null && exit 2; exit 0`;
    const { program, args } = sandbox.command(probe, inside);
    await promisify(execFile)(program, [...args], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  } finally {
    await rm(outside, { recursive: true, force: true });
    await rm(inside, { recursive: true, force: true });
  }
}
