type Run = (args: readonly string[]) => Promise<string>;

/** Whatever the user's own settings say of how it prints. */
const GREP = [
  "grep",
  "-I",
  "--null",
  "--no-color",
  "--no-line-number",
  "--no-column",
  "--no-recurse-submodules",
  "--full-name",
  "-e",
  "",
];

/** git grep finds nothing: exit code 1. */
const NOTHING = 1;

/** The text of each file of a name in a commit, by path: every line of them in one command, whatever their number. */
export async function textsOf(run: Run, commit: string, name: string): Promise<Map<string, string>> {
  const output = await run([...GREP, commit, "--", `:(glob)**/${name}`]).catch((error: unknown) => {
    if ((error as { exitCode?: number }).exitCode === NOTHING) return "";
    throw error;
  });
  const found = new Map<string, string[]>();
  for (const line of output.split("\n")) {
    // `<commit>:<path>`, a zero byte, the line
    const end = line.indexOf("\0");
    if (end === -1 || !line.startsWith(`${commit}:`)) continue;
    const path = line.slice(commit.length + 1, end);
    const lines = found.get(path) ?? [];
    found.set(path, lines);
    lines.push(line.slice(end + 1));
  }
  return new Map([...found].map(([path, lines]) => [path, lines.join("\n")]));
}
