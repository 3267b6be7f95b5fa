import { realpath } from "node:fs/promises";
import { userInfo } from "node:os";
import { longestStop, systemdUnit, type UnitScope } from "@perch/core";
import type { Command } from "commander";
import type { UpFlags } from "../commands/up.ts";
import { type Project, readConfig } from "../project.ts";

/**
 * The systemd unit that does what this command line would do.
 * @throws PerchError CONFIG_INVALID, USAGE
 */
export async function serviceUnit(command: Command, project: Project, scope: UnitScope): Promise<string> {
  const config = await readConfig(project);
  const { drain, edgePort, statusPort, webhookPort = 0, redirectPort = 0 } = command.opts<UpFlags>();
  const [script = ""] = process.argv.slice(1);
  return systemdUnit({
    scope,
    project: config.project,
    command: [process.execPath, await realpath(script), "up", ...ownArguments(command)],
    // What is relative in the arguments is meant from here.
    workingDirectory: process.cwd(),
    path: process.env.PATH ?? "",
    user: userInfo().uid === 0 ? "perch" : userInfo().username,
    hasLowPort: [edgePort, statusPort, webhookPort, redirectPort].some((port) => port > 0 && port < 1024),
    stopTimeout: longestStop(config, drain),
  });
}

/** All that was said to this command but `--systemd`; variables of this shell, which the unit does not have, as flags. */
function ownArguments(command: Command): string[] {
  const given = process.argv.slice(process.argv.indexOf("up") + 1);
  const index = given.findIndex((arg) => /^--systemd(?:=|$)/.test(arg));
  const hasValue = given[index] === "--systemd" && /^(?:system|user)$/.test(given[index + 1] ?? "");
  const rest = given.toSpliced(index, hasValue ? 2 : 1);
  const fromEnv = command.options.flatMap((option) => {
    const value = option.envVar === undefined ? undefined : process.env[option.envVar];
    const isFromEnv = command.getOptionValueSource(option.attributeName()) === "env";
    return isFromEnv && value && option.long ? [option.long, value] : [];
  });
  return [...rest, ...fromEnv];
}
