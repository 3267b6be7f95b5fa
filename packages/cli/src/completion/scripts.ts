import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import type { CommandModel } from "./model.ts";
import { zshScript } from "./zsh.ts";

/** A script for each shell that is known. */
export const scripts: Readonly<Record<"bash" | "zsh" | "fish", (program: CommandModel) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
