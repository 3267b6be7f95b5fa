import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { RemoteFact } from "@perch/core";

const execute = promisify(execFile);
/** Milliseconds that a remote may take. */
const TIMEOUT = 10_000;

/** `undefined`: git is not on PATH. */
export async function gitVersion(): Promise<string | undefined> {
  const result = await execute("git", ["--version"]).catch(() => undefined);
  return result?.stdout.replace(/^git version /, "").trim();
}

/** Asks a remote for its head, which only reads. It asks nobody for a password. */
export async function remoteFact(
  repo: string,
  remote: string | undefined,
  folder: string,
): Promise<RemoteFact> {
  if (remote === undefined) return { repo, remote, problem: undefined };
  const env = {
    ...process.env,
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    GIT_SSH_COMMAND: process.env.GIT_SSH_COMMAND ?? "ssh -o BatchMode=yes",
    LC_ALL: "C",
  };
  const problem = await execute("git", ["ls-remote", "--quiet", "--", remote, "HEAD"], {
    cwd: folder,
    env,
    timeout: TIMEOUT,
  }).then(
    () => undefined,
    (error: unknown) => withoutCredentials(messageOf(error)),
  );
  return { repo, remote: withoutCredentials(remote), problem };
}

function messageOf(error: unknown): string {
  const { killed, code, stderr, message } = error as Error & {
    killed?: boolean;
    code?: string | number;
    stderr?: string;
  };
  if (killed === true) return `no answer within ${TIMEOUT / 1000} s`;
  if (code === "ENOENT") return "git is not there to ask it";
  const lines = (stderr ?? "").split("\n");
  return lines.find((line) => /^(?:fatal|error):/.test(line)) ?? message;
}

/** `https://user:password@host/…` → `https://host/…`. */
export function withoutCredentials(text: string): string {
  return text.replace(/(?<=:\/\/)[^/@\s']*@/g, "");
}
