/** Words as one shell command; what a shell would take as its own is quoted. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

const WILDCARD = String.raw`(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\])`;
const ADDRESS = new RegExp(String.raw`(?<=^|[\s=])${WILDCARD}?:(\d{2,5})(?=$|\s)`, "g");
const HOST_ONLY = new RegExp(String.raw`(?<=^|[\s=])${WILDCARD}(?=$|\s)`, "g");
const PORT_OPTION = /(?<=(?:^|\s)(?:-p|--?[a-z-]*port)[\s=])\d{2,5}(?=$|\s)/g;
/** A default that an image has for itself; perch always gives PORT. */
const IN_PLACE = /\$\{PORT:?-\d+\}/g;

/** A command that listens where perch says: a fixed address or port in its arguments becomes `$HOST` and `$PORT`. */
export function listeningCommand(command: string): string {
  return command
    .replace(ADDRESS, "$HOST:$PORT")
    .replace(HOST_ONLY, "$HOST")
    .replace(PORT_OPTION, "$PORT")
    .replace(IN_PLACE, "$PORT");
}

/** A command with more variables, which are computed from others by the shell. */
export function exporting(variables: ReadonlyMap<string, string>, command: string): string {
  const exports = [...variables].map(([name, value]) => `export ${name}="${value}"`);
  return [...exports, command].join(" && ");
}
