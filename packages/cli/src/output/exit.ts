import type { CommanderError } from "commander";

/** Exit codes, a public contract: scripts rely on them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notRunning: 3, superseded: 4, inconclusive: 5 } as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  it failed, or (perch status) something wanted does not serve, or (perch doctor) something is missing
  2  wrong usage, or a perch.yaml that is missing or not valid
  3  no engine runs on the state folder
  4  (perch ci) the pull request has moved on, so that nothing was changed
  5  (perch verdict) it cannot be told yet, mostly for too few requests

Documentation: docs/; every key of perch.yaml is in docs/config.md.`;

/** The exit code of a command line that was not understood, or that only asked for help: commander has said all about it. */
export function exitOfCommandLine(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
