// What others wrote goes into a comment only through here: shown as it is, with no link, picture or mention of theirs.

/** Text as inline code, on one line; also safe in a cell of a table. */
export function code(text: string): string {
  const line = text.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  if (line === "") return "";
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  // GitHub Flavored Markdown, 4.10: a pipe splits cells even in code, unless it is escaped
  const inner = line.replaceAll("|", "\\|");
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${inner}${pad}${fence}`;
}

/** A link, or its text alone where the address is none of the web's. */
export function link(text: string, address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "") return text;
  const target = url.href.replaceAll(
    /[<>()|`\\]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `[${text}](<${target}>)`;
}
