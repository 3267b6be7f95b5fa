import { allCommands, type CommandModel, type Values } from "./model.ts";

/** A completion script for bash 3.2 and later. */
export function bashScript(program: CommandModel): string {
  const commands = allCommands(program);
  const [name = ""] = program.words;
  return `# Completion of ${name} for bash: source <(${name} completion bash)

_${name}() {
  local at=${name} cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" i
  COMPREPLY=()
  # bash makes --flag=value three words.
  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
${commands.flatMap(({ commands: below }) => below.map(({ words }) => `      "${words.join(" ")}") at="${words.join(" ")}" ;;`)).join("\n")}
    esac
  done
  case "$at:$prev" in
${commands.flatMap(optionCases).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${commands.map(({ words, options }) => `      "${words.join(" ")}") COMPREPLY=($(compgen -W "${options.flatMap(({ flags }) => flags).join(" ")}" -- "$cur")) ;;`).join("\n")}
    esac
    return
  fi
  case "$at" in
${commands.flatMap(wordCases).join("\n")}
  esac
}
complete -F _${name} ${name}
`;
}

/** A name may have spaces; bash 3.2 has no compopt, and shows folders without a slash. */
const FILES = `local IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))`;

function optionCases({ words, options }: CommandModel): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const patterns = flags.map((flag) => `"${words.join(" ")}:${flag}"`).join("|");
    return [`    ${patterns}) ${[replies(value), "return"].filter((one) => one !== "").join("; ")} ;;`];
  });
}

function wordCases({ words, commands, values }: CommandModel): string[] {
  const own: Values =
    commands.length === 0 ? values : { kind: "one-of", words: commands.map((one) => one.words.at(-1) ?? "") };
  const reply = replies(own);
  return reply === "" ? [] : [`    "${words.join(" ")}") ${reply} ;;`];
}

function replies(values: Values): string {
  if (values.kind === "free") return "";
  if (values.kind === "files") return FILES;
  // Names of services are letters, digits and hyphens: nothing that a shell would expand.
  const words =
    values.kind === "one-of"
      ? values.words.join(" ")
      : `$("\${COMP_WORDS[0]}" completion --services 2>/dev/null)`;
  return `COMPREPLY=($(compgen -W "${words}" -- "$cur"))`;
}
