import { join } from "node:path";
import { execa } from "execa";
import type { TestCluster } from "./cluster/index.ts";

const PERCH = join(import.meta.dirname, "..", "..", "..", "packages", "cli", "bin", "perch.js");

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `perch` as a user does who has kubectl and this cluster. */
export async function perch(
  { tools, kubeconfig }: Pick<TestCluster, "tools" | "kubeconfig">,
  ...args: readonly string[]
): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PERCH, ...args, "--kubeconfig", kubeconfig],
    { reject: false, env: { PATH: [tools, process.env.PATH].filter(Boolean).join(":") } },
  );
  return { code: exitCode ?? -1, stdout, stderr };
}
