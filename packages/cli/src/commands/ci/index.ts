import { Command } from "commander";
import { budgetCommand } from "./budget.ts";
import { changedCommand } from "./changed.ts";
import { closeCommand } from "./close.ts";
import { commentCommand } from "./comment.ts";
import { deploymentCommand } from "./deployment.ts";
import { forkCommand } from "./fork.ts";
import { imagesCommand } from "./images.ts";
import { labelsCommand } from "./labels.ts";
import { refreshCommand } from "./refresh.ts";
import { retagCommand } from "./retag.ts";
import { revokeCommand } from "./revoke.ts";
import { sweepCommand } from "./sweep.ts";
import { tagCommand } from "./tag.ts";

/** What workflows call; one file a verb. */
export function ciCommand(): Command {
  const ci = new Command("ci");
  const verbs = [
    tagCommand(),
    changedCommand(),
    labelsCommand(),
    deploymentCommand(),
    commentCommand(),
    refreshCommand(),
    forkCommand(),
    revokeCommand(),
    closeCommand(),
    retagCommand(),
    imagesCommand(),
    budgetCommand(),
    sweepCommand(),
  ];
  for (const verb of verbs) ci.addCommand(verb);
  return ci;
}
