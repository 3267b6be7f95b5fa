import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Status } from "@perch/core";
import { WEB_CONFIG } from "./engine.ts";

/** An engine in a process of its own. */
export interface EngineProcess {
  readonly pid: number;
  /** What it said when it listened. */
  readonly listening: Promise<Status>;
  /** What it said when nothing was on its way any more. */
  readonly settled: Promise<Status>;
  /** Ends it, and waits until all that it started has ended. */
  end(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** What the machine gives an engine. */
interface Limits {
  /** Size of a file system of its own for the state folder, as in `mount -o size=`; Linux only. */
  readonly disk?: string;
  /** Files that it may have open. */
  readonly files?: number;
}

/** The engine's command in place of `$@`, which stays the same process. */
function limited({ disk, files }: Limits, stateDir: string): { program: string; args: string[] } {
  const open = files === undefined ? "" : `ulimit -n ${files}; `;
  if (disk === undefined) return { program: "/bin/sh", args: ["-c", `${open}exec "$@"`, "sh"] };
  const mount = `mount -t tmpfs -o size=${disk} tmpfs "${stateDir}" || exit 9; `;
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  return {
    program: "unshare",
    args: [...user, "--mount", "/bin/sh", "-c", `${mount}${open}exec "$@"`, "sh"],
  };
}

export function startEngineProcess(
  given: Readonly<{ stateDir: string; remote: string; yaml?: string }> & Readonly<Record<string, unknown>>,
  limits: Limits = {},
): EngineProcess {
  const options = {
    yaml: WEB_CONFIG,
    version: "0.0.0-test",
    checkout: given.stateDir,
    stable: "remote",
    hosts: ["127.0.0.1"],
    edgePort: 0,
    statusPort: 0,
    interval: 100,
    drainTimeout: 3_000,
    wakeTimeout: 60_000,
    tryPath: "/",
    ...given,
  };
  const program = join(import.meta.dirname, "..", "fixtures", "engine.ts");
  const command = [process.execPath, "--conditions=perch-source", program, JSON.stringify(options)];
  const outer = limited(limits, given.stateDir);
  const child = spawn(outer.program, [...outer.args, ...command], { stdio: ["ignore", "pipe", "inherit"] });
  const said = { listening: Promise.withResolvers<Status>(), settled: Promise.withResolvers<Status>() };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [word = "", json = ""] = line.split(/ (.*)/s);
    if (word === "listening" || word === "settled") said[word].resolve(JSON.parse(json) as Status);
  });
  child.once("exit", () => {
    // Too late to matter for what was said already; a test that still waits for it fails.
    for (const { promise, reject } of Object.values(said)) {
      promise.catch(() => undefined);
      reject(new Error("The engine ended before it said so."));
    }
  });
  return {
    pid: child.pid ?? 0,
    listening: said.listening.promise,
    settled: said.settled.promise,
    end: () => kill(child, "SIGTERM"),
    kill: () => kill(child, "SIGKILL"),
  };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
