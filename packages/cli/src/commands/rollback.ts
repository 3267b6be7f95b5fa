import { PerchError, previousTag } from "@perch/core";
import { Command } from "commander";
import { configOption, jsonOption } from "../options.ts";
import { findProject, readConfig } from "../project.ts";
import { type MoveFlags, moveStable } from "../promotion/move.ts";
import { openOverlay } from "../promotion/overlay-file.ts";

interface Flags extends MoveFlags {
  readonly config?: string;
}

export function rollbackCommand(): Command {
  return new Command("rollback")
    .argument("<service>", "service of perch.yaml")
    .option("--dry-run", "show what would change, and write nothing")
    .option("-y, --yes", "do not ask")
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
It needs the history: a shallow clone has none. To go further back, \`perch promote <service> --to <tag>\`.

Example:
  perch rollback api --dry-run`,
    )
    .action(run);
}

async function run(service: string, flags: Flags): Promise<void> {
  const project = await findProject(flags.config);
  const overlay = await openOverlay(project.folder, await readConfig(project), service);
  const before = previousTag(overlay.tag, await overlay.history());
  if (before === undefined) throw noneBefore(service, overlay.path);
  await moveStable(service, overlay, before, flags);
}

function noneBefore(service: string, path: string): PerchError {
  return new PerchError({
    code: "IMAGE_NOT_FOUND",
    message: `git knows no other tag of ${service} in ${path}.`,
    hint: "It was never promoted, or this is a shallow clone: `git fetch --unshallow`. `perch promote --to <tag>` needs no history.",
    fault: "user",
  });
}
