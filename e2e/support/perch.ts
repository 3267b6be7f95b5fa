import { join } from "node:path";
import { execa } from "execa";

export const ROOT = join(import.meta.dirname, "..", "..");
const PERCH = join(ROOT, "packages", "cli", "bin", "perch.js");

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the perch command as a user does, and returns what it printed. */
export async function perch(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [PERCH, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { NO_COLOR: "1", ...options.env },
    reject: false,
    stdin: "ignore",
    timeout: 240_000,
  });
  return { code: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
}
