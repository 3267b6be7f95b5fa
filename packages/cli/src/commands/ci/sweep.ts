import { Command } from "commander";
import { writeOutputs } from "../../ci/output.ts";
import { addPlaces, type PlaceFlags, placesOf } from "../../ci/places.ts";
import { type Residue, readResidue, removeResidue, residueLines, residueList } from "../../ci/sweep.ts";
import { EXIT } from "../../output/error.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags extends PlaceFlags {
  readonly remove?: true;
}

export function sweepCommand(): Command {
  return addPlaces(new Command("sweep"))
    .description("What is left of closed pull requests, and canaries past canary.maxOpen or canary.ttl.")
    .option("--remove", "remove it; without, it is only shown, with exit code 1 if there is any")
    .addHelpText(
      "after",
      `
Examples:
  perch ci sweep --github
  perch ci sweep --github --cluster --remove      # in a scheduled workflow`,
    )
    .action(run);
}

const NOTHING: Residue = { github: [], cluster: [], images: [] };

async function run(flags: Flags): Promise<void> {
  const places = placesOf(flags);
  const config = async () => readConfig(await findProject(flags.config));
  const found = await readResidue(places, config);
  const isRemoving = flags.remove === true;
  const removed: Residue = isRemoving ? await removeResidue(places, found, config) : NOTHING;
  const residue = residueList(found);
  const gone = residueList(removed);
  const lines = residue.length === 0 ? ["Nothing is left."] : residueLines(found);
  if (isRemoving) lines.push(`${gone.length} of ${residue.length} removed.`);
  await writeOutputs({ residue, removed: gone }, { json: flags.json, text: `${lines.join("\n")}\n` });
  if (residue.length > 0 && !isRemoving) process.exitCode = EXIT.failed;
}
