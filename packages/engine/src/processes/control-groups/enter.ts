import type { SandboxedCommand } from "../sandbox.ts";

/** `$1` is the number of files that follow, and what is run comes after them; the process stays the same. */
const ENTER = `n=$1; shift
while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 126; shift; n=$((n - 1)); done
exec "$@"`;

/** Runs a program in control groups, by the files in which a process writes its number to enter them. */
export function enter({ program, args }: SandboxedCommand, files: readonly string[]): SandboxedCommand {
  if (files.length === 0) return { program, args };
  return { program: "/bin/sh", args: ["-c", ENTER, "sh", String(files.length), ...files, program, ...args] };
}
