import { appendFile } from "node:fs/promises";

/** What a command found or did. Values that are not text, number or truth become JSON in GITHUB_OUTPUT. */
export type Outputs = Readonly<Record<string, unknown>>;

/**
 * Prints what a command did, for people or with `--json` for scripts, and gives it to later steps of the workflow.
 * @param text for people, with its line ends
 */
export async function writeOutputs(
  outputs: Outputs,
  { json, text }: { readonly json: boolean | undefined; readonly text: string },
): Promise<void> {
  process.stdout.write(json === true ? `${JSON.stringify(outputs, undefined, 2)}\n` : text);
  const file = process.env.GITHUB_OUTPUT;
  if (file === undefined || file === "") return;
  // One line each: JSON.stringify leaves no line end inside, and scalars here are numbers, hex digits and names.
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${scalar(value)}\n`);
  await appendFile(file, lines.join(""));
}

function scalar(value: unknown): string {
  return typeof value === "string" ? value.replaceAll(/[\r\n]/g, " ") : JSON.stringify(value ?? null);
}
