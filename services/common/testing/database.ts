import { fork } from "node:child_process";
import { once } from "node:events";
import type { Owner } from "./owner.ts";

/** A dynalite process, with all of its data in memory. */
export interface Database {
  readonly port: number;
  /** The AWS SDK's variables that lead to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops answering, with connections kept open, as a database that hangs. */
  freeze(): void;
  thaw(): void;
  /** Ends it; its data is gone. */
  stop(): Promise<void>;
}

/** Starts a database that ends with its owner; `port` 0 lets the system choose. */
export async function startDatabase(owner: Owner, port = 0): Promise<Database> {
  const child = fork(new URL("./dynalite.ts", import.meta.url), [String(port)], {
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const [chosen] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`dynalite exited with ${code}`))),
  ]);
  async function stop() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  owner.after(stop);
  return {
    port: Number(chosen),
    env: databaseEnv(Number(chosen)),
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    stop,
  };
}

/** The AWS SDK's variables for a database on that port of this machine. */
export function databaseEnv(port: number): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
}
