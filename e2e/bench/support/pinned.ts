import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** What is measured has one core of its own; what loads it, and its back end, share the next. */
export const CORES = { measured: 0, others: 1 } as const;

/** A process that runs on one core. */
export interface Pinned {
  readonly pid: number;
  /** Seconds of CPU that it and its threads have used. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a command on a core and waits until its port takes connections. */
export async function startPinned(
  command: readonly string[],
  { core, port, env = {} }: { core: number; port: number; env?: Readonly<Record<string, string>> },
): Promise<Pinned> {
  // taskset replaces itself by the command: the process id stays.
  const child = execa("taskset", ["--cpu-list", String(core), ...command], {
    env,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command[0]} did not start.`);
  const ended = child.then(({ all }) => Promise.reject(new Error(`${command[0]} ended: ${all}`)));
  ended.catch(() => undefined);
  await Promise.race([listening(port), ended]);
  return {
    pid,
    cpu: () => cpuOf(pid),
    stop: async () => {
      child.kill("SIGTERM", undefined);
      const killer = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await child;
      clearTimeout(killer);
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`Nothing listens on port ${port} after 10 seconds.`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** From `/proc/<pid>/task/<thread>/schedstat`, whose first number is nanoseconds. A thread that ends takes its time with it: none here do. */
async function cpuOf(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`;
  const threads = await readdir(tasks);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const stat = await readFile(join(tasks, thread, "schedstat"), "utf8").catch(() => "0");
      return Number(stat.split(" ")[0]) / 1e9;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}
