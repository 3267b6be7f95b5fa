import { allCommands, type CommandModel, type OptionModel, type Values } from "./model.ts";

/** A completion script for fish. */
export function fishScript(program: CommandModel): string {
  const commands = allCommands(program);
  const [name = ""] = program.words;
  const deeper = commands.slice(1).map(({ words }) => quoted(words.join(" ")));
  return `# Completion of ${name} for fish: ${name} completion fish | source

function __${name}_at
  set -l at ${name}
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${deeper.join(" ")}
        set at "$at $word"
    end
  end
  test "$at" = "$argv"
end

complete -c ${name} -f
${commands.flatMap((command) => lines(name, command)).join("\n")}
`;
}

function lines(name: string, { words, options, commands, values }: CommandModel): string[] {
  const start = `complete -c ${name} -n ${quoted(`__${name}_at ${words.join(" ")}`)}`;
  const own = commands.length === 0 ? given(name, values) : "";
  return [
    ...commands.map((one) => `${start} -a ${one.words.at(-1)} -d ${quoted(one.description)}`),
    ...options.map((option) => `${start} ${optionWords(name, option)}`),
    ...(own === "" ? [] : [`${start}${own}`]),
  ];
}

function optionWords(name: string, { flags, description, value }: OptionModel): string {
  const named = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const takes = value === undefined ? "" : ` ${value.kind === "files" ? "-r -F" : "-x"}${given(name, value)}`;
  return `${named.join(" ")} -d ${quoted(description)}${takes}`;
}

function given(name: string, values: Values): string {
  if (values.kind === "one-of") return ` -a ${quoted(values.words.join(" "))}`;
  return values.kind === "services" ? ` -a ${quoted(`(${name} completion --services 2>/dev/null)`)}` : "";
}

/** Between single quotes a backslash makes a quote, or itself. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
