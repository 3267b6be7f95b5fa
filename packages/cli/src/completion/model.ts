import type { Argument, Command, Option } from "commander";

/** What a shell needs to know of a command. Generated from the program itself, so that it cannot drift. */
export interface CommandModel {
  /** Words that lead to it: `perch ci tag`. */
  readonly words: readonly string[];
  readonly description: string;
  readonly options: readonly OptionModel[];
  /** What its arguments may be. */
  readonly values: Values;
  readonly commands: readonly CommandModel[];
}

export interface OptionModel {
  /** `["-c", "--config"]`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** `undefined`: it takes no value. */
  readonly value: Values | undefined;
}

/** What may be written at a place. `free`: only the user knows. */
export type Values =
  | { readonly kind: "one-of"; readonly words: readonly string[] }
  | { readonly kind: "files" | "services" | "free" };

/** The command and all below it, as its help shows them. */
export function commandModel(command: Command, above: readonly string[] = []): CommandModel {
  const words = [...above, command.name()];
  const help = command.createHelp();
  return {
    words,
    description: firstSentence(help.subcommandDescription(command)),
    options: help.visibleOptions(command).map(optionModel),
    values: argumentValues(command.registeredArguments[0]),
    commands: visibleCommands(command).map((one) => commandModel(one, words)),
  };
}

function visibleCommands(command: Command): Command[] {
  // The command that commander adds itself says what --help says.
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => command.commands.includes(one));
}

/** The command and all below it, in one list. */
export function allCommands(command: CommandModel): CommandModel[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function optionModel(option: Option): OptionModel {
  const { short, long, flags, description, argChoices } = option;
  const [, placeholder = ""] = /[<[](.+)[>\]]$/.exec(flags) ?? [];
  return {
    flags: [short, long].filter((flag) => flag !== undefined && flag !== null),
    description: firstSentence(description),
    value: option.isBoolean() ? undefined : values(placeholder, argChoices),
  };
}

function argumentValues(argument: Argument | undefined): Values {
  return argument === undefined ? { kind: "free" } : values(argument.name(), argument.argChoices);
}

function values(name: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: "one-of", words: choices };
  if (name === "service") return { kind: "services" };
  return { kind: /file|folder|dir|remote/.test(name) ? "files" : "free" };
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s|\n/)[0]?.replace(/\.$/, "") ?? "";
}
