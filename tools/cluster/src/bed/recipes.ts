import { join } from "node:path";
import { execa } from "execa";
import { type Layout, recipeEnvironment } from "./layout.ts";

/** Folder of the shell recipes. */
export const SHELL = join(import.meta.dirname, "..", "..", "shell");

/** Folder of the objects that the bed applies. */
export const MANIFESTS = join(import.meta.dirname, "..", "..", "manifests");

/** Runs a shell recipe for a bed; an error shows the command and what it printed. */
export async function recipe(layout: Layout, name: "pki" | "network" | "clean"): Promise<void> {
  await execa("bash", [join(SHELL, `${name}.sh`)], { env: recipeEnvironment(layout), stdin: "ignore" });
}
