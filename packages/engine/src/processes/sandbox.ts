import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access, constants, mkdir, readlink, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { sealed } from "./seal.ts";

/** What the operating system holds a pull request's processes to. */
export interface Sandbox {
  /** Whether they can write to no file and no device but their own folders. */
  readonly holdsWrites: boolean;
  /** Whether they see none but their own processes, can signal no others, and end with the first of them. */
  readonly holdsProcesses: boolean;
  /** What to run, in place of a shell command, so that it is held. @param writable the only folders that it may write to. */
  command(command: string, writable: readonly string[]): SandboxedCommand;
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

/** `$1` is the command; every step replaces the one before, so that the process stays the same. */
const LIMITED = `${LIMITS}; exec /bin/sh -c "$1"`;

/**
 * The first process of a PID namespace (pid_namespaces(7)): the kernel takes no signal without a handler to it, it has to reap
 * what others leave, and all else ends with it. A shell that waits for its command does just that. The group's SIGTERM goes to
 * the command itself; one that comes too early for it ends the shell.
 */
const FIRST = `${LIMITS}; trap "exit 143" TERM; /bin/sh -c "$1"; exit $?`;

/**
 * What starts the first process, and is what the engine sees: leader of the group, with a number of its own outside of the namespace. It
 * outlives SIGTERM until the namespace has ended, and ends as its command did. The first that it starts is the only one.
 */
const LEADER = `trap : TERM; "$@"; exit $?`;

/** Programs that hold a process, by their absolute paths: a pull request may have programs of these names on its PATH. */
interface Tools {
  readonly unshare: string;
  readonly setpriv: string;
  readonly perl: string;
}

const PLAIN: Sandbox = {
  holdsWrites: false,
  holdsProcesses: false,
  command: (command) => ({ program: "/bin/sh", args: ["-c", LIMITED, "sh", command] }),
};

/** Limits alone: for what is trusted, and where the system has nothing more. */
export function limitsOnly(): Sandbox {
  return PLAIN;
}

/**
 * The strongest that this machine has: each is tried once, by a process that must not be able to do what it holds.
 * @param folder where it may try. What is left there after a crash has the name of a file that was not written to its end, and
 * goes like one.
 * @param tries whether with a PID namespace; others only in tests.
 */
export async function findSandbox(
  folder: string = tmpdir(),
  tries: readonly boolean[] = [true, false],
): Promise<Sandbox> {
  const { getuid, getgid } = process;
  const tools = await findTools();
  if (tools === undefined || getuid === undefined || getgid === undefined) return PLAIN;
  for (const ownProcesses of tries) {
    const sandbox = sandboxOf(tools, getuid(), getgid(), ownProcesses);
    if (await holdsForSure(sandbox, folder)) return sandbox;
  }
  return PLAIN;
}

/** Without root a user namespace gives the right to mount; a second one inside gives the user its own number back. */
function sandboxOf(
  { unshare, setpriv, perl }: Tools,
  uid: number,
  gid: number,
  ownProcesses: boolean,
): Sandbox {
  const isRoot = uid === 0;
  const first = [...(isRoot ? [] : ["--user", "--map-root-user"]), "--mount", "--propagation", "private"];
  const second = isRoot ? [] : [unshare, "--user", `--map-user=${uid}`, `--map-group=${gid}`];
  const noRights = [setpriv, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
  const leader = ownProcesses ? ["--pid", "/bin/sh", "-c", LEADER, "sh"] : [];
  return {
    holdsWrites: true,
    holdsProcesses: ownProcesses,
    command: (command, writable) => {
      const last = ["/bin/sh", "-c", ownProcesses ? FIRST : LIMITED, "sh", command];
      const seal = sealed({ ownProcesses, isRoot, writable }, [...second, ...noRights, ...last]);
      return { program: unshare, args: [...first, ...leader, perl, ...seal] };
    },
  };
}

async function findTools(): Promise<Tools | undefined> {
  if (process.platform !== "linux") return undefined;
  const [unshare, setpriv, perl] = await Promise.all(["unshare", "setpriv", "perl"].map(which));
  return unshare === undefined || setpriv === undefined || perl === undefined
    ? undefined
    : { unshare, setpriv, perl };
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

/** Tries where a probe comes to no end: a machine that was busy, or had no process to spare, then must not run what is weaker for months. */
const TRIES = 3;
const PAUSE = 1_000;

/** What a shell ends with that cannot start a process, or whose command was killed: neither says anything of what holds. */
const NO_ANSWER: ReadonlySet<number> = new Set([2, 137]);

async function holdsForSure(sandbox: Sandbox, folder: string): Promise<boolean> {
  for (let tries = 1; tries < TRIES; tries += 1) {
    const answer = await holds(sandbox, folder);
    if (answer !== undefined) return answer;
    await sleep(PAUSE);
  }
  return (await holds(sandbox, folder)) ?? false;
}

/** `undefined`: its probe did not come to an end of its own. */
async function holds(sandbox: Sandbox, folder: string): Promise<boolean | undefined> {
  const place = join(await realpath(folder), `perch-sandbox.${randomUUID()}.partial`);
  const inside = join(place, "inside");
  for (const path of [inside, join(place, "outside")]) await mkdir(path, { recursive: true });
  try {
    const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
    const probe = [
      "touch a || exit 3; touch ../outside/b 2>/dev/null && exit 4",
      // It has a place in /proc only where that shows its own namespace.
      ...(sandbox.holdsProcesses
        ? [`own=$(readlink /proc/self/ns/pid) || exit 5; [ "$own" != "${namespace}" ] || exit 6`]
        : []),
      "exit 0",
    ].join("\n");
    const { program, args } = sandbox.command(probe, [inside]);
    await promisify(execFile)(program, [...args], { cwd: inside, timeout: 10_000 });
    return true;
  } catch (error) {
    // Anything but a number says that it could not be started, or was ended.
    const { code } = error as { code?: unknown };
    return typeof code === "number" && !NO_ANSWER.has(code) ? false : undefined;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
