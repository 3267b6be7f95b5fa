import { Command } from "commander";
import { addPlaces, type PlaceFlags, placesOf } from "../ci/places.ts";
import { readResidue, residueLines } from "../ci/sweep.ts";
import { EXIT } from "../output/error.ts";
import { findProject, readConfig } from "../project.ts";

export function residueCommand(): Command {
  return addPlaces(new Command("residue"))
    .description("What is left of canaries that nobody wants any more; exit code 1 if there is any.")
    .addHelpText(
      "after",
      `
Examples:
  perch residue --cluster
  perch residue --cluster --context dev --json
  perch residue --github          # with GITHUB_TOKEN`,
    )
    .action(run);
}

async function run(flags: PlaceFlags): Promise<void> {
  const found = await readResidue(placesOf(flags), async () => readConfig(await findProject(flags.config)));
  const residue = [...found.github, ...found.cluster];
  const lines = residue.length === 0 ? ["Nothing is left."] : residueLines(found);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ residue }, undefined, 2)}\n` : `${lines.join("\n")}\n`,
  );
  if (residue.length > 0) process.exitCode = EXIT.failed;
}
