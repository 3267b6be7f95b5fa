import { allCommands, type CommandModel, type Values } from "./model.ts";

/** A completion script for zsh, to be sourced, or put in a folder of fpath as `_perch`. */
export function zshScript(program: CommandModel): string {
  const commands = allCommands(program);
  const [name = ""] = program.words;
  return `#compdef ${name}
# Completion of ${name} for zsh: source <(${name} completion zsh)

_${name}() {
  local at=${name} current=\${words[CURRENT]} previous=\${words[CURRENT-1]}
  local -i i
  local -a entries
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    current=""
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
${commands.flatMap(({ commands: below }) => below.map(({ words }) => `      ${key(words)}) at=${key(words)} ;;`)).join("\n")}
    esac
  done
  case "$at:$previous" in
${commands.flatMap(optionCases).join("\n")}
  esac
  if [[ $current == -* ]]; then
    case "$at" in
${commands.map(({ words, options }) => `      ${key(words)}) entries=(${options.flatMap(({ flags, description }) => flags.map((flag) => entry(flag, description))).join(" ")}) ;;`).join("\n")}
    esac
    _describe -o option entries
    return
  fi
  case "$at" in
${commands.flatMap(wordCases).join("\n")}
  esac
}

if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

/** Between single quotes everything is as it is; a quote itself is outside of them. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const key = (words: readonly string[]) => quoted(words.join(" "));

/** A colon ends the word that is described. */
const entry = (word: string, description: string) =>
  quoted(`${word.replaceAll(":", "\\:")}:${description.replaceAll(":", "\\:")}`);

function optionCases({ words, options }: CommandModel): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const patterns = flags.map((flag) => quoted(`${words.join(" ")}:${flag}`)).join("|");
    return [`    ${patterns}) ${[added(value), "return"].filter((one) => one !== "").join("; ")} ;;`];
  });
}

function wordCases({ words, commands, values }: CommandModel): string[] {
  if (commands.length > 0) {
    const entries = commands.map((one) => entry(one.words.at(-1) ?? "", one.description)).join(" ");
    return [`    ${key(words)}) entries=(${entries}); _describe command entries ;;`];
  }
  const reply = added(values);
  return reply === "" ? [] : [`    ${key(words)}) ${reply} ;;`];
}

function added(values: Values): string {
  if (values.kind === "free") return "";
  if (values.kind === "files") return "_files";
  const words =
    values.kind === "one-of"
      ? values.words.map(quoted).join(" ")
      : `\${(f)"$(\${words[1]} completion --services 2>/dev/null)"}`;
  return `compadd -- ${words}`;
}
