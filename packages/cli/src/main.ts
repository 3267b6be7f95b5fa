import { CommanderError } from "commander";
import { exitOfCommandLine } from "./output/exit.ts";
import { watchReader } from "./output/reader.ts";
import { createProgram } from "./program.ts";

watchReader();

try {
  const program = await createProgram(process.argv.slice(2));
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = await exitCodeOf(error);
}

async function exitCodeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return exitOfCommandLine(error);
  const { reportError } = await import("./output/error.ts");
  return reportError(error);
}
