/** Words of a shell's own, and its built-in commands. */
const OF_THE_SHELL = new Set(
  "export cd set unset echo printf true false test [ exit return read eval trap ulimit umask wait kill : . source if then else elif fi for while until do done case esac { } ! local shift".split(
    " ",
  ),
);
/** Commands that run the command after them. */
const PREFIXES = new Set(["exec", "command", "env", "nice", "nohup", "time"]);
/** What is quoted is an argument, whatever a shell would make of its signs outside. */
const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'/gs;

/**
 * The programs that a shell command begins with, as far as its text tells: not what a variable, a quote or a substitution
 * stands for.
 */
export function programsOf(command: string): string[] {
  const plain = command.replace(QUOTED, '""');
  const found = plain.split(/&&|\|\||[;|&\n()]/).flatMap((part) => firstProgram(part) ?? []);
  return [...new Set(found)];
}

function firstProgram(part: string): string | undefined {
  const words = part.trim().split(/\s+/);
  const program = words.find((word) => !/^\w+=/.test(word) && !PREFIXES.has(word));
  if (program === undefined || OF_THE_SHELL.has(program)) return undefined;
  // A path in the worktree is often what a build makes.
  return /^(?:\/[\w./+-]+|[\w.+-]+)$/.test(program) ? program : undefined;
}
