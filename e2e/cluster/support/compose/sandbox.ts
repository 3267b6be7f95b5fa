import { mkdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** A network, a process table and mounts of their own: nothing in them outlives `close`, and their ports are nobody else's. */
export interface Sandbox {
  /** Runs a command in it; `outside` shares this machine's network, for what has to download. Throws an ExecaError with the output. */
  run(command: readonly string[], options?: RunOptions): Promise<string>;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly outside?: boolean;
  /** Default: the root folder. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What container runtimes keep for a whole machine, such as who has which address. */
const RUNTIME_STATE = ["/run/containers", "/run/libpod", "/run/netns"];

const SEPARATE = ["--net", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child"];

/** Needs root on Linux, and catatonit(1), which collects what ends as the first process of a system does. */
export async function openSandbox(): Promise<Sandbox> {
  const keeper = execa("unshare", [...SEPARATE, "catatonit", "--", "sleep", "infinity"], { reject: false });
  const first = await firstProcess(keeper.pid ?? 0);
  const enter = ["--target", String(first), "--pid", "--mount"];
  const run = async (
    command: readonly string[],
    { outside = false, cwd = "/", env = {} }: RunOptions = {},
  ) => {
    const network = outside ? [] : ["--net"];
    const into = [...enter, ...network, `--wd=${cwd}`, "--", ...command];
    // A container that goes on keeps what it is given open: its output must not be waited for.
    return (await execa("nsenter", into, { env, stdin: "ignore" })).stdout;
  };
  await run(["ip", "link", "set", "lo", "up"]);
  for (const folder of RUNTIME_STATE) {
    await mkdir(folder, { recursive: true });
    await run(["mount", "-t", "tmpfs", "tmpfs", folder]);
  }
  const close = async () => {
    keeper.kill("SIGKILL");
    await keeper;
  };
  return { run, close };
}

/** The child of unshare(1), which is number 1 inside. */
async function firstProcess(parent: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, "utf8").catch(() => "");
    const name = await readFile(`/proc/${children.trim()}/comm`, "utf8").catch(() => "");
    if (name.trim() === "catatonit") return Number(children);
    await sleep(25);
  }
  throw new Error("unshare(1) has started nothing: this needs root on Linux.");
}
