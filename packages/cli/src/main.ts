import { reportError } from "./output/error.ts";
import { watchReader } from "./output/reader.ts";
import { createProgram } from "./program.ts";

watchReader();

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportError(error);
}
