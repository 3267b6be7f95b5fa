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
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

export function startEngineProcess(
  given: Readonly<{ stateDir: string; remote: string; yaml?: string }> & Readonly<Record<string, unknown>>,
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
    wakeTimeout: 10_000,
    tryPath: "/",
    ...given,
  };
  const program = join(import.meta.dirname, "..", "fixtures", "engine.ts");
  const child = spawn(process.execPath, ["--conditions=perch-source", program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
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
    kill: () => kill(child),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
